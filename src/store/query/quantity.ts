// A number with a unit (https://hl7.org/fhir/R4/search.html#quantity); compared as `NumberMatch` says. A stored
// Range is compared as `RangeComparison` says.
import type { RangeComparison } from './comparator.ts'

export interface QuantityMatch extends RangeComparison {
  readonly kind: 'quantity'
  readonly param: string
  /** undefined: any system. */
  readonly system: string | undefined
  /** undefined: any unit. Without a system it is compared with both `code` and `unit`, with one only with `code`. */
  readonly code: string | undefined
}

export function quantityMatch(
  param: string,
  comparison: RangeComparison,
  system: string | undefined,
  code: string | undefined,
): QuantityMatch {
  return Object.freeze({ kind: 'quantity', param, ...comparison, system, code })
}
