// The hour on the wall, and so the day, of where something was measured: what people mean by its date.
import { parseDateRange } from '../../fhir/index.ts'

/** Milliseconds since 1970 of where a date begins, or a time, as if its zone were UTC; NaN for what is no date. */
export function wallTime(date: string): number {
  return parseDateRange(date.replace(/(?:Z|[+-]\d\d:\d\d)$/, ''))?.low ?? Number.NaN
}

/** No zone is further from UTC than this. */
export const FURTHEST_ZONE = 14 * 3_600_000
