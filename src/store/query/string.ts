// A string that begins with a value, both folded (https://hl7.org/fhir/R4/search.html#string).

export interface StringMatch {
  readonly kind: 'string'
  readonly param: string
  /** Folded by `foldString` of the search layer: no case, no accents, single spaces. */
  readonly prefix: string
}

export function stringMatch(param: string, prefix: string): StringMatch {
  return Object.freeze({ kind: 'string', param, prefix })
}
