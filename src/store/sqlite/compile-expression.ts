// A query tree as a condition on one row at hand: an exact probe of an index for each leaf.
import { inCompartments, patientKeys } from './access-clause.ts'
import { datesApart } from './clinical-bounds.ts'
import { compositeHolds } from './compile-composite.ts'
import { chainHolds, containsHolds, hasHolds, isContained, nearestFirst } from './compile-links.ts'
import type { Dictionary, Param } from './dictionary.ts'
import { uriText } from './index-rows.ts'
import {
  indexedTokenValues,
  isToken,
  isUnlike,
  negated,
  seqRange,
  setHolds,
  setValues,
  stringHolds,
  stringOrder,
  targetKeys,
  tokenHolds,
  unitColumns,
  unitHolds,
  uriBegins,
} from './leaf-values.ts'
import type { Moment } from './moment.ts'
import { isNear } from './near-box.ts'
import { amountHolds, rangeHolds } from './ranges.ts'
import { allOf, anyOf, FALSE, isIn, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import { textClause } from './text-index.ts'
import type { AccessFilter } from '../access-filter.ts'
import type { IndexEntry } from '../index-entry.ts'
import type { DateMatch } from '../query/date.ts'
import { visitExpression, type Expression } from '../query/expression.ts'

export { targetKeys } from './leaf-values.ts'

/** SQL for what is known of the row at hand. */
export interface RowAtHand {
  readonly rid: Fragment
  readonly dt: Fragment
  readonly seq: Fragment
  /** The rows' alias: it has `rid`, `pat` and `lab`. */
  readonly alias: string
  /** How many other rows led to it; within it, no alias ends in a higher number. */
  readonly depth: number
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

/** The condition is never NULL. */
export function compileExpression(node: Expression, row: RowAtHand, context: CompileContext): Fragment {
  const { dictionary, statements, type } = context
  const withParam = (name: string, then: (param: Param) => Fragment): Fragment => {
    const param = dictionary.param(type, name)
    return param === undefined ? FALSE : then(param)
  }
  /** Some row of an index that begins with `rid` and `tp`. */
  const some = (table: keyof typeof BY_RID, tp: number, holds: Fragment) => exists(table, tp, holds, row)
  const [val, lo, hi] = [raw('x.val'), LO, HI]

  return visitExpression<Fragment>(node, {
    and: ({ all }) => compileAll(all, row, context),
    or: ({ any }) => anyOf(mergeAlternatives(any, row, context)),
    not: (match) => negated(compileExpression(match.node, row, context)),
    id: ({ id }) => {
      if (isContained(context)) return hasLocalId(id, row)
      const rid = dictionary.rid(type, id)
      return rid === undefined ? FALSE : sql`${row.rid} = ${rid}`
    },
    'last-updated': (match) => (isContained(context) ? FALSE : seqRange(match, row.seq, context.seqAt)),
    compartment: ({ patients }) =>
      inCompartments(patientKeys(patients, dictionary), {
        alias: row.alias,
        of: isContained(context) ? 'contained' : 'resource',
      }),
    presence: (match) =>
      withParam(match.param, ({ tp }) => some(TABLES[match.entry], tp, isEntry(match.entry, val))),
    token: (match) =>
      withParam(match.param, (param) => {
        const values = indexedTokenValues(match, param, dictionary)
        return values === undefined
          ? some('tok', param.tp, tokenHolds(match, param, val, dictionary))
          : keyed('tok', param.tp, values, row)
      }),
    'token-set': (match) =>
      withParam(match.param, (param) => {
        const set = setValues(match, param, statements)
        return set.systems.length === 0
          ? keyed('tok', param.tp, set.values, row)
          : some('tok', param.tp, setHolds(set, param, raw('+x.val')))
      }),
    uri: ({ param, value }) => withParam(param, ({ tp }) => keyed('tok', tp, [uriText(value)], row)),
    'uri-below': (match) => withParam(match.param, ({ tp }) => some('tok', tp, uriBegins(match, val))),
    'string-order': (match) => withParam(match.param, ({ tp }) => some('str', tp, stringOrder(match, val))),
    unlike: (match) =>
      withParam(match.leaf.param, (param) =>
        some(
          TABLES[match.leaf.kind],
          param.tp,
          isUnlike(match, param, { val, exact: raw('x.exact') }, dictionary),
        ),
      ),
    string: (match) =>
      withParam(match.param, ({ tp }) => some('str', tp, stringHolds(match, val, raw('x.exact')))),
    reference: (match) =>
      withParam(match.param, ({ tp }) => keyed('ref', tp, targetKeys(match, dictionary), row)),
    date: (match) => datesHold([match], row, context),
    number: (match) => withParam(match.param, ({ tp }) => some('qty', tp, amountHolds(match, lo, hi))),
    quantity: (match) =>
      withParam(match.param, ({ tp }) =>
        some('qty', tp, allOf([amountHolds(match, lo, hi), unitHolds(match, unitColumns('x'), dictionary)])),
      ),
    near: (match) => withParam(match.param, ({ tp }) => some('pos', tp, isNear(match, 'x'))),
    text: (match) => (isContained(context) ? FALSE : textClause(match, row.rid, statements.work)),
    composite: (match) => compositeHolds(match, row, context),
    chain: (match) => chainHolds(match, row, context, compileExpression),
    has: (match) => hasHolds(match, row, context, compileExpression),
    contains: (match) => containsHolds(match, row, context, compileExpression),
  })
}

/** That all of them hold, those first that lead to no other resource. */
export function compileAll(
  conditions: readonly Expression[],
  row: RowAtHand,
  context: CompileContext,
): Fragment {
  const { dates, others } = datesApart(conditions)
  return allOf([
    ...(dates.length === 0 ? [] : [datesHold(dates, row, context)]),
    ...nearestFirst(others).map((part) => compileExpression(part, row, context)),
  ])
}

/** That a value of the parameter, which all of them name, meets them all. */
function datesHold(matches: readonly DateMatch[], row: RowAtHand, context: CompileContext): Fragment {
  const param = context.dictionary.param(context.type, matches[0]!.param)
  if (param === undefined) return FALSE
  return exists('dat', param.tp, allOf(matches.map((match) => rangeHolds(match, LO, HI))), row)
}

/**
 * Without `LIMIT 1`, which says nothing that EXISTS does not: SQLite makes a join of it then, behind the row at hand,
 * and opens the index once instead of for each row (existsToJoin in SQLite 3.53).
 */
function exists(table: keyof typeof BY_RID, tp: number, holds: Fragment, { rid }: RowAtHand): Fragment {
  return holds === FALSE
    ? FALSE
    : sql`EXISTS (SELECT 1 FROM ${BY_RID[table]} WHERE x.rid = ${rid} AND x.tp = ${tp} AND ${holds})`
}

const LO = raw('x.lo')
const HI = raw('x.hi')

const BY_RID = {
  tok: raw('tok x INDEXED BY tok_r'),
  ref: raw('ref x INDEXED BY ref_r'),
  str: raw('str x INDEXED BY str_r'),
  dat: raw('dat x INDEXED BY dat_r'),
  qty: raw('qty x INDEXED BY qty_r'),
  pos: raw('pos x INDEXED BY pos_r'),
  cmp: raw('cmp x'),
} as const

/** Where the entries of a kind are. */
export const TABLES = {
  token: 'tok',
  uri: 'tok',
  reference: 'ref',
  string: 'str',
  date: 'dat',
  number: 'qty',
  quantity: 'qty',
  position: 'pos',
  composite: 'cmp',
} as const satisfies Record<IndexEntry['kind'], keyof typeof BY_RID>

/** That a row in the table of this kind, with this value, is of the kind. */
export function isEntry(kind: IndexEntry['kind'], val: Fragment): Fragment {
  if (kind === 'token') return isToken(val)
  return kind === 'uri' ? negated(isToken(val)) : TRUE
}

/** More values than this are not looked up one by one for each row. */
const FEW_VALUES = 8

/** A row of `tok` or `ref` with one of these values: by its whole key when they are few. As in `exists`, without a LIMIT. */
function keyed(
  table: 'tok' | 'ref',
  tp: number,
  values: readonly (number | string)[],
  row: RowAtHand,
): Fragment {
  const column = raw(table === 'tok' ? 'val' : 'tgt')
  if (values.length === 0) return FALSE
  return values.length <= FEW_VALUES
    ? sql`EXISTS (SELECT 1 FROM ${raw(table)} x WHERE x.tp = ${tp} AND x.${column} ${isIn(values)} AND x.dt = ${row.dt} AND x.rid = ${row.rid})`
    : sql`EXISTS (SELECT 1 FROM ${BY_RID[table]} WHERE x.rid = ${row.rid} AND x.tp = ${tp} AND +x.${column} ${isIn(values)})`
}

/** `[rid of the container]#[id]`, and `#` with a number behind it where the container has two. */
function hasLocalId(id: string, { rid }: RowAtHand): Fragment {
  const name = sql`y.owner || '#' || ${id}`
  return sql`EXISTS (SELECT 1 FROM res y WHERE y.rid = ${rid} AND (y.id = ${name} OR substr(y.id, 1, length(${name}) + 1) = ${name} || '#') LIMIT 1)`
}

/** Tokens, references and ids of one parameter become one probe with a list of values. */
function mergeAlternatives(any: readonly Expression[], row: RowAtHand, context: CompileContext): Fragment[] {
  const { dictionary, type } = context
  const values = new Map<number, (number | string)[]>()
  const targets = new Map<number, number[]>()
  const rids: number[] = []
  const rest: Fragment[] = []
  for (const node of any) {
    if (node.kind === 'id' && !isContained(context)) {
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
      const found = indexedTokenValues(node, param, dictionary)
      if (found !== undefined) {
        append(values, param.tp, found)
        continue
      }
    }
    rest.push(compileExpression(node, row, context))
  }
  if (rids.length > 0) rest.push(sql`+${row.rid} ${isIn(rids)}`)
  for (const [tp, list] of values) rest.push(keyed('tok', tp, list, row))
  for (const [tp, list] of targets) rest.push(keyed('ref', tp, list, row))
  return rest
}

function append<Value>(lists: Map<number, Value[]>, key: number, values: readonly Value[]): void {
  if (values.length === 0) return
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [...values])
  else list.push(...values)
}
