// The current version was written at a time that compares so (`_lastUpdated`); milliseconds since 1970, UTC.
import type { RangeComparison } from './comparator.ts'

export interface LastUpdatedMatch extends RangeComparison {
  readonly kind: 'last-updated'
}

/** An instant of the store is the range [ms, ms + 1). */
export function lastUpdatedMatch(comparison: RangeComparison): LastUpdatedMatch {
  return Object.freeze({ kind: 'last-updated', ...comparison })
}
