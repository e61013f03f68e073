// Where a search can start: ranges of an index that hold every match of a condition.
import {
  beginsWith,
  notYet,
  targetKeys,
  tokensOf,
  tokenValues,
  unitHolds,
  seqRange,
  type CompileContext,
} from './compile-expression.ts'
import { SEPARATOR, type Param } from './dictionary.ts'
import { uriText } from './index-rows.ts'
import { amountHolds, amountRanges, dateRanges, rangeHolds, type IndexRange } from './ranges.ts'
import { FALSE, isIn, raw, sql, type Fragment } from './sql.ts'
import { visitExpression, type Expression } from '../query/expression.ts'

/** Rows of an index table, as `d`, or of `res` itself, as `r`. */
export interface Source {
  /** The table with its alias and the index to be used. */
  readonly from: string
  readonly where: Fragment
  /** Whether the rows are those of `res`. */
  readonly main: boolean
  /** Whether each resource stands there once, in the order of `dt`, then `rid`. */
  readonly dated: boolean
  /** Whether every row meets the whole condition, so that it need not be tested again. */
  readonly exact: boolean
}

/** The sources of a condition, or undefined when no index serves. All of them together hold every match. */
export function sourcesOf(
  node: Expression,
  context: CompileContext,
  best: (choices: readonly (readonly Source[])[]) => readonly Source[],
): readonly Source[] | undefined {
  const { dictionary, type } = context
  const withParam = (name: string, then: (param: Param) => readonly Source[]): readonly Source[] => {
    const param = dictionary.param(type, name)
    return param === undefined ? [] : then(param)
  }
  const token = (tp: number, value: number | string): Source => ({
    from: 'tok d',
    where: sql`d.tp = ${tp} AND d.val = ${value}`,
    main: false,
    dated: true,
    exact: true,
  })
  const ranges = (found: IndexRange[] | undefined, table: string, tp: number, holds: Fragment) =>
    found?.map(
      ({ by, bounds }): Source => ({
        from: by === 'low' ? `${table} d` : `${table} d INDEXED BY ${table}_h`,
        where: sql`${raw(by === 'low' ? '' : 'd.long = 1 AND')} d.tp = ${tp} AND ${bounds} AND ${holds}`,
        main: false,
        dated: false,
        exact: true,
      }),
    )
  const [lo, hi] = [raw('d.lo'), raw('d.hi')]

  return visitExpression<readonly Source[] | undefined>(node, {
    and: ({ all }) => {
      const choices = all.map((part) => sourcesOf(part, context, best)).filter((found) => found !== undefined)
      if (choices.length === 0) return undefined
      const chosen = best(choices)
      return all.length === 1 ? chosen : chosen.map((source) => ({ ...source, exact: false }))
    },
    or: ({ any }) => {
      const all: Source[] = []
      for (const part of any) {
        const found = sourcesOf(part, context, best)
        if (found === undefined || all.length + found.length > MOST_SOURCES) return undefined
        all.push(...found)
      }
      return all
    },
    id: ({ id }) => {
      const rid = dictionary.rid(type, id)
      if (rid === undefined) return []
      return [{ from: 'res r', where: sql`r.rid = ${rid}`, main: true, dated: true, exact: true }]
    },
    'last-updated': (match) => {
      if (match.comparator === 'ne') return undefined
      const range = seqRange(match, raw('r.seq'), context)
      if (range === FALSE) return []
      return [{ from: 'res r INDEXED BY res_tseq', where: range, main: true, dated: false, exact: true }]
    },
    token: (match) =>
      withParam(match.param, (param) => {
        const values = tokenValues(match, param, dictionary)
        if (values !== undefined) return values.map((value) => token(param.tp, value))
        const within =
          match.code === undefined
            ? tokensOf(match.system, param, 'd')
            : beginsWith(match.code + SEPARATOR, 'd')
        return [
          {
            from: 'tok d',
            where: sql`d.tp = ${param.tp} AND ${within}`,
            main: false,
            dated: false,
            exact: true,
          },
        ]
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
    uri: ({ param, value }) => withParam(param, ({ tp }) => [token(tp, uriText(value))]),
    string: ({ param, value }) =>
      withParam(param, ({ tp }) => [
        {
          from: 'str d',
          where: sql`d.tp = ${tp} AND ${beginsWith(value, 'd')}`,
          main: false,
          dated: false,
          exact: true,
        },
      ]),
    reference: (match) =>
      withParam(match.param, ({ tp }) =>
        targetKeys(match, dictionary).map((key) => ({
          from: 'ref d',
          where: sql`d.tp = ${tp} AND d.tgt = ${key}`,
          main: false,
          dated: true,
          exact: true,
        })),
      ),
    date: (match) => {
      const param = dictionary.param(type, match.param)
      return param === undefined ? [] : ranges(dateRanges(match), 'dat', param.tp, rangeHolds(match, lo, hi))
    },
    number: (match) => {
      const param = dictionary.param(type, match.param)
      return param === undefined
        ? []
        : ranges(amountRanges(match), 'qty', param.tp, amountHolds(match, lo, hi))
    },
    quantity: (match) => {
      const param = dictionary.param(type, match.param)
      const unit = unitHolds(match, 'd', dictionary)
      if (param === undefined || unit === FALSE) return []
      return ranges(amountRanges(match), 'qty', param.tp, sql`${amountHolds(match, lo, hi)} AND ${unit}`)
    },
  })
}

/** More alternatives than this are not walked one by one. */
const MOST_SOURCES = 1000

/** The live resources of a type in the compartment of patients, which have these keys. */
export function compartmentSources(type: number, keys: readonly number[]): Source[] {
  const alone = keys.map(
    (key): Source => ({
      from: 'res r INDEXED BY res_pat',
      where: sql`r.pat = ${key} AND r.type = ${type}`,
      main: true,
      dated: true,
      exact: false,
    }),
  )
  const amongSeveral: Source = {
    from: 'res_patient d INDEXED BY res_patient_p',
    where: sql`d.pat ${isIn(keys)}`,
    main: false,
    dated: false,
    exact: false,
  }
  return [...alone, amongSeveral]
}
