// Conditions on values that stand together, read from the JSON of a row of `cmp` (./index-rows.ts).
import type { CompileContext, RowAtHand } from './compile-expression.ts'
import { uriText, type FlatRow } from './index-rows.ts'
import {
  isUnlike,
  negated,
  setHolds,
  setValues,
  stringHolds,
  stringOrder,
  targetKeys,
  tokenHolds,
  unitHolds,
  uriBegins,
} from './leaf-values.ts'
import { amountHolds, rangeHolds } from './ranges.ts'
import { allOf, anyOf, FALSE, isIn, raw, sql, type Fragment } from './sql.ts'
import type { Param } from './dictionary.ts'
import type { CompositeMatch } from '../query/composite.ts'
import { visitExpression, type Expression } from '../query/expression.ts'

export function compositeHolds(match: CompositeMatch, row: RowAtHand, context: CompileContext): Fragment {
  const param = context.dictionary.param(context.type, match.param)
  if (param === undefined) return FALSE
  const all = allOf(match.components.map((component, place) => componentHolds(component, place, context)))
  if (all === FALSE) return FALSE
  return sql`EXISTS (SELECT 1 FROM cmp x WHERE x.rid = ${row.rid} AND x.tp = ${param.tp} AND ${all} LIMIT 1)`
}

function componentHolds(node: Expression, place: number, context: CompileContext): Fragment {
  const { dictionary, statements, type } = context
  /** The parts of the component's row; NULL where it has none such. */
  const at = (part: number) => raw(`(x.row ->> '$[${place}][${part}]')`)
  const bound = (part: number) =>
    sql`CASE ${at(part)} WHEN '-' THEN -9e999 WHEN '+' THEN 9e999 ELSE ${at(part)} END`
  const is = (letter: FlatRow[0], name: string, then: (param: Param) => Fragment): Fragment => {
    const param = dictionary.param(type, name)
    if (param === undefined) return FALSE
    const holds = then(param)
    // What is no such row has NULL where the value would be, and `0 AND NULL` is 0.
    return holds === FALSE
      ? FALSE
      : sql`(${at(0)} = ${letter} AND ${at(1)} = ${param.tp} AND coalesce(${holds}, 0))`
  }
  const never = (): never => {
    throw new Error(`A ${node.kind} cannot be a component's condition.`)
  }
  return visitExpression<Fragment>(node, {
    and: ({ all }) => allOf(all.map((part) => componentHolds(part, place, context))),
    or: ({ any }) => anyOf(any.map((part) => componentHolds(part, place, context))),
    not: (match) =>
      sql`(json_array_length(x.row) > ${place} AND ${negated(componentHolds(match.node, place, context))})`,
    token: (match) => is('t', match.param, (param) => tokenHolds(match, param, at(2), dictionary)),
    'token-set': (match) =>
      is('t', match.param, (param) => setHolds(setValues(match, param, statements), param, at(2))),
    uri: ({ param, value }) => is('t', param, () => sql`${at(2)} = ${uriText(value)}`),
    string: (match) => is('s', match.param, () => stringHolds(match, at(2), sql`coalesce(${at(3)}, '')`)),
    'uri-below': (match) => is('t', match.param, () => uriBegins(match, at(2))),
    'string-order': (match) => is('s', match.param, () => stringOrder(match, at(2))),
    unlike: (match) =>
      is(match.leaf.kind === 'string' ? 's' : 't', match.leaf.param, (param) =>
        isUnlike(match, param, { val: at(2), exact: sql`coalesce(${at(3)}, '')` }, dictionary),
      ),
    reference: (match) =>
      is('r', match.param, () => {
        const keys = targetKeys(match, dictionary)
        return keys.length === 0 ? FALSE : sql`${at(2)} ${isIn(keys)}`
      }),
    date: (match) => is('d', match.param, () => rangeHolds(match, bound(2), bound(3))),
    number: (match) => is('q', match.param, () => amountHolds(match, bound(2), bound(3))),
    quantity: (match) =>
      is('q', match.param, () =>
        allOf([
          amountHolds(match, bound(2), bound(3)),
          unitHolds(match, { sys: at(4), code: at(5), unit: at(6) }, dictionary),
        ]),
      ),
    id: never,
    'last-updated': never,
    compartment: never,
    presence: never,
    near: never,
    text: never,
    composite: never,
    chain: never,
    has: never,
    contains: never,
  })
}
