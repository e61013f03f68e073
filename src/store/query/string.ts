// A string that begins with a value, holds it, ends with it or is it (https://hl7.org/fhir/R4/search.html#string).

export interface StringMatch {
  readonly kind: 'string'
  readonly param: string
  /**
   * How `value` is compared: `starts`, `contains`, `ends` and `equals` with the folded string (`foldString` of the
   * search layer has folded `value` too), `exact` with the string as it was written, by code points.
   */
  readonly mode: 'starts' | 'contains' | 'ends' | 'equals' | 'exact'
  readonly value: string
}

export function stringMatch(param: string, value: string, mode: StringMatch['mode'] = 'starts'): StringMatch {
  return Object.freeze({ kind: 'string', param, mode, value })
}

/** The folded string, by its code points, stands before or behind a value that is folded too (`gt` and the like of `_filter`). */
export interface StringOrderMatch {
  readonly kind: 'string-order'
  readonly param: string
  readonly comparator: 'gt' | 'lt' | 'ge' | 'le'
  readonly value: string
}

export function stringOrderMatch(
  param: string,
  comparator: StringOrderMatch['comparator'],
  value: string,
): StringOrderMatch {
  return Object.freeze({ kind: 'string-order', param, comparator, value })
}
