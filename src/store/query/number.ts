// A number within the precision that the search value was written with (https://hl7.org/fhir/R4/search.html#number).
import type { RangeComparison } from './comparator.ts'

/**
 * The stored number is one value: eq, ne and ap test low <= value < high. R4 ignores the written precision for the
 * others: there low = high is the exact number, and gt, lt, ge, le compare the value with it (sa as gt, eb as lt).
 */
export interface NumberMatch extends RangeComparison {
  readonly kind: 'number'
  readonly param: string
}

export function numberMatch(param: string, comparison: RangeComparison): NumberMatch {
  return Object.freeze({ kind: 'number', param, ...comparison })
}
