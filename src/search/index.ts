// Search's face: the registry of parameters, query text -> SearchQuery, resource -> index entries.
import type { Definitions, Resource, SearchParameterDefinition } from '../fhir/index.ts'
import type { Expression, ResourceIndex, SearchQuery } from '../store/index.ts'

/** A search as asked, ready for the store, with what the response must repeat. */
export interface ParsedSearch {
  readonly query: SearchQuery
  /** The parameters really used, in order, for the `self` link; decoded names and values. */
  readonly used: readonly (readonly [name: string, value: string])[]
}

export interface SearchOptions {
  /** `lenient`: unknown parameters are left out instead of refused (Prefer: handling=lenient). */
  readonly handling: 'strict' | 'lenient'
  readonly defaultCount: number
  readonly maxCount: number
}

export interface Search {
  /** The parameters that a search of this type may use (those of Resource included), by code. */
  parameters(type: string): ReadonlyMap<string, SearchParameterDefinition>
  /**
   * Reads decoded name and value pairs into a query. Result parameters that only shape the response
   * (`_summary`, `_elements`, `_format`, `_pretty`) must have been taken out before.
   * @throws FhirError `invalid-search`, one issue a faulty parameter, each naming it
   */
  parse(
    type: string,
    pairs: readonly (readonly [name: string, value: string])[],
    options: SearchOptions,
  ): ParsedSearch
  /**
   * The criteria of a conditional interaction or reference: a query string without `?`.
   * @throws FhirError `invalid-search`, also when no criterion is left
   */
  parseCriteria(type: string, criteria: string): Expression
  /** Everything by which the store will find the resource. */
  extract(resource: Resource): ResourceIndex
  /**
   * Changes when the rules of extraction do: the store's rows must then be made anew. A new `baseUrl` does not
   * change it, though absolute references below the base are found as local ones only after a reindex.
   */
  readonly indexVersion: string
}

export interface SearchParts {
  readonly definitions: Definitions
  /** The server's FHIR base: absolute URLs below it are local references. */
  readonly baseUrl: string
  /** Milliseconds since 1970, for dates with the prefix `ap`; the machine's clock when not given. */
  readonly now?: () => number
}

export { createSearch } from './search.ts'
export { foldString } from './fold-string.ts'
export { matchesIndex } from './match.ts'
