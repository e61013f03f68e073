// What the values of single conditions are in the tables: codes, texts and keys, and ranges of them.
import { SEPARATOR, tokenText, urlKey, type Dictionary, type Param } from './dictionary.ts'
import { anyVersionOf, uriText } from './index-rows.ts'
import { allOf, anyOf, FALSE, isIn, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { LastUpdatedMatch } from '../query/last-updated.ts'
import type { QuantityMatch } from '../query/quantity.ts'
import type { ReferenceMatch } from '../query/reference.ts'
import type { StringMatch, StringOrderMatch } from '../query/string.ts'
import type { TokenMatch } from '../query/token.ts'
import type { TokenSetMatch } from '../query/token-set.ts'
import type { UnlikeMatch } from '../query/unlike.ts'
import type { UriBelowMatch } from '../query/uri.ts'

/** More codes than this are not spelled out. */
const FEW_CODES = 50

/** The values that a token may have in `tok.val`; undefined when they are not few, or a range. */
function tokenValues(
  { system, code }: Pick<TokenMatch, 'system' | 'code'>,
  { asText }: Param,
  dictionary: Dictionary,
): readonly (number | string)[] | undefined {
  if (system !== undefined && code !== undefined) {
    if (asText) return [tokenText(system, code)]
    const value = dictionary.token(system, code)
    return value === undefined ? [] : [value]
  }
  if (asText || (system === undefined && code === undefined)) return undefined
  const limit = code === undefined ? FEW_CODES + 1 : -1
  const values = dictionary.tokens(system, code, limit)
  return values.length > FEW_CODES && code === undefined ? undefined : values
}

/** `tokenValues` as far as any resource has them: a code is in more systems than a parameter has it of. */
export function indexedTokenValues(
  match: Pick<TokenMatch, 'system' | 'code'>,
  param: Param,
  dictionary: Dictionary,
): readonly (number | string)[] | undefined {
  return match.system === undefined && match.code !== undefined && !param.asText
    ? dictionary.tokensUnder(param.tp, match.code)
    : tokenValues(match, param, dictionary)
}

/** That the value `val` is one of a token's; any code of a system, or of any. */
export function tokenHolds(match: TokenMatch, param: Param, val: Fragment, dictionary: Dictionary): Fragment {
  const values = tokenValues(match, param, dictionary)
  if (values !== undefined) return values.length === 0 ? FALSE : sql`${val} ${isIn(values)}`
  return match.code === undefined
    ? tokensOf(match.system, param, val)
    : beginsWith(match.code + SEPARATOR, val)
}

/** Any code of a system, or of any. */
function tokensOf(system: string | undefined, { asText }: Param, val: Fragment): Fragment {
  if (system === undefined) return isToken(val)
  if (!asText) return sql`EXISTS (SELECT 1 FROM dict y WHERE y.code = ${val} AND y.sys = ${system})`
  const ending = SEPARATOR + system
  return sql`substr(${val}, ${-[...ending].length}) = ${ending}`
}

/** `tok` holds tokens and uris, which begin with the separator. */
export function isToken(val: Fragment): Fragment {
  return sql`substr(${val}, 1, 1) <> ${SEPARATOR}`
}

/** What a set of codes is in `tok.val`: values, and systems whose every code is meant. */
export interface SetValues {
  readonly values: readonly (number | string)[]
  readonly systems: readonly string[]
}

export function setValues({ sets }: TokenSetMatch, { asText }: Param, statements: Statements): SetValues {
  // Most codes of a large set stand in no resource, so none is looked up by itself.
  const known = (system: string, codes: readonly string[]) =>
    statements
      .rows<[number]>(
        sql`SELECT code FROM dict INDEXED BY dict_v WHERE val IN (SELECT value FROM json_each(${JSON.stringify(codes)})) AND sys = ${system}`,
      )
      .map(([code]) => code)
  const values = new Set<number | string>()
  const systems: string[] = []
  for (const { system, codes } of sets) {
    if (codes === 'all') systems.push(system)
    else if (asText) for (const code of codes) values.add(tokenText(system, code))
    else for (const value of known(system, codes)) values.add(value)
  }
  return { values: [...values], systems }
}

/** That the value `val` is one of the set's. */
export function setHolds({ values, systems }: SetValues, param: Param, val: Fragment): Fragment {
  return anyOf([
    values.length === 0 ? FALSE : sql`${val} ${isIn(values)}`,
    ...systems.map((system) => tokensOf(system, param, val)),
  ])
}

/** That a value in `tok` is that of a URI which begins so. */
export function uriBegins({ prefix }: UriBelowMatch, val: Fragment): Fragment {
  return beginsWith(uriText(prefix), val)
}

export function stringOrder({ comparator, value }: StringOrderMatch, val: Fragment): Fragment {
  return sql`${val} ${raw({ gt: '>', lt: '<', ge: '>=', le: '<=' }[comparator])} ${value}`
}

/** That a value of the leaf's kind is another than the leaf asks for. `exact` is for strings alone. */
export function isUnlike(
  { leaf }: UnlikeMatch,
  param: Param,
  columns: { readonly val: Fragment; readonly exact: Fragment },
  dictionary: Dictionary,
): Fragment {
  const { val, exact } = columns
  switch (leaf.kind) {
    case 'token':
      return allOf([isToken(val), negated(tokenHolds(leaf, param, val, dictionary))])
    case 'uri':
      return sql`substr(${val}, 1, 1) = ${SEPARATOR} AND ${val} <> ${uriText(leaf.value)}`
    case 'string':
      return negated(stringHolds(leaf, val, exact))
  }
}

/** `exact` as in the tables: '' where it is the folded text itself. */
export function stringHolds({ mode, value }: StringMatch, val: Fragment, exact: Fragment): Fragment {
  switch (mode) {
    case 'starts':
      return beginsWith(value, val)
    case 'contains':
      return sql`instr(${val}, ${value}) > 0`
    case 'ends':
      return value === '' ? TRUE : sql`substr(${val}, ${-[...value].length}) = ${value}`
    case 'equals':
      return sql`${val} = ${value}`
    case 'exact':
      return sql`CASE ${exact} WHEN '' THEN ${val} ELSE ${exact} END = ${value}`
  }
}

/** Texts in the order of their code points, as SQLite compares UTF-8. */
export function beginsWith(prefix: string, val: Fragment): Fragment {
  const end = afterAll(prefix)
  return end === undefined ? sql`${val} >= ${prefix}` : sql`${val} >= ${prefix} AND ${val} < ${end}`
}

/** The least text above all that begin so; undefined when there is none. */
function afterAll(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0)!)
  while (points.length > 0) {
    const last = points.pop()!
    if (last === 0x10ffff) continue
    const next = last === 0xd7ff ? 0xe000 : last + 1
    return String.fromCodePoint(...points, next)
  }
  return undefined
}

/** Keys in `ref.tgt`. A URL alone also means every version of it, see `anyVersionOf`. */
export function targetKeys({ target }: ReferenceMatch, dictionary: Dictionary): number[] {
  if (target.kind === 'local') {
    return target.types.flatMap((type) => dictionary.keys(dictionary.type(type), target.id))
  }
  const texts = target.url.includes('|') ? [target.url] : [target.url, anyVersionOf(target.url)]
  return texts
    .map((text) => dictionary.text(text))
    .filter((code) => code !== undefined)
    .map(urlKey)
}

/** `sys`, `code` and `unit` are columns or expressions. */
export function unitHolds(
  { system, code }: QuantityMatch,
  columns: { readonly sys: Fragment; readonly code: Fragment; readonly unit: Fragment },
  dictionary: Dictionary,
): Fragment {
  const known = (text: string) => (text === '' ? 0 : dictionary.text(text))
  const conditions: Fragment[] = []
  if (system !== undefined) {
    const wanted = known(system)
    conditions.push(wanted === undefined ? FALSE : sql`${columns.sys} = ${wanted}`)
  }
  if (code !== undefined) {
    const wanted = known(code)
    if (wanted === undefined) conditions.push(FALSE)
    else if (system !== undefined) conditions.push(sql`${columns.code} = ${wanted}`)
    else conditions.push(sql`(${columns.code} = ${wanted} OR ${columns.unit} = ${wanted})`)
  }
  return allOf(conditions)
}

/** The columns of `qty` for `unitHolds`. */
export function unitColumns(alias: string): Parameters<typeof unitHolds>[1] {
  return { sys: raw(`${alias}.sys`), code: raw(`${alias}.code`), unit: raw(`${alias}.unit`) }
}

/**
 * Times never decrease, so a range of times is a range of sequence numbers (../query/last-updated.ts).
 * @param seqAt the least sequence number written at or after a time, in milliseconds since 1970
 */
export function seqRange(
  { comparator, low, high }: LastUpdatedMatch,
  seq: Fragment,
  seqAt: (time: number) => number,
): Fragment {
  const from = (time: number) => (time === -Infinity ? TRUE : sql`${seq} >= ${seqAt(time)}`)
  const before = (time: number) => (time === Infinity ? TRUE : sql`${seq} < ${seqAt(time)}`)
  // An instant t is [t, t + 1), so t + 1 <= high says t < high for whole milliseconds.
  switch (comparator) {
    case 'eq':
    case 'ap':
      return allOf([from(low), before(high)])
    case 'ne':
      return anyOf([negated(from(low)), negated(before(high))])
    case 'gt':
    case 'sa':
      return high === Infinity ? FALSE : sql`${seq} >= ${seqAt(high)}`
    case 'lt':
    case 'eb':
      return low === -Infinity ? FALSE : sql`${seq} < ${seqAt(low)}`
    case 'ge':
      return from(low)
    case 'le':
      return before(high)
  }
}

/** Of a condition that is never NULL. */
export function negated(condition: Fragment): Fragment {
  if (condition === TRUE) return FALSE
  return condition === FALSE ? TRUE : sql`NOT (${condition})`
}
