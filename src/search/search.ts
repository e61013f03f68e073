// Search as others use it, put together from its parts.
import type { Definitions, Resource, SearchParameterDefinition } from '../fhir/index.ts'
import type { Expression, ResourceIndex } from '../store/index.ts'
import { createExtractor, type Extractor } from './extraction/extractor.ts'
import { ROWS_DIGEST } from './generated/search-parameters.ts'
import {
  parseCriteria,
  parseSearch,
  type ParsedSearch,
  type SearchOptions,
} from './query-text/parse-search.ts'
import type { SearchLookup } from './lookup.ts'
import type { SearchScope } from './query-text/scope.ts'
import { createRegistry } from './registry.ts'

export interface Search {
  /** The parameters that a search of this type may use (those of Resource included), by code. */
  parameters(type: string): ReadonlyMap<string, SearchParameterDefinition>
  /**
   * Reads decoded name and value pairs into a query. Result parameters that only shape the response
   * (`_summary`, `_elements`, `_format`, `_pretty`) must have been taken out before.
   * @throws FhirError `invalid-search`, one issue a faulty parameter, each naming it
   */
  parse(
    scope: SearchScope,
    pairs: readonly (readonly [name: string, value: string])[],
    options: SearchOptions,
    lookup: SearchLookup,
  ): Promise<ParsedSearch>
  /**
   * The criteria of a conditional interaction or reference: a query string without `?`.
   * @throws FhirError `invalid-search`, also when no criterion is left
   */
  parseCriteria(type: string, criteria: string, lookup: SearchLookup): Promise<Expression>
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

/** To be raised with every change of what extraction makes of the same resource and the same parameters. */
const EXTRACTION = 1

/** Costs next to nothing until a type is used; what a type needs is linked then, once. */
export function createSearch({ definitions, baseUrl, now = Date.now }: SearchParts): Search {
  const registry = createRegistry(definitions)
  const parts = { registry, definitions, baseUrl, now }
  const extractors = new Map<string, Extractor>()
  return {
    parameters: (type) => registry.offered(type),
    parse: (scope, pairs, options, lookup) => parseSearch(scope, pairs, options, { ...parts, lookup }),
    parseCriteria: (type, criteria, lookup) => parseCriteria(type, criteria, { ...parts, lookup }),
    extract(resource) {
      const type = resource.resourceType
      let extractor = extractors.get(type)
      if (extractor === undefined) {
        extractor = createExtractor(type, registry, definitions, baseUrl)
        if (definitions.isResourceType(type)) extractors.set(type, extractor)
      }
      return extractor(resource)
    },
    indexVersion: `${EXTRACTION}-${ROWS_DIGEST}`,
  }
}
