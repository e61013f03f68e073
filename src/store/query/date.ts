// A date, dateTime, instant, Period or Timing as a range of milliseconds since 1970, UTC; open ends are ±Infinity.
import type { RangeComparison } from './comparator.ts'

export interface DateMatch extends RangeComparison {
  readonly kind: 'date'
  readonly param: string
  /**
   * Set when no resource has more than one value under `param`, and that value begins (or ends, when its beginning is
   * open) at the resource's `ResourceIndex.date`: a store may look by either.
   */
  readonly clinical?: true
}

export function dateMatch(param: string, comparison: RangeComparison, clinical = false): DateMatch {
  const match = { kind: 'date', param, ...comparison } as const
  return Object.freeze(clinical ? { ...match, clinical: true } : match)
}
