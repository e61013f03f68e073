// Small integers for what repeats: types, parameters, codes, labels, and the keys of references' targets.
import { LABEL_BITS, OTHER_LABELS } from './schema.ts'
import { atMost, type Fragment, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import type { SecurityLabel } from '../access-filter.ts'

export interface Param {
  readonly tp: number
  /** Its tokens are stored as text (`tokenText`), not by dictionary. */
  readonly asText: boolean
}

const KEPT = 50_000

/** Parameters whose values rarely repeat: a dictionary would hold one entry a resource. */
const RARELY_REPEATS = /(^|[-:])identifier(:of-type)?$|^(phone|email|telecom)$/

/** Stands between code and system of a token kept as text; legal in neither. */
export const SEPARATOR = '\u001f'

export function tokenText(system: string, code: string): string {
  return code + SEPARATOR + system
}

/** Looks up. Entries are never changed nor removed, so that what was found once stays true. */
export class Dictionary {
  protected readonly statements: Statements
  protected readonly known = new Map<string, unknown>()

  constructor(statements: Statements) {
    this.statements = statements
  }

  type(name: string): number | undefined {
    return this.find(`T${name}`, sql`SELECT code FROM type WHERE name = ${name}`)
  }

  /** The names of all types there are. */
  types(): ReadonlySet<string> {
    return new Set(
      this.statements.rows<[string]>(sql`SELECT name FROM type WHERE name > ''`).map(([name]) => name),
    )
  }

  typeName(code: number): string {
    return this.find<string>(`N${code}`, sql`SELECT name FROM type WHERE code = ${code}`)!
  }

  param(type: number, name: string): Param | undefined {
    const key = `P${type} ${name}`
    const known = this.known.get(key) as Param | undefined
    if (known !== undefined) return known
    const row = this.statements.row<[number, number]>(
      sql`SELECT tp, form FROM param WHERE type = ${type} AND name = ${name}`,
    )
    return row && this.remember(key, { tp: row[0], asText: row[1] === 1 })
  }

  /** A token's code in the dictionary. */
  token(system: string, code: string): number | undefined {
    return this.find(
      `K${code}${SEPARATOR}${system}`,
      sql`SELECT code FROM dict WHERE val = ${code} AND sys = ${system}`,
    )
  }

  /** The dictionary's codes of this code in any system, or of any code in this system, at most `limit`. */
  tokens(system: string | undefined, code: string | undefined, limit: number): number[] {
    const found =
      code === undefined
        ? sql`SELECT code FROM dict WHERE sys = ${system!} ${atMost(limit)}`
        : sql`SELECT code FROM dict WHERE val = ${code} AND sys IS NOT NULL ${atMost(limit)}`
    return this.statements.rows<[number]>(found).map(([one]) => one)
  }

  /** The dictionary's codes of this code in any system, of those that stand in the index under a parameter now. */
  tokensUnder(tp: number, code: string): number[] {
    const found = sql`SELECT code FROM dict WHERE val = ${code} AND sys IS NOT NULL AND EXISTS (SELECT 1 FROM tok x WHERE x.tp = ${tp} AND x.val = +dict.code LIMIT 1)`
    return this.statements.rows<[number]>(found).map(([one]) => one)
  }

  /** A text that is no token: a URL, a unit, a system of units. */
  text(text: string): number | undefined {
    return this.find(`X${text}`, sql`SELECT code FROM dict WHERE val = ${text} AND sys IS NULL`)
  }

  label({ system, code }: SecurityLabel): number | undefined {
    return this.find(
      `L${code}${SEPARATOR}${system}`,
      sql`SELECT code FROM label WHERE sys = ${system} AND val = ${code}`,
    )
  }

  labelOf(code: number): SecurityLabel {
    const key = `M${code}`
    const known = this.known.get(key) as SecurityLabel | undefined
    if (known !== undefined) return known
    const [system, val] = this.statements.row<[string, string]>(
      sql`SELECT sys, val FROM label WHERE code = ${code}`,
    )!
    return this.remember(key, { system, code: val })
  }

  rid(type: number, id: string): number | undefined {
    return this.find(`R${type} ${id}`, sql`SELECT rid FROM res WHERE type = ${type} AND id = ${id}`)
  }

  protected ghost(type: number, id: string): number | undefined {
    return this.find(`G${type} ${id}`, sql`SELECT gid * -2 FROM ghost WHERE type = ${type} AND id = ${id}`)
  }

  /** Every key by which rows may refer to this resource: its own, and the one from before it was there. */
  keys(type: number | undefined, id: string): readonly number[] {
    if (type === undefined) return []
    const known = this.known.get(`Y${type} ${id}`) as readonly number[] | undefined
    if (known !== undefined) return known
    const rid = this.rid(type, id)
    const ghost = this.ghost(type, id)
    if (rid === undefined) return ghost === undefined ? [] : [ghost]
    // A resource that is there never gets a ghost any more.
    return this.remember(`Y${type} ${id}`, ghost === undefined ? [rid] : [rid, ghost])
  }

  protected find<Found = number>(key: string, query: Fragment): Found | undefined {
    const known = this.known.get(key) as Found | undefined
    if (known !== undefined) return known
    const found = this.statements.value<Found>(query)
    return found === undefined ? undefined : this.remember(key, found)
  }

  protected remember<Found>(key: string, found: Found): Found {
    if (this.known.size >= KEPT) this.known.delete(this.known.keys().next().value!)
    this.known.set(key, found)
    return found
  }
}

/** Adds what is not there yet; what a rollback takes back is forgotten. */
export class GrowingDictionary extends Dictionary {
  #added: string[] = []

  /** Where to go back to, should the transaction be rolled back. */
  mark(): number {
    return this.#added.length
  }

  forgetSince(mark: number): void {
    for (const key of this.#added.splice(mark)) this.known.delete(key)
  }

  /** What was added is durable now. */
  keep(): void {
    this.#added = []
  }

  addType(name: string): number {
    return (
      this.type(name) ?? this.#add(`T${name}`, sql`INSERT INTO type (name) VALUES (${name}) RETURNING code`)
    )
  }

  addParam(type: number, name: string): Param {
    const found = this.param(type, name)
    if (found !== undefined) return found
    const asText = RARELY_REPEATS.test(name)
    const tp = this.statements.value<number>(
      sql`INSERT INTO param (type, name, form) VALUES (${type}, ${name}, ${asText ? 1 : 0}) RETURNING tp`,
    )!
    const key = `P${type} ${name}`
    this.#added.push(key)
    return this.remember(key, { tp, asText })
  }

  addToken(system: string, code: string): number {
    return (
      this.token(system, code) ??
      this.#add(
        `K${code}${SEPARATOR}${system}`,
        sql`INSERT INTO dict (val, sys) VALUES (${code}, ${system}) RETURNING code`,
      )
    )
  }

  addText(text: string): number {
    return (
      this.text(text) ?? this.#add(`X${text}`, sql`INSERT INTO dict (val) VALUES (${text}) RETURNING code`)
    )
  }

  addLabel(label: SecurityLabel): number {
    const { system, code } = label
    return (
      this.label(label) ??
      this.#add(
        `L${code}${SEPARATOR}${system}`,
        sql`INSERT INTO label (code, sys, val) VALUES ((SELECT coalesce(max(code) + 1, 0) FROM label), ${system}, ${code}) RETURNING code`,
      )
    )
  }

  /** The key by which a row refers to a resource that may not be there yet. */
  addKey(type: number, id: string): number {
    return (
      this.rid(type, id) ??
      this.ghost(type, id) ??
      this.#add(
        `G${type} ${id}`,
        sql`INSERT INTO ghost (type, id) VALUES (${type}, ${id}) RETURNING gid * -2`,
      )
    )
  }

  /** A resource that is being created. */
  rememberRid(type: number, id: string, rid: number): void {
    this.#added.push(`R${type} ${id}`, `Y${type} ${id}`)
    this.remember(`R${type} ${id}`, rid)
  }

  #add(key: string, insert: Fragment): number {
    const code = this.statements.value<number>(insert)!
    this.#added.push(key)
    return this.remember(key, code)
  }
}

/** A URL's key among the targets of references: its place in the dictionary, negative and odd. */
export function urlKey(code: number): number {
  return code * -2 - 1
}

export function labelMask(labels: readonly number[]): number {
  let mask = 0
  for (const label of new Set(labels)) if (label < LABEL_BITS) mask += 2 ** label
  return labels.some((label) => label >= LABEL_BITS) ? mask + OTHER_LABELS : mask
}
