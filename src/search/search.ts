// Search as others use it, put together from its parts.
import type { Definitions, Resource, SearchParameterDefinition } from '../fhir/index.ts'
import type { Expression, ResourceIndex } from '../store/index.ts'
import { checkCustomParameter } from './check-custom.ts'
import type { CustomChange, CustomParameter } from './custom-parameter.ts'
import { createExtractors } from './extraction/extractors.ts'
import { ROWS_DIGEST } from './generated/search-parameters.ts'
import { ParsedLately } from './parsed-lately.ts'
import { parseCriteria } from './query-text/parse-criteria.ts'
import { parseSearch, type ParsedSearch, type SearchOptions } from './query-text/parse-search.ts'
import type { SearchLookup } from './lookup.ts'
import type { SearchScope } from './query-text/scope.ts'
import { createRegistry } from './registry.ts'
import { createSelectionCompiler } from './select-expression.ts'

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
   * Reads a SearchParameter resource, loading the FHIRPath engine if its expression needs it. The parameter is not yet
   * part of searches: `setCustom` makes it so, with the state that the caller gives it. A composite is made of what has
   * been set, or changes with it.
   * @throws FhirError `invalid` for an expression, base or target that cannot be, `business-rule` for a code that is
   *   taken and for what is not offered; each issue names the element
   */
  checkCustom(definition: Resource, change?: CustomChange): Promise<CustomParameter>
  /**
   * The custom parameters from now on, in place of those set before; at once, for whatever is extracted or parsed
   * next. Those that are not live are extracted but not offered. To change only how far one is, set it anew with
   * another `state` or `indexed`.
   */
  setCustom(parameters: readonly CustomParameter[]): void
  /**
   * Changes when the rules of extraction do: the store's rows must then be made anew. A new `baseUrl` does not
   * change it, nor does a custom parameter, though absolute references below the base are found as local ones only after a reindex.
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
const EXTRACTION = 5

/** Costs next to nothing until a type is used; what a type needs is linked then, once. */
export function createSearch({ definitions, baseUrl, now = Date.now }: SearchParts): Search {
  const registry = createRegistry(definitions)
  const parts = { registry, definitions, baseUrl, now }
  const compiler = createSelectionCompiler({ definitions, baseUrl })
  const extractors = createExtractors({ registry, definitions, baseUrl })
  const lately = new ParsedLately((scope, pairs, options, asked) =>
    parseSearch(scope, pairs, options, { ...parts, ...asked }),
  )
  return {
    parameters: (type) => registry.offered(type),
    parse: (scope, pairs, options, lookup) => lately.parse(scope, pairs, options, { lookup, now }),
    parseCriteria: (type, criteria, lookup) => parseCriteria(type, criteria, { ...parts, lookup }),
    extract: extractors.extract,
    checkCustom: (definition, change = { replaced: new Set(), added: [] }) =>
      checkCustomParameter(definition, change, { registry, definitions, compiler }),
    setCustom: (parameters) => {
      extractors.forget(registry.setCustom(parameters))
      lately.forget()
    },
    indexVersion: `${EXTRACTION}-${ROWS_DIGEST}`,
  }
}
