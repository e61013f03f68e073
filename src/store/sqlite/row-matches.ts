// Whether a resource, as one version left it, meets a condition: what compile-expression.ts says in SQL, on the rows kept with the version.
import { patientKeys } from './access-clause.ts'
import type { AsOf } from './as-of.ts'
import { targetKeys } from './compile-expression.ts'
import { unbound, uriText, type Row } from './index-rows.ts'
import type { RowWords, Standing } from './standing.ts'
import { wordsHold } from './text-index.ts'
import type { IndexEntry } from '../index-entry.ts'
import { visitExpression, type Expression } from '../query/expression.ts'
import { kilometersBetween } from '../query/near.ts'
import type { QuantityMatch } from '../query/quantity.ts'
import type { TypedCondition } from '../query/search-query.ts'
import type { TokenMatch } from '../query/token.ts'
import { amountHolds, rangeHolds, stringHolds, stringOrderHolds } from '../query/values-hold.ts'

type RowOf<Letter extends Row[0]> = Extract<Row, readonly [Letter, ...unknown[]]>

/** @param rows those at hand: of one composite value, else all of the resource */
export function rowsMatch(node: Expression, standing: Standing, asOf: AsOf, rows?: readonly Row[]): boolean {
  const { dictionary, words } = asOf
  const some = <Letter extends Row[0]>(
    letter: Letter,
    param: string,
    holds: (row: RowOf<Letter>) => boolean,
  ): boolean => {
    const tp = dictionary.param(standing.type, param)?.tp
    if (tp === undefined) return false
    if (rows === undefined) return standing.rowsOf(letter, tp).some((row) => holds(row as RowOf<Letter>))
    return rows.some((row) => row[0] === letter && row[1] === tp && holds(row as RowOf<Letter>))
  }

  return visitExpression<boolean>(node, {
    and: ({ all }) => all.every((part) => rowsMatch(part, standing, asOf, rows)),
    or: ({ any }) => any.some((part) => rowsMatch(part, standing, asOf, rows)),
    not: (negated) => !rowsMatch(negated.node, standing, asOf, rows),
    id: ({ id }) => standing.id === id,
    'last-updated': (match) => {
      const { lastUpdated } = standing.place
      return standing.container === undefined && rangeHolds(match, lastUpdated, lastUpdated + 1)
    },
    compartment: ({ patients }) => {
      const { pat, patients: several } = standing.common
      return patientKeys(patients, dictionary).some((key) => key === pat || several.includes(key))
    },
    presence: ({ param, entry }) => isPresent(entry, param, some, standing, asOf),
    token: (match) => some('t', match.param, (row) => tokenHolds(match, row[2], words) === true),
    'token-set': ({ param, sets }) =>
      some('t', param, (row) => {
        const token = words.token(row[2])
        if (token === undefined) return false
        return sets.some(
          ({ system, codes }) => system === token.system && (codes === 'all' || codes.includes(token.code)),
        )
      }),
    uri: ({ param, value }) => some('t', param, (row) => row[2] === uriText(value)),
    'uri-below': ({ param, prefix }) =>
      some('t', param, (row) => words.uri(row[2])?.startsWith(prefix) === true),
    'string-order': (match) => some('s', match.param, (row) => stringOrderHolds(match, row[2])),
    unlike: ({ leaf }) => {
      switch (leaf.kind) {
        case 'token':
          return some('t', leaf.param, (row) => tokenHolds(leaf, row[2], words) === false)
        case 'uri':
          return some('t', leaf.param, (row) => {
            const uri = words.uri(row[2])
            return uri !== undefined && uri !== leaf.value
          })
        case 'string':
          return some('s', leaf.param, (row) => !stringHolds(leaf, row[2], row[3] ?? row[2]))
      }
    },
    string: (match) => some('s', match.param, (row) => stringHolds(match, row[2], row[3] ?? row[2])),
    reference: (match) => {
      const keys = targetKeys(match, dictionary)
      return keys.length > 0 && some('r', match.param, (row) => keys.includes(row[2]))
    },
    date: (match) => some('d', match.param, (row) => rangeHolds(match, unbound(row[2]), unbound(row[3]))),
    number: (match) => some('q', match.param, (row) => amountHolds(match, unbound(row[2]), unbound(row[3]))),
    quantity: (match) =>
      some('q', match.param, (row) => {
        return unitHolds(match, row, asOf) && amountHolds(match, unbound(row[2]), unbound(row[3]))
      }),
    near: ({ param, latitude, longitude, kilometers }) =>
      some('p', param, (row) => kilometersBetween(latitude, longitude, row[2], row[3]) <= kilometers),
    text: (match) => standing.container === undefined && wordsHold(standing.body, match),
    composite: ({ param, components }) =>
      some(
        'm',
        param,
        (row) =>
          isThere(row, standing) &&
          components.every((component, at) => {
            const own = row[3][at]
            return own !== undefined && rowsMatch(component, standing, asOf, [own])
          }),
      ),
    chain: ({ param, targets }) =>
      some('r', param, (row) => leadsToOneOf(row[2], targets, asOf)) ||
      some('c', param, (row) =>
        (standing.container ?? standing).contained.some(
          (one) => one.id === row[2] && meetsContained(one, targets, asOf),
        ),
      ),
    has: ({ param, source }) => {
      const { container } = standing
      if (container === undefined) return asOf.isReferredToBy(standing, source, param)
      const tp = dictionary.param(container.type, param)?.tp
      return (
        container.rows.some((row) => row[0] === 'c' && row[1] === tp && row[2] === standing.id) &&
        meets(container, source, asOf)
      )
    },
    contains: ({ type, where }) =>
      standing.contained.some((one) => meetsContained(one, [{ type, where }], asOf)),
  })
}

/** The resource is of the type and meets its condition. */
export function meets(standing: Standing, { type, where }: TypedCondition, asOf: AsOf): boolean {
  return standing.type === asOf.dictionary.type(type) && rowsMatch(where, standing, asOf)
}

function meetsContained(one: Standing, targets: readonly TypedCondition[], asOf: AsOf): boolean {
  return targets.some(
    ({ type, where }) => asOf.dictionary.typeName(one.type) === `#${type}` && rowsMatch(where, one, asOf),
  )
}

function leadsToOneOf(key: number, targets: readonly TypedCondition[], asOf: AsOf): boolean {
  return asOf.targetsOf(key).some((found) => targets.some((target) => meets(found, target, asOf)))
}

function isPresent(
  entry: IndexEntry['kind'],
  param: string,
  some: <Letter extends Row[0]>(
    letter: Letter,
    param: string,
    holds: (row: RowOf<Letter>) => boolean,
  ) => boolean,
  standing: Standing,
  { words }: AsOf,
): boolean {
  const any = () => true
  switch (entry) {
    case 'token':
      return some('t', param, (row) => words.uri(row[2]) === undefined)
    case 'uri':
      return some('t', param, (row) => words.uri(row[2]) !== undefined)
    case 'string':
      return some('s', param, any)
    case 'date':
      return some('d', param, any)
    case 'number':
    case 'quantity':
      return some('q', param, any)
    case 'position':
      return some('p', param, any)
    case 'composite':
      return some('m', param, (row) => isThere(row, standing))
    case 'reference':
      return some('r', param, any) || some('c', param, (row) => isThere(row, standing))
  }
}

/** What refers into the resource counts for nothing when there is no such contained one. */
function isThere(row: RowOf<'c' | 'm'>, standing: Standing): boolean {
  if (row[0] === 'm') return row[3].every((one) => one[0] !== 'c' || isThere(one, standing))
  return (standing.container ?? standing).contained.some(({ id }) => id === row[2])
}

/** Undefined for a uri. */
function tokenHolds(
  { system, code }: TokenMatch,
  val: number | string,
  words: RowWords,
): boolean | undefined {
  const token = words.token(val)
  if (token === undefined) return undefined
  return (system === undefined || token.system === system) && (code === undefined || token.code === code)
}

function unitHolds({ system, code }: QuantityMatch, row: RowOf<'q'>, { dictionary }: AsOf): boolean {
  const known = (text: string) => (text === '' ? 0 : dictionary.text(text))
  if (system !== undefined && row[4] !== known(system)) return false
  if (code === undefined) return true
  const wanted = known(code)
  return row[5] === wanted || (system === undefined && row[6] === wanted)
}
