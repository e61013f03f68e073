// What the Repository is asked to write, and what it answers: the vocabulary of its write verbs.
import type { Patch, Resource } from '../fhir/index.ts'
import type { StoredVersion } from '../store/index.ts'

/** `versions`: the ETags' version ids; `*` any current version (https://hl7.org/fhir/R4/http.html#concurrency). */
export type IfMatch = { readonly versions: readonly string[] } | '*'

/** A resource by its id, or by criteria (a query string without `?`, https://hl7.org/fhir/R4/http.html#cond-update). */
export type Target =
  | { readonly type: string; readonly id: string }
  | { readonly type: string; readonly criteria: string }

export interface CreateRequest {
  readonly kind: 'create'
  readonly type: string
  readonly resource: Resource
  /** The JSON of just this resource, as `writeJson` would write it; where it is not given, that is done. */
  readonly text?: string | undefined
  /** Query string of If-None-Exist. */
  readonly ifNoneExist?: string | undefined
  /** What follows from it by rules of the domain is written, also where a setting says otherwise. */
  readonly follows?: true
}

export interface UpdateRequest {
  readonly kind: 'update'
  readonly target: Target
  readonly resource: Resource
  /** As of a CreateRequest. */
  readonly text?: string | undefined
  readonly ifMatch?: IfMatch | undefined
  /** `If-None-Match: *`: only when there is no current version. */
  readonly ifNoneMatch?: '*' | undefined
  /** What follows from it by rules of the domain is written, also where a setting says otherwise. */
  readonly follows?: true
}

export interface PatchRequest {
  readonly kind: 'patch'
  readonly target: Target
  readonly patch: Patch
  readonly ifMatch?: IfMatch | undefined
}

export interface DeleteRequest {
  readonly kind: 'delete'
  readonly target: Target
  readonly ifMatch?: IfMatch | undefined
}

export type WriteRequest = CreateRequest | UpdateRequest | PatchRequest | DeleteRequest

/** One entry of a transaction; `entry` is its place in the Bundle, for errors that name `Bundle.entry[n]`. */
export type TransactionRequest = WriteRequest & {
  readonly entry: number
  readonly fullUrl?: string | undefined
}

export interface WriteOutcome {
  /**
   * `existing`: a conditional create found its match and wrote nothing; `unchanged`: the content is that of the
   * current version; `absent`: a delete of nothing. These three make no version.
   */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'existing' | 'deleted' | 'absent'
  /** The version now current, a deletion included; undefined for `absent`. */
  readonly version: StoredVersion | undefined
  /** Warnings that came with the write, such as those of ALCOVE_VALIDATION=warn. */
  readonly warnings: readonly import('../fhir/index.ts').Issue[]
}
