// A resource as one version left it: the rows kept with the version, taken apart when they are asked for.
import type { Dictionary } from './dictionary.ts'
import { SEPARATOR, urlKey } from './dictionary.ts'
import { commonOf, parseRow, readPacked, type Common, type PackedIndex, type Row } from './index-rows.ts'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

export interface VersionPlace {
  readonly rid: number
  readonly vid: number
  /** The type's code. */
  readonly type: number
  readonly id: string
  /** Milliseconds since 1970. */
  readonly lastUpdated: number
  readonly versionId: number
  /** See schema.ts. */
  readonly op: number
  /** Of its body. */
  readonly bytes: number
  /** Whether it is the latest version now, so that the index rows are its own. */
  readonly isCurrent: boolean
}

/** The rows of one version, in microseconds, roughly. */
const COST_TO_UNPACK = 20

/** A resource, or one that it contains. */
export class Standing {
  readonly place: VersionPlace
  readonly type: number
  /** Of a contained resource: its id within the container. */
  readonly id: string
  readonly container: Standing | undefined
  readonly #statements: Statements
  #packed: PackedIndex | undefined
  #lines: readonly string[] | undefined
  #rows: readonly Row[] | undefined
  #contained: readonly Standing[] | undefined

  constructor(
    statements: Statements,
    place: VersionPlace,
    part?: {
      readonly type: number
      readonly id: string
      readonly container: Standing
      readonly lines: readonly string[]
    },
  ) {
    this.#statements = statements
    this.place = place
    this.type = part?.type ?? place.type
    this.id = part?.id ?? place.id
    this.container = part?.container
    this.#lines = part?.lines
  }

  get rows(): readonly Row[] {
    return (this.#rows ??= this.#texts().map(parseRow))
  }

  /** Those of one table and parameter. */
  rowsOf(letter: Row[0], tp: number): readonly Row[] {
    const start = `["${letter}",${tp},`
    return this.#texts()
      .filter((text) => text.startsWith(start))
      .map(parseRow)
  }

  /** Parameter and key (`ref.tgt`) of each reference. */
  get references(): (readonly [tp: number, key: number])[] {
    const found: (readonly [tp: number, key: number])[] = []
    for (const text of this.#texts()) {
      if (!text.startsWith('["r"')) continue
      const row = parseRow(text)
      if (row[0] === 'r') found.push([row[1], row[2]])
    }
    return found
  }

  /** The keys that these parameters hold. */
  targets(isMeant: (tp: number) => boolean): number[] {
    return this.references.filter(([tp]) => isMeant(tp)).map(([, key]) => key)
  }

  get common(): Common {
    return commonOf(this.#whole())
  }

  get contained(): readonly Standing[] {
    if (this.container !== undefined) return []
    return (this.#contained ??= this.#whole().contained.map(
      ({ type, id, rows }) =>
        new Standing(this.#statements, this.place, { type, id, container: this, lines: rows }),
    ))
  }

  get body(): Buffer {
    return this.#statements.value<Buffer>(sql`SELECT body FROM body WHERE vid = ${this.place.vid}`)!
  }

  #texts(): readonly string[] {
    return this.#lines ?? this.#whole().rows
  }

  #unpacked(): PackedIndex {
    this.#statements.work.spend(COST_TO_UNPACK)
    return readPacked(
      this.#statements.value<string>(sql`SELECT rows FROM body WHERE vid = ${this.place.vid}`)!,
    )
  }

  #whole(): PackedIndex {
    if (this.container !== undefined) return this.container.#whole()
    return (this.#packed ??= this.#unpacked())
  }
}

/** Every key by which references lead to it, as a canonical too (../query/chain.ts). */
export function keysLeadingTo(standing: Standing, dictionary: Dictionary, words: RowWords): number[] {
  const keys = [...dictionary.keys(standing.type, standing.id)]
  const tp = dictionary.param(standing.type, 'url')?.tp
  if (tp === undefined) return keys
  const versions = versionsOf(standing, dictionary, words)
  for (const row of standing.rows) {
    if (row[0] !== 't' || row[1] !== tp) continue
    const url = words.uri(row[2])
    if (url === undefined) continue
    for (const text of [url, ...versions.map((version) => `${url}|${version}`)]) {
      const code = dictionary.text(text)
      if (code !== undefined) keys.push(urlKey(code))
    }
  }
  return keys
}

/** Of a canonical resource. */
export function versionsOf(standing: Standing, dictionary: Dictionary, words: RowWords): string[] {
  const tp = dictionary.param(standing.type, 'version')?.tp
  return standing.rows
    .filter((row) => row[0] === 't' && row[1] === tp)
    .map((row) => words.token(row[2] as number | string))
    .filter((token) => token?.system === '')
    .map((token) => token!.code)
}

/** What the numbers in rows stand for; what was looked up is kept. */
export class RowWords {
  readonly #statements: Statements
  readonly #known = new Map<number, { readonly val: string; readonly sys: string | null }>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** Of `tok.val`; undefined for a uri. */
  token(val: number | string): { readonly system: string; readonly code: string } | undefined {
    if (typeof val === 'number') {
      const { val: code, sys } = this.#entry(val)
      return { system: sys ?? '', code }
    }
    const at = val.indexOf(SEPARATOR)
    return at === 0 ? undefined : { code: val.slice(0, at), system: val.slice(at + 1) }
  }

  /** Of `tok.val`; undefined for a token. */
  uri(val: number | string): string | undefined {
    return typeof val === 'string' && val.startsWith(SEPARATOR) ? val.slice(SEPARATOR.length) : undefined
  }

  /** The URL that a key of a reference (negative, odd) stands for, as index-rows.ts writes it. */
  url(key: number): string {
    return this.#entry((key + 1) / -2).val
  }

  #entry(code: number): { readonly val: string; readonly sys: string | null } {
    let known = this.#known.get(code)
    if (known === undefined) {
      const row = this.#statements.row<[string, string | null]>(
        sql`SELECT val, sys FROM dict WHERE code = ${code}`,
      )!
      known = { val: row[0], sys: row[1] }
      this.#known.set(code, known)
    }
    return known
  }
}

/** A canonical with the version it names; undefined for the key that stands for any version, which never stands alone. */
export function canonicalOf(
  text: string,
): { readonly url: string; readonly version: string | undefined } | undefined {
  const at = text.indexOf('|')
  if (at < 0) return { url: text, version: undefined }
  return at === text.length - 1 ? undefined : { url: text.slice(0, at), version: text.slice(at + 1) }
}
