// What conditions on a resource's clinical date say of `dt`, the date by which many indexes are in order.
import type { CompileContext } from './compile-expression.ts'
import { LONG_DATE } from './schema.ts'
import type { Source } from './source.ts'
import { allOf, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { DateMatch } from '../query/date.ts'
import type { Expression } from '../query/expression.ts'

/** Of resources whose date is no longer than LONG_DATE; milliseconds since 1970, both inclusive. */
export interface ClinicalBounds {
  readonly low: number
  readonly high: number
  /** The others, where `dt` says too little: all that can meet the conditions; undefined when there are none at all. */
  readonly long: Source | undefined
}

export function isClinical(node: Expression): node is DateMatch {
  return node.kind === 'date' && node.clinical === true
}

/** Conditions that must all hold; those on the clinical date, a single value, in one group. */
export function datesApart(conditions: readonly Expression[]): {
  readonly dates: readonly DateMatch[]
  readonly others: readonly Expression[]
} {
  const first = conditions.find(isClinical)
  const isDate = (node: Expression): node is DateMatch => isClinical(node) && node.param === first!.param
  return first === undefined
    ? { dates: [], others: conditions }
    : { dates: conditions.filter(isDate), others: conditions.filter((node) => !isDate(node)) }
}

/** Undefined when no condition bounds it. */
export function clinicalBounds(
  conditions: readonly Expression[],
  { dictionary, statements, type }: CompileContext,
): ClinicalBounds | undefined {
  const dates = conditions.filter(isClinical)
  const param = dates[0] && dictionary.param(type, dates[0].param)
  if (param === undefined) return undefined
  let low = -Infinity
  let high = Infinity
  for (const match of dates) {
    low = Math.max(low, lowest(match))
    high = Math.min(high, highest(match))
  }
  if (low === -Infinity && high === Infinity) return undefined
  const long = sql`d.long = 1 AND d.tp = ${param.tp}`
  const hasLong = statements.snapshot.once(
    `long dates ${param.tp}`,
    () => statements.value(sql`SELECT 1 FROM dat d INDEXED BY dat_h WHERE ${long} LIMIT 1`) !== undefined,
  )
  return {
    low: low - LONG_DATE,
    high,
    long: hasLong
      ? {
          from: 'dat d INDEXED BY dat_h',
          where: allOf([long, low === -Infinity ? TRUE : sql`d.hi >= ${low}`]),
          main: false,
          dated: false,
          exact: false,
          filtered: true,
        }
      : undefined,
  }
}

/** A source in the order of `dt`, within the bounds. */
export function within(source: Source, { low, high }: ClinicalBounds): Source {
  const dt = raw(source.main ? 'r.dt' : 'd.dt')
  const bounds: Fragment[] = [source.where]
  if (low !== -Infinity) bounds.push(sql`${dt} >= ${low}`)
  if (high !== Infinity) bounds.push(sql`${dt} <= ${high}`)
  return { ...source, where: allOf(bounds), keyed: undefined }
}

/** Where a range ends that meets the condition, at the earliest. */
function lowest({ comparator, low, high }: DateMatch): number {
  switch (comparator) {
    case 'gt':
    case 'sa':
      return high
    case 'eq':
    case 'ge':
    case 'ap':
      return low
    default:
      return -Infinity
  }
}

/** Where it begins, at the latest. */
function highest({ comparator, low, high }: DateMatch): number {
  switch (comparator) {
    case 'lt':
    case 'eb':
      return low
    case 'eq':
    case 'le':
    case 'ap':
      return high
    default:
      return Infinity
  }
}
