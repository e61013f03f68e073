// A SearchParameter that somebody wrote to this server (https://hl7.org/fhir/R4/searchparameter.html), as search uses it.
import type { SearchParameterDefinition, SearchParameterType } from '../fhir/index.ts'
import type { RegisteredComponent } from './registry.ts'
import type { Selection } from './selection.ts'

export interface CustomParameter {
  readonly url: string
  readonly code: string
  readonly type: Exclude<SearchParameterType, 'special'>
  /** The resource types that it is for, sorted; a base of Resource or DomainResource stands for all its types. */
  readonly types: readonly string[]
  /** `indexing`: writes extract it, but no search may use it yet, for not every resource has been indexed by it. */
  readonly state: 'indexing' | 'live'
  /** How many of the resources of these types have been indexed by it, while it is not live. */
  readonly indexed: { readonly done: number; readonly total: number } | undefined
  /** What extraction makes of it, by resource type; `checkCustom` has worked it out, nobody else reads it. */
  readonly compiled: ReadonlyMap<string, CompiledParameter>
}

/** What changes together with a parameter that is being checked. */
export interface CustomChange {
  /** URLs of custom parameters that will be gone, or others: their codes are free. */
  readonly replaced: ReadonlySet<string>
  /** Those that will be there: a composite may be made of them. */
  readonly added: readonly CustomParameter[]
}

export interface CompiledParameter {
  readonly definition: SearchParameterDefinition
  readonly selection: Selection
  readonly components: readonly RegisteredComponent[]
}
