// One search parameter, as R4's SearchParameter resources define it, with its expression compiled to steps.

export type SearchParameterType =
  | 'string'
  | 'token'
  | 'reference'
  | 'date'
  | 'number'
  | 'quantity'
  | 'uri'
  | 'composite'
  | 'special'

export interface SearchParameterDefinition {
  /** `birthdate`, as it stands in a URL. */
  readonly code: string
  /** Canonical URL: http://hl7.org/fhir/SearchParameter/individual-birthdate */
  readonly url: string
  readonly type: SearchParameterType
  /** The resource type that this entry is for; a SearchParameter with several bases has one entry each. */
  readonly base: string
  /** The FHIRPath that applies to `base` (branches of other types removed). Empty for special parameters. */
  readonly expression: string
  /** For references: the resource types allowed as targets. */
  readonly targets: readonly string[]
  /** For composites: the component parameters' definitions (canonical URLs) and expressions. */
  readonly components: readonly { readonly definition: string; readonly expression: string }[]
  readonly description: string
}
