// A URI, compared exactly and by case (https://hl7.org/fhir/R4/search.html#uri).

export interface UriMatch {
  readonly kind: 'uri'
  readonly param: string
  readonly value: string
}

export function uriMatch(param: string, value: string): UriMatch {
  return Object.freeze({ kind: 'uri', param, value })
}

/** The URI begins with a text, by case (`:below`). */
export interface UriBelowMatch {
  readonly kind: 'uri-below'
  readonly param: string
  readonly prefix: string
}

export function uriBelowMatch(param: string, prefix: string): UriBelowMatch {
  return Object.freeze({ kind: 'uri-below', param, prefix })
}
