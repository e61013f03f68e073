// A date, dateTime, instant, Period or Timing as a range of milliseconds since 1970, UTC; open ends are ±Infinity.
import type { RangeComparison } from './comparator.ts'

export interface DateMatch extends RangeComparison {
  readonly kind: 'date'
  readonly param: string
}

export function dateMatch(param: string, comparison: RangeComparison): DateMatch {
  return Object.freeze({ kind: 'date', param, ...comparison })
}
