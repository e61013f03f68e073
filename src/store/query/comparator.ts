// The prefixes of ordered values (https://hl7.org/fhir/R4/search.html#prefix).

export type Comparator = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap'

/**
 * A range of the search value and how the stored range is compared with it.
 * With S = [low, high) of the search value and R = [low, high) of the resource:
 * eq: R lies within S; ne: not eq; gt: R reaches above S (R.high > S.high); lt: R.low < S.low;
 * ge: gt or eq; le: lt or eq; sa: R.low >= S.high; eb: R.high <= S.low; ap: R and the widened S overlap.
 * Whoever builds the node widens S for `ap`; adapters only test for overlap.
 */
export interface RangeComparison {
  readonly comparator: Comparator
  readonly low: number
  readonly high: number
}
