// What an operation is (https://hl7.org/fhir/R4/operations.html): where it may be called, and what it answers.
import type { Assessments, Instruments } from '../behavioral/index.ts'
import type { BillingParts } from '../billing/index.ts'
import type { Definitions, JsonObject, Resource } from '../fhir/index.ts'
import type { Repository } from '../repository/index.ts'
import type { Search } from '../search/index.ts'
import type { SearchQuery, SecurityLabel, StoredVersion } from '../store/index.ts'

export type Level = 'system' | 'type' | 'instance'

export type OperationMethod = 'GET' | 'HEAD' | 'POST'

/** For what changes nothing and needs no more than simple parameters. */
export const BY_ANY_METHOD: readonly OperationMethod[] = Object.freeze(['GET', 'HEAD', 'POST'])
export const BY_POST: readonly OperationMethod[] = Object.freeze(['POST'])

export type Pair = readonly [name: string, value: string]

export interface Operation {
  /** Without `$`. */
  readonly name: string
  /** A resource type, or `*` for each of them; '' for one of the whole server alone. */
  readonly type: string
  /** Where it is offered, and by which methods. */
  readonly levels: Readonly<Partial<Record<Level, readonly OperationMethod[]>>>
  /** Levels at which a resource is posted to it, as it is or as the part `resource` of Parameters. */
  readonly takesResource: readonly Level[]
  /**
   * The parameters that may be a resource, a value of a complex type, or have parts: they are posted in Parameters,
   * and come as `parts` and `structures`. `bare` is the one that may be posted without Parameters around it, at type
   * level, where it has the type of the URL.
   */
  readonly structured?: { readonly names: readonly string[]; readonly bare?: string }
  /** Whether a file of X12 may be posted to it as it is (application/edi-x12); it comes as `x12`. */
  readonly takesX12?: true
  /** Whether a POST changes what the server holds. */
  readonly affectsState: boolean
  /** `Resource`: of more than one type. */
  readonly answers: 'Bundle' | 'Parameters' | 'Resource'
  /** Media types beside FHIR's own in which it answers who asks for them by Accept or `_format`. */
  readonly alsoIn?: readonly string[]
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string
  readonly summary: string
  /** Those of its own; it may take search parameters too. */
  readonly parameters: readonly { readonly name: string; readonly documentation: string }[]
  /** @throws FhirError `invalid`, `invalid-search`, `not-found`, `deleted`, `too-costly` */
  readonly run: (call: OperationCall) => Promise<OperationAnswer>
}

export interface OperationCall {
  readonly repository: Repository
  readonly search: Search
  readonly definitions: Definitions
  /** undefined: this server scores nothing. */
  readonly assessments: Assessments | undefined
  /** undefined: this server knows of no instruments. */
  readonly instruments: Instruments | undefined
  /** undefined: this server does not bill. */
  readonly billing: BillingParts | undefined
  readonly method: string
  /** '' at system level. */
  readonly type: string
  /** '' at type and system level. */
  readonly id: string
  /** What was posted, where the operation takes a resource. */
  readonly resource: Resource | undefined
  /** The resources posted as the operation's structured parameters, by name. */
  readonly parts: ReadonlyMap<string, readonly Resource[]>
  /** Its structured parameters that are neither resources nor simple: those of a complex type, and those with parts. */
  readonly structures: ReadonlyMap<string, readonly PostedParameter[]>
  readonly x12: Buffer | undefined
  /** Decoded, in order, without those that only shape the answer. */
  readonly pairs: readonly Pair[]
  readonly handling: 'strict' | 'lenient'
  /** Of the operation's `alsoIn`, the one to answer in; undefined for FHIR's own. */
  readonly mediaType: string | undefined
  /** Whether a further page is asked for. */
  readonly paging: boolean
  readonly maxCount: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A parameter as it was posted. */
export interface PostedParameter {
  readonly item: JsonObject
  /** FHIRPath: `Parameters.parameter[2]`. */
  readonly place: string
}

export type OperationAnswer =
  /** A search whose pages the caller shows, without what carries `leavingOut`; `used` are the parameters that the links repeat. */
  | {
      readonly kind: 'search'
      readonly query: SearchQuery
      readonly leavingOut: readonly SecurityLabel[]
      readonly used: readonly Pair[]
    }
  | {
      readonly kind: 'resources'
      readonly versions: readonly StoredVersion[]
      readonly used: readonly Pair[]
    }
  /** `created`: it is stored now, as it stands here, and had not been. */
  | { readonly kind: 'resource'; readonly resource: Resource; readonly created?: true }
  /** In a media type of the operation's `alsoIn`. */
  | { readonly kind: 'bytes'; readonly mediaType: string; readonly body: Buffer }
