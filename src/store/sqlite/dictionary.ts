// Small integers for what repeats: types, parameters, codes, labels, and the keys of references' targets.
import { PairMemory } from './pair-memory.ts'
import { LABEL_BITS, OTHER_LABELS } from './schema.ts'
import { atMost, type Fragment, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import type { SecurityLabel } from '../access-filter.ts'

export interface Param {
  readonly tp: number
  /** Its tokens are stored as text (`tokenText`), not by dictionary. */
  readonly asText: boolean
}

export interface NamedParam {
  readonly tp: number
  readonly name: string
  /** Its code. */
  readonly type: number
  readonly typeName: string
}

/** Of each kind. */
const KEPT = 30_000

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
  protected readonly knownTypes = new PairMemory<undefined, number>(KEPT)
  protected readonly knownParams = new PairMemory<number, Param>(KEPT)
  protected allParams: readonly NamedParam[] = []
  /** By system; texts that are no tokens have none. */
  protected readonly knownCodes = new PairMemory<string | undefined, number>(KEPT)
  protected readonly knownLabels = new PairMemory<string, number>(KEPT)
  protected readonly knownRids = new PairMemory<number, number>(KEPT)
  protected readonly knownGhosts = new PairMemory<number, number>(KEPT)
  readonly #keys = new PairMemory<number, readonly number[]>(KEPT)
  readonly #typeNames = new Map<number, string>()
  readonly #labelsOf = new Map<number, SecurityLabel>()

  constructor(statements: Statements) {
    this.statements = statements
  }

  type(name: string): number | undefined {
    return (
      this.knownTypes.get(undefined, name) ??
      this.statements.snapshot.once(`type ${name}`, () =>
        this.#found(this.knownTypes, undefined, name, sql`SELECT code FROM type WHERE name = ${name}`),
      )
    )
  }

  /** The names of all types there are. */
  types(): ReadonlySet<string> {
    const { statements } = this
    return statements.snapshot.once(
      'types',
      () =>
        new Set(statements.rows<[string]>(sql`SELECT name FROM type WHERE name > ''`).map(([name]) => name)),
    )
  }

  typeName(code: number): string {
    const known = this.#typeNames.get(code)
    if (known !== undefined) return known
    const name = this.statements.value<string>(sql`SELECT name FROM type WHERE code = ${code}`)!
    if (this.#typeNames.size < KEPT) this.#typeNames.set(code, name)
    return name
  }

  param(type: number, name: string): Param | undefined {
    const known = this.knownParams.get(type, name)
    if (known !== undefined) return known
    const row = this.statements.snapshot.once(`param ${type} ${name}`, () =>
      this.statements.row<[number, number]>(
        sql`SELECT tp, form FROM param WHERE type = ${type} AND name = ${name}`,
      ),
    )
    return row && this.knownParams.set(type, name, { tp: row[0], asText: row[1] === 1 })
  }

  /** Of all types, in the order of their numbers. */
  params(): readonly NamedParam[] {
    const last = this.statements.value<number>(sql`SELECT coalesce(max(tp), 0) FROM param`)!
    if (last === (this.allParams.at(-1)?.tp ?? 0)) return this.allParams
    const rows = this.statements.rows<[number, string, number, string]>(
      sql`SELECT p.tp, p.name, p.type, t.name FROM param p CROSS JOIN type t ON t.code = p.type ORDER BY p.tp`,
    )
    this.allParams = rows.map(([tp, name, type, typeName]) => ({ tp, name, type, typeName }))
    return this.allParams
  }

  /** A token's code in the dictionary. */
  token(system: string, code: string): number | undefined {
    return (
      this.knownCodes.get(system, code) ??
      this.#found(
        this.knownCodes,
        system,
        code,
        sql`SELECT code FROM dict WHERE val = ${code} AND sys = ${system}`,
      )
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
  tokensUnder(tp: number, code: string): readonly number[] {
    const { statements } = this
    return statements.snapshot.once(`code ${tp} ${code}`, () => {
      const found = sql`SELECT code FROM dict WHERE val = ${code} AND sys IS NOT NULL AND EXISTS (SELECT 1 FROM tok x WHERE x.tp = ${tp} AND x.val = +dict.code LIMIT 1)`
      return statements.rows<[number]>(found).map(([one]) => one)
    })
  }

  /** A text that is no token: a URL, a unit, a system of units. */
  text(text: string): number | undefined {
    return (
      this.knownCodes.get(undefined, text) ??
      this.#found(
        this.knownCodes,
        undefined,
        text,
        sql`SELECT code FROM dict WHERE val = ${text} AND sys IS NULL`,
      )
    )
  }

  label({ system, code }: SecurityLabel): number | undefined {
    return (
      this.knownLabels.get(system, code) ??
      // Many are asked for with every search that nothing has yet.
      this.statements.snapshot.once(`label ${system.length} ${system} ${code}`, () =>
        this.#found(
          this.knownLabels,
          system,
          code,
          sql`SELECT code FROM label WHERE sys = ${system} AND val = ${code}`,
        ),
      )
    )
  }

  labelOf(code: number): SecurityLabel {
    const known = this.#labelsOf.get(code)
    if (known !== undefined) return known
    const [system, val] = this.statements.row<[string, string]>(
      sql`SELECT sys, val FROM label WHERE code = ${code}`,
    )!
    const label = { system, code: val }
    if (this.#labelsOf.size < KEPT) this.#labelsOf.set(code, label)
    return label
  }

  rid(type: number, id: string): number | undefined {
    return (
      this.knownRids.get(type, id) ??
      this.#found(this.knownRids, type, id, sql`SELECT rid FROM res WHERE type = ${type} AND id = ${id}`)
    )
  }

  protected ghost(type: number, id: string): number | undefined {
    return (
      this.knownGhosts.get(type, id) ??
      this.#found(
        this.knownGhosts,
        type,
        id,
        sql`SELECT gid * -2 FROM ghost WHERE type = ${type} AND id = ${id}`,
      )
    )
  }

  /** Every key by which rows may refer to this resource: its own, and the one from before it was there. */
  keys(type: number | undefined, id: string): readonly number[] {
    if (type === undefined) return []
    const known = this.#keys.get(type, id)
    if (known !== undefined) return known
    const rid = this.rid(type, id)
    const ghost = this.ghost(type, id)
    if (rid === undefined) return ghost === undefined ? [] : [ghost]
    const keys = ghost === undefined ? [rid] : [rid, ghost]
    // A resource that is there never gets a ghost any more.
    return this.#keys.set(type, id, keys)
  }

  /** Whether no row can refer to it. `isAbsent`: it is known not to be there. */
  isUnnamed(type: number | undefined, id: string, isAbsent: boolean): boolean {
    if (type === undefined) return true
    return isAbsent ? this.ghost(type, id) === undefined : this.keys(type, id).length === 0
  }

  #found<First>(
    memory: PairMemory<First, number>,
    first: First,
    second: string,
    query: Fragment,
  ): number | undefined {
    const found = this.statements.value<number>(query)
    return found === undefined ? undefined : memory.set(first, second, found)
  }
}

/** Adds what is not there yet; what a rollback takes back is forgotten. */
export class GrowingDictionary extends Dictionary {
  /** Each takes back one that the transaction at hand has added. */
  #added: (() => void)[] = []
  /** Those that the transaction at hand creates, by type and id; their rows may wait. */
  readonly #created = new Map<number, Map<string, number>>()

  /** Where to go back to, should the transaction be rolled back. */
  mark(): number {
    return this.#added.length
  }

  forgetSince(mark: number): void {
    for (const takeBack of this.#added.splice(mark)) takeBack()
  }

  /** What was added is durable now. */
  keep(): void {
    this.#added = []
    this.#created.clear()
  }

  addType(name: string): number {
    return (
      this.type(name) ??
      this.#add(
        this.knownTypes,
        undefined,
        name,
        sql`INSERT INTO type (name) VALUES (${name}) RETURNING code`,
      )
    )
  }

  addParam(type: number, name: string): Param {
    const found = this.param(type, name)
    if (found !== undefined) return found
    const asText = RARELY_REPEATS.test(name)
    const tp = this.statements.value<number>(
      sql`INSERT INTO param (type, name, form) VALUES (${type}, ${name}, ${asText ? 1 : 0}) RETURNING tp`,
    )!
    this.#added.push(() => {
      this.knownParams.delete(type, name)
      this.allParams = []
    })
    return this.knownParams.set(type, name, { tp, asText })
  }

  addToken(system: string, code: string): number {
    return (
      this.token(system, code) ??
      this.#add(
        this.knownCodes,
        system,
        code,
        sql`INSERT INTO dict (val, sys) VALUES (${code}, ${system}) RETURNING code`,
      )
    )
  }

  addText(text: string): number {
    return (
      this.text(text) ??
      this.#add(this.knownCodes, undefined, text, sql`INSERT INTO dict (val) VALUES (${text}) RETURNING code`)
    )
  }

  addLabel(label: SecurityLabel): number {
    const { system, code } = label
    return (
      this.label(label) ??
      this.#add(
        this.knownLabels,
        system,
        code,
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
        this.knownGhosts,
        type,
        id,
        sql`INSERT INTO ghost (type, id) VALUES (${type}, ${id}) RETURNING gid * -2`,
      )
    )
  }

  /** A resource that is being created. */
  rememberRid(type: number, id: string, rid: number): void {
    const some = this.#created.get(type)
    if (some === undefined) this.#created.set(type, new Map([[id, rid]]))
    else some.set(id, rid)
    this.#added.push(() => this.#created.get(type)?.delete(id))
  }

  /** Of a resource that the transaction at hand creates. */
  createdRid(type: number, id: string): number | undefined {
    return this.#created.get(type)?.get(id)
  }

  override rid(type: number, id: string): number | undefined {
    return this.createdRid(type, id) ?? super.rid(type, id)
  }

  override keys(type: number | undefined, id: string): readonly number[] {
    const created = type === undefined ? undefined : this.createdRid(type, id)
    if (type === undefined || created === undefined) return super.keys(type, id)
    const ghost = this.ghost(type, id)
    return ghost === undefined ? [created] : [created, ghost]
  }

  #add<First>(memory: PairMemory<First, number>, first: First, second: string, insert: Fragment): number {
    const code = this.statements.value<number>(insert)!
    this.#added.push(() => memory.delete(first, second))
    return memory.set(first, second, code)
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
