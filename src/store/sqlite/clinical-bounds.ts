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
  /** The others, where `dt` says too little: all that can meet the conditions. */
  readonly long: Source
}

/** Undefined when no condition bounds it. */
export function clinicalBounds(
  conditions: readonly Expression[],
  { dictionary, type }: CompileContext,
): ClinicalBounds | undefined {
  const dates = conditions.filter((node): node is DateMatch => node.kind === 'date' && node.clinical === true)
  const param = dates[0] && dictionary.param(type, dates[0].param)
  if (param === undefined) return undefined
  let low = -Infinity
  let high = Infinity
  for (const match of dates) {
    low = Math.max(low, lowest(match))
    high = Math.min(high, highest(match))
  }
  if (low === -Infinity && high === Infinity) return undefined
  return {
    low: low - LONG_DATE,
    high,
    long: {
      from: 'dat d INDEXED BY dat_h',
      where: allOf([sql`d.long = 1 AND d.tp = ${param.tp}`, low === -Infinity ? TRUE : sql`d.hi >= ${low}`]),
      main: false,
      dated: false,
      exact: false,
      filtered: true,
    },
  }
}

/** A source in the order of `dt`, within the bounds. */
export function within(source: Source, { low, high }: ClinicalBounds): Source {
  const dt = raw(source.main ? 'r.dt' : 'd.dt')
  const bounds: Fragment[] = [source.where]
  if (low !== -Infinity) bounds.push(sql`${dt} >= ${low}`)
  if (high !== Infinity) bounds.push(sql`${dt} <= ${high}`)
  return { ...source, where: allOf(bounds) }
}

/** Where a range ends that meets the condition, at the earliest. */
function lowest({ comparator, low }: DateMatch): number {
  switch (comparator) {
    case 'eq':
    case 'gt':
    case 'ge':
    case 'sa':
    case 'ap':
      return low
    default:
      return -Infinity
  }
}

/** Where it begins, at the latest. */
function highest({ comparator, high }: DateMatch): number {
  switch (comparator) {
    case 'eq':
    case 'lt':
    case 'le':
    case 'eb':
    case 'ap':
      return high
    default:
      return Infinity
  }
}
