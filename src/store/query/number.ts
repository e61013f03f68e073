// A number within the precision that the search value was written with (https://hl7.org/fhir/R4/search.html#number).
import type { RangeComparison } from './comparator.ts'

/** The stored number is the range [value, value]: eq holds when low <= value < high. */
export interface NumberMatch extends RangeComparison {
  readonly kind: 'number'
  readonly param: string
}

export function numberMatch(param: string, comparison: RangeComparison): NumberMatch {
  return Object.freeze({ kind: 'number', param, ...comparison })
}
