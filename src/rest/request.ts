// A FHIR request without its transport: HTTP makes one, and so does each entry of a batch.
import type { JsonValue } from '../fhir/index.ts'

/** Headers as their text; undefined when absent. */
export interface RestHeaders {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** Milliseconds since 1970. */
  readonly ifModifiedSince?: number | undefined
  readonly ifNoneExist?: string | undefined
  readonly prefer?: string | undefined
}

export type RestBody =
  /** The model of what was sent as a resource, in JSON or XML. `text`: see `ReadJson`. */
  | { readonly kind: 'json'; readonly value: JsonValue; readonly text?: string | undefined }
  | { readonly kind: 'json-patch'; readonly operations: JsonValue }
  /** application/x-www-form-urlencoded text. */
  | { readonly kind: 'form'; readonly text: string }
  /** A file of X12, for the operations that take one. */
  | { readonly kind: 'x12'; readonly bytes: Buffer }

export interface RestRequest {
  /** In capitals; any method, so that an unknown one gets its 405. */
  readonly method: string
  /** Decoded path segments below the FHIR base. */
  readonly segments: readonly string[]
  /** Query string without `?`, not decoded. */
  readonly query: string
  readonly headers: RestHeaders
  readonly body: RestBody | undefined
  /** What the answer is to be in, where that is none of FHIR's formats: of the operation's `alsoIn`. */
  readonly mediaType?: string | undefined
}
