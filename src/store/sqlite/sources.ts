// Where a search can start: ranges of an index that hold every match of a condition.
import { patientKeys } from './access-clause.ts'
import { TABLES, isEntry, type CompileContext } from './compile-expression.ts'
import { isContained } from './compile-links.ts'
import type { Param } from './dictionary.ts'
import { uriText } from './index-rows.ts'
import {
  indexedTokenValues,
  isUnlike,
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
import { chainSources, containsSources, hasSources, type Find } from './link-sources.ts'
import { isNear } from './near-box.ts'
import { amountHolds, amountRanges, dateRanges, rangeHolds, type IndexRange } from './ranges.ts'
import { compartmentSources, grouped, keyedSource, ridSource, type Source } from './source.ts'
import { allOf, FALSE, raw, sql, type Fragment } from './sql.ts'
import { textSource } from './text-index.ts'
import { visitExpression, type Expression } from '../query/expression.ts'

/** What sources take that stands above them: choosing among several, and searches for what links lead to. */
export interface Planning {
  /** The best sources for all of these; undefined when no index serves any. */
  choose(all: readonly Expression[], context: CompileContext): readonly Source[] | undefined
  readonly find: Find
}

/** More alternatives than this are not walked one by one. */
const MOST_SOURCES = 1000

/** The sources of a condition, or undefined when no index serves. All of them together hold every match. */
export function sourcesOf(
  node: Expression,
  context: CompileContext,
  planning: Planning,
): readonly Source[] | undefined {
  const { dictionary, statements, type } = context
  const withParam = <Found>(name: string, then: (param: Param) => Found): Found | readonly Source[] => {
    const param = dictionary.param(type, name)
    return param === undefined ? [] : then(param)
  }
  /** Rows of a parameter, in an order of their own. */
  const rows = (table: string, tp: number, holds: Fragment): readonly Source[] =>
    holds === FALSE
      ? []
      : [
          {
            from: `${table} d`,
            where: sql`d.tp = ${tp} AND ${holds}`,
            main: false,
            dated: false,
            exact: true,
            filtered: true,
          },
        ]
  /** Rows of which many may be passed by until one is found. */
  const among = (table: string, tp: number, holds: Fragment): readonly Source[] =>
    rows(table, tp, statements.work.passing(raw('d.rid'), holds))
  const ranges = (found: IndexRange[] | undefined, table: string, tp: number, holds: Fragment) =>
    found?.map(
      ({ by, bounds }): Source => ({
        from: by === 'low' ? `${table} d` : `${table} d INDEXED BY ${table}_h`,
        where: sql`${raw(by === 'low' ? '' : 'd.long = 1 AND')} d.tp = ${tp} AND ${bounds} AND ${holds}`,
        main: false,
        dated: false,
        exact: true,
        filtered: true,
      }),
    )
  const [val, lo, hi] = [raw('d.val'), raw('d.lo'), raw('d.hi')]

  return visitExpression<readonly Source[] | undefined>(node, {
    and: ({ all }) => {
      const chosen = planning.choose(all, context)
      return all.length === 1 ? chosen : chosen?.map((source) => ({ ...source, exact: false }))
    },
    or: ({ any }) => {
      const all: Source[] = []
      for (const part of any) {
        const found = sourcesOf(part, context, planning)
        if (found === undefined || all.length + found.length > MOST_SOURCES) return undefined
        all.push(...found)
      }
      return grouped(all)
    },
    not: () => undefined,
    id: ({ id }) => {
      if (isContained(context)) return undefined
      const rid = dictionary.rid(type, id)
      return rid === undefined ? [] : [ridSource([rid])]
    },
    'last-updated': (match) => {
      if (isContained(context)) return []
      if (match.comparator === 'ne') return undefined
      const range = seqRange(match, raw('r.seq'), context.seqAt)
      if (range === FALSE) return []
      return [
        {
          from: 'res r INDEXED BY res_tseq',
          where: range,
          main: true,
          dated: false,
          exact: true,
          filtered: true,
          inSeqOrder: true,
        },
      ]
    },
    compartment: ({ patients }) =>
      isContained(context) ? undefined : compartmentSources(context, patientKeys(patients, dictionary)),
    presence: ({ param: name, entry }) =>
      entry === 'composite'
        ? undefined
        : withParam(name, ({ tp }) => rows(TABLES[entry], tp, isEntry(entry, val))),
    token: (match) =>
      withParam(match.param, (param) => {
        const values = indexedTokenValues(match, param, dictionary)
        return values === undefined
          ? (match.code === undefined ? among : rows)(
              'tok',
              param.tp,
              tokenHolds(match, param, val, dictionary),
            )
          : keyedSource('tok', param.tp, values)
      }),
    'token-set': (match) =>
      withParam(match.param, (param) => {
        const { values, systems } = setValues(match, param, statements)
        return [
          ...keyedSource('tok', param.tp, values),
          ...systems.flatMap((system) =>
            among('tok', param.tp, setHolds({ values: [], systems: [system] }, param, val)),
          ),
        ]
      }),
    uri: ({ param, value }) => withParam(param, ({ tp }) => keyedSource('tok', tp, [uriText(value)])),
    'uri-below': (match) => withParam(match.param, ({ tp }) => rows('tok', tp, uriBegins(match, val))),
    'string-order': (match) => withParam(match.param, ({ tp }) => rows('str', tp, stringOrder(match, val))),
    unlike: (match) =>
      withParam(match.leaf.param, (param) =>
        among(
          TABLES[match.leaf.kind],
          param.tp,
          isUnlike(match, param, { val, exact: raw('d.exact') }, dictionary),
        ),
      ),
    string: (match) =>
      withParam(match.param, ({ tp }) =>
        (match.mode === 'starts' || match.mode === 'equals' ? rows : among)(
          'str',
          tp,
          stringHolds(match, val, raw('d.exact')),
        ),
      ),
    reference: (match) =>
      withParam(match.param, ({ tp }) => keyedSource('ref', tp, targetKeys(match, dictionary))),
    date: (match) =>
      withParam(match.param, ({ tp }) => ranges(dateRanges(match), 'dat', tp, rangeHolds(match, lo, hi))),
    number: (match) =>
      withParam(match.param, ({ tp }) => ranges(amountRanges(match), 'qty', tp, amountHolds(match, lo, hi))),
    quantity: (match) =>
      withParam(match.param, ({ tp }) => {
        const holds = allOf([amountHolds(match, lo, hi), unitHolds(match, unitColumns('d'), dictionary)])
        const passing = statements.work.passing(raw('d.rid'), holds)
        return holds === FALSE ? [] : ranges(amountRanges(match), 'qty', tp, passing)
      }),
    near: (match) => withParam(match.param, ({ tp }) => rows('pos', tp, isNear(match, 'd'))),
    text: (match) =>
      isContained(context)
        ? []
        : [
            {
              ...textSource(match, statements.work),
              main: false,
              dated: false,
              exact: true,
              filtered: false,
            },
          ],
    composite: ({ param }) => withParam(param, () => undefined),
    chain: (match) => chainSources(match, context, planning.find),
    has: (match) => hasSources(match, context, planning.find),
    contains: (match) => containsSources(match, context, planning.find),
  })
}
