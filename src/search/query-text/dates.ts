// Dates and times as search values (https://hl7.org/fhir/R4/search.html#date).
import { parseDateRange } from '../../fhir/index.ts'
import type { Comparator, RangeComparison } from '../../store/index.ts'
import { splitPrefix } from './prefix.ts'
import { quoted, SearchFault } from './refusal.ts'
import { PREFIXES } from './support.ts'

const DAY = 86_400_000

/** The part of the time between a date and now by which `ap` may be off, as R4 recommends. */
const APPROXIMATION = 0.1

/** A `+` that was not percent-encoded arrives as a space. */
const LOST_PLUS = / (?=[0-9]{2}:[0-9]{2}$)/

/**
 * @param text perhaps with a prefix
 * @param now milliseconds since 1970; not asked unless it matters
 */
export function dateComparison(parameter: string, text: string, now: () => number): RangeComparison {
  const { comparator, rest } = splitPrefix(text)
  return dateCompared(parameter, comparator, rest, now)
}

export function dateCompared(
  parameter: string,
  comparator: Comparator,
  text: string,
  now: () => number,
): RangeComparison {
  const range = dateRange(parameter, text)
  if (comparator !== 'ap') return { comparator, ...range }
  // By whole days, so that the pages of one search ask the same.
  const today = Math.floor(now() / DAY) * DAY
  const margin = Math.abs(today - range.low) * APPROXIMATION
  return { comparator, low: range.low - margin, high: range.high + margin }
}

/** Milliseconds since 1970, [low, high). */
export function dateRange(parameter: string, text: string): { readonly low: number; readonly high: number } {
  const range = parseDateRange(text.replace(LOST_PLUS, '+'))
  if (range === undefined) {
    throw new SearchFault(
      parameter,
      'value',
      `${quoted(text)} is not a date that exists. Right would be 2024, 2024-05, 2024-05-31 or ` +
        `2024-05-31T08:30:00Z, perhaps behind a prefix (${PREFIXES.join(', ')}).`,
    )
  }
  return range
}
