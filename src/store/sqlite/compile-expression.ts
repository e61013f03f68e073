// A query tree as a condition on one row at hand: an exact probe of an index for each leaf.
import { SEPARATOR, tokenText, urlKey, type Dictionary, type Param } from './dictionary.ts'
import { uriText } from './index-rows.ts'
import { amountHolds, rangeHolds } from './ranges.ts'
import type { Moment } from './moment.ts'
import { allOf, anyOf, FALSE, isIn, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { AccessFilter } from '../access-filter.ts'
import { visitExpression, type Expression } from '../query/expression.ts'
import type { LastUpdatedMatch } from '../query/last-updated.ts'
import type { QuantityMatch } from '../query/quantity.ts'
import type { ReferenceMatch } from '../query/reference.ts'
import type { TokenMatch } from '../query/token.ts'

/** SQL for what is known of the row at hand. */
export interface RowAtHand {
  readonly rid: Fragment
  readonly dt: Fragment
  readonly seq: Fragment
}

export interface CompileContext {
  /** The code of the type that the row at hand has, and its name. */
  readonly type: number
  readonly typeName: string
  readonly dictionary: Dictionary
  /** For searches that have to be made before one can be planned. */
  readonly statements: Statements
  readonly access: AccessFilter
  /** Undefined: now. */
  readonly moment: Moment | undefined
  /** The least sequence number written at or after a time, in milliseconds since 1970. */
  readonly seqAt: (time: number) => number
}

export function compileExpression(node: Expression, row: RowAtHand, context: CompileContext): Fragment {
  const { dictionary, type } = context
  const withParam = (name: string, then: (param: Param) => Fragment): Fragment => {
    const param = dictionary.param(type, name)
    return param === undefined ? FALSE : then(param)
  }
  const dated = sql`x.dt = ${row.dt} AND x.rid = ${row.rid}`
  const tok = (tp: number, val: Fragment) =>
    sql`EXISTS (SELECT 1 FROM tok x WHERE x.tp = ${tp} AND x.val ${val} AND ${dated} LIMIT 1)`

  return visitExpression<Fragment>(node, {
    and: ({ all }) => allOf(all.map((part) => compileExpression(part, row, context))),
    or: ({ any }) => anyOf(mergeAlternatives(any, row, context)),
    id: ({ id }) => {
      const rid = dictionary.rid(type, id)
      return rid === undefined ? FALSE : sql`${row.rid} = ${rid}`
    },
    'last-updated': (match) => seqRange(match, row.seq, context),
    token: (match) =>
      withParam(match.param, (param) => {
        const values = tokenValues(match, param, dictionary)
        if (values !== undefined) return values.length === 0 ? FALSE : tok(param.tp, isIn(values))
        const { system, code } = match
        // Probes by value need few values: a whole system's are collected once, and looked up.
        return code === undefined
          ? sql`+${row.rid} IN (SELECT x.rid FROM tok x WHERE x.tp = ${param.tp} AND ${tokensOf(system, param, 'x')})`
          : sql`EXISTS (SELECT 1 FROM tok x WHERE x.tp = ${param.tp} AND ${beginsWith(code + SEPARATOR, 'x')} AND x.rid = ${row.rid} LIMIT 1)`
      }),
    not: notYet,
    presence: notYet,
    compartment: notYet,
    'token-set': notYet,
    near: notYet,
    text: notYet,
    composite: notYet,
    chain: notYet,
    has: notYet,
    contains: notYet,
    uri: ({ param, value }) => withParam(param, ({ tp }) => tok(tp, isIn([uriText(value)]))),
    string: ({ param, value }) =>
      withParam(
        param,
        ({ tp }) =>
          sql`EXISTS (SELECT 1 FROM str x INDEXED BY str_r WHERE x.rid = ${row.rid} AND x.tp = ${tp} AND ${beginsWith(value, 'x')} LIMIT 1)`,
      ),
    reference: (match) =>
      withParam(match.param, ({ tp }) => {
        const keys = targetKeys(match, dictionary)
        return keys.length === 0
          ? FALSE
          : sql`EXISTS (SELECT 1 FROM ref x WHERE x.tp = ${tp} AND x.tgt ${isIn(keys)} AND ${dated} LIMIT 1)`
      }),
    date: (match) =>
      withParam(
        match.param,
        ({ tp }) =>
          sql`EXISTS (SELECT 1 FROM dat x INDEXED BY dat_r WHERE x.rid = ${row.rid} AND x.tp = ${tp} AND ${rangeHolds(match, raw('x.lo'), raw('x.hi'))} LIMIT 1)`,
      ),
    number: (match) =>
      withParam(
        match.param,
        ({ tp }) =>
          sql`EXISTS (SELECT 1 FROM qty x INDEXED BY qty_r WHERE x.rid = ${row.rid} AND x.tp = ${tp} AND ${amountHolds(match, raw('x.lo'), raw('x.hi'))} LIMIT 1)`,
      ),
    quantity: (match) =>
      withParam(match.param, ({ tp }) => {
        const unit = unitHolds(match, 'x', dictionary)
        return unit === FALSE
          ? FALSE
          : sql`EXISTS (SELECT 1 FROM qty x INDEXED BY qty_r WHERE x.rid = ${row.rid} AND x.tp = ${tp} AND ${amountHolds(match, raw('x.lo'), raw('x.hi'))} AND ${unit} LIMIT 1)`
      }),
  })
}

/** Tokens, references and ids of one parameter become one probe with a list of values. */
function mergeAlternatives(any: readonly Expression[], row: RowAtHand, context: CompileContext): Fragment[] {
  const { dictionary, type } = context
  const values = new Map<number, (number | string)[]>()
  const targets = new Map<number, number[]>()
  const rids: number[] = []
  const rest: Fragment[] = []
  for (const node of any) {
    if (node.kind === 'id') {
      const rid = dictionary.rid(type, node.id)
      if (rid !== undefined) rids.push(rid)
      continue
    }
    if (node.kind === 'token' || node.kind === 'reference') {
      const param = dictionary.param(type, node.param)
      if (param === undefined) continue
      if (node.kind === 'reference') {
        append(targets, param.tp, targetKeys(node, dictionary))
        continue
      }
      const found = tokenValues(node, param, dictionary)
      if (found !== undefined) {
        append(values, param.tp, found)
        continue
      }
    }
    rest.push(compileExpression(node, row, context))
  }
  if (rids.length > 0) rest.push(sql`+${row.rid} ${isIn(rids)}`)
  for (const [tp, list] of values) {
    rest.push(
      sql`EXISTS (SELECT 1 FROM tok x WHERE x.tp = ${tp} AND x.val ${isIn(list)} AND x.dt = ${row.dt} AND x.rid = ${row.rid} LIMIT 1)`,
    )
  }
  for (const [tp, list] of targets) {
    rest.push(
      sql`EXISTS (SELECT 1 FROM ref x WHERE x.tp = ${tp} AND x.tgt ${isIn(list)} AND x.dt = ${row.dt} AND x.rid = ${row.rid} LIMIT 1)`,
    )
  }
  return rest
}

function append<Value>(lists: Map<number, Value[]>, key: number, values: readonly Value[]): void {
  if (values.length === 0) return
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [...values])
  else list.push(...values)
}

/** More codes than this are not spelled out. */
const FEW_CODES = 50

/** The values that a token may have in `tok.val`; undefined when they are not few, or a range. */
export function tokenValues(
  { system, code }: TokenMatch,
  { asText }: Param,
  dictionary: Dictionary,
): (number | string)[] | undefined {
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

/** Any code of a system, or of any, on the alias's `val`. */
export function tokensOf(system: string | undefined, { asText }: Param, alias: string): Fragment {
  if (system === undefined) return TRUE
  const val = raw(`${alias}.val`)
  if (!asText) return sql`${val} IN (SELECT code FROM dict WHERE sys = ${system})`
  const ending = SEPARATOR + system
  return sql`substr(${val}, ${-[...ending].length}) = ${ending}`
}

/** Texts in the order of their code points, as SQLite compares UTF-8. */
export function beginsWith(prefix: string, alias: string): Fragment {
  const val = raw(`${alias}.val`)
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

export function targetKeys({ target }: ReferenceMatch, dictionary: Dictionary): number[] {
  if (target.kind === 'local') {
    return target.types.flatMap((type) => dictionary.keys(dictionary.type(type), target.id))
  }
  const code = dictionary.text(target.url)
  return code === undefined ? [] : [urlKey(code)]
}

/** On the columns `sys`, `code`, `unit` of the alias. */
export function unitHolds({ system, code }: QuantityMatch, alias: string, dictionary: Dictionary): Fragment {
  const known = (text: string) => (text === '' ? 0 : dictionary.text(text))
  const conditions: Fragment[] = []
  if (system !== undefined) {
    const wanted = known(system)
    conditions.push(wanted === undefined ? FALSE : sql`${raw(alias)}.sys = ${wanted}`)
  }
  if (code !== undefined) {
    const wanted = known(code)
    if (wanted === undefined) conditions.push(FALSE)
    else if (system !== undefined) conditions.push(sql`${raw(alias)}.code = ${wanted}`)
    else conditions.push(sql`(${raw(alias)}.code = ${wanted} OR ${raw(alias)}.unit = ${wanted})`)
  }
  return allOf(conditions)
}

/** Times never decrease, so a range of times is a range of sequence numbers (../query/last-updated.ts). */
export function seqRange(match: LastUpdatedMatch, seq: Fragment, context: CompileContext): Fragment {
  const { low, high } = match
  const from = (time: number) => (time === -Infinity ? TRUE : sql`${seq} >= ${context.seqAt(time)}`)
  const before = (time: number) => (time === Infinity ? TRUE : sql`${seq} < ${context.seqAt(time)}`)
  // An instant t is [t, t + 1), so t + 1 <= high says t < high for whole milliseconds.
  switch (match.comparator) {
    case 'eq':
    case 'ap':
      return allOf([from(low), before(high)])
    case 'ne':
      return anyOf([negated(from(low)), negated(before(high))])
    case 'gt':
    case 'sa':
      return high === Infinity ? FALSE : sql`${seq} >= ${context.seqAt(high)}`
    case 'lt':
    case 'eb':
      return low === -Infinity ? FALSE : sql`${seq} < ${context.seqAt(low)}`
    case 'ge':
      return from(low)
    case 'le':
      return before(high)
  }
}

function negated(condition: Fragment): Fragment {
  return condition === TRUE ? FALSE : sql`NOT ${condition}`
}

export function notYet(): never {
  throw new Error('not yet')
}
