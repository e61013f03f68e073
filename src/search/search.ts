// Puts the parts of search together.
import { createExtractor, type Extractor } from './extraction/extractor.ts'
import { ROWS_DIGEST } from './generated/search-parameters.ts'
import type { Search, SearchParts } from './index.ts'
import { parseCriteria, parseSearch } from './query-text/parse-search.ts'
import { createRegistry } from './registry.ts'

/** To be raised with every change of what extraction makes of the same resource and the same parameters. */
const EXTRACTION = 1

/** Costs next to nothing until a type is used; what a type needs is linked then, once. */
export function createSearch({ definitions, baseUrl, now = Date.now }: SearchParts): Search {
  const registry = createRegistry(definitions)
  const parts = { registry, definitions, baseUrl, now }
  const extractors = new Map<string, Extractor>()
  return {
    parameters: (type) => registry.offered(type),
    parse: (type, pairs, options) => parseSearch(type, pairs, options, parts),
    parseCriteria: (type, criteria) => parseCriteria(type, criteria, parts),
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
