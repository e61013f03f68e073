// What an operation is (https://hl7.org/fhir/R4/operations.html): where it may be called, and what it answers.
import type { Definitions } from '../fhir/index.ts'
import type { Repository } from '../repository/index.ts'
import type { Search } from '../search/index.ts'
import type { SearchQuery, StoredVersion } from '../store/index.ts'

export type Level = 'type' | 'instance'

export type Pair = readonly [name: string, value: string]

export interface Operation {
  /** Without `$`. */
  readonly name: string
  readonly type: string
  readonly levels: readonly Level[]
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string
  readonly summary: string
  /** Those of its own; it may take search parameters too. */
  readonly parameters: readonly { readonly name: string; readonly documentation: string }[]
  /** @throws FhirError `invalid-search`, `not-found`, `deleted`, `too-costly` */
  readonly run: (call: OperationCall) => Promise<OperationAnswer>
}

export interface OperationCall {
  readonly repository: Repository
  readonly search: Search
  readonly definitions: Definitions
  /** '' at type level. */
  readonly id: string
  /** Decoded, in order, without those that only shape the answer. */
  readonly pairs: readonly Pair[]
  readonly handling: 'strict' | 'lenient'
  /** Whether a further page is asked for. */
  readonly paging: boolean
  readonly maxCount: number
}

export type OperationAnswer =
  /** A search whose pages the caller shows; `used` are the parameters that the links repeat. */
  | { readonly kind: 'search'; readonly query: SearchQuery; readonly used: readonly Pair[] }
  | {
      readonly kind: 'resources'
      readonly versions: readonly StoredVersion[]
      readonly used: readonly Pair[]
    }
