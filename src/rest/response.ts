// A FHIR response without its transport.
import { writeJson, type Resource } from '../fhir/index.ts'
import type { StoredVersion } from '../store/index.ts'

export interface RestResponse {
  readonly status: number
  /** `W/"3"`. */
  readonly etag?: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number
  /** Absolute. */
  readonly location?: string
  /** Absolute. */
  readonly contentLocation?: string
  /** JSON of one resource, in UTF-8, unless `mediaType` says otherwise; undefined for no content. */
  readonly body: Buffer | undefined
  /** Whether the body stands in memory in which nothing else does, so that it may be let go of once it is sent. */
  readonly ownsBody?: boolean
  /** Of a body that is no resource, and is sent as it is. */
  readonly mediaType?: string
  /** How the body came to be: an OperationOutcome stands elsewhere in a batch-response than a resource does. */
  readonly bodyKind?: 'resource' | 'outcome'
}

/** The weak ETag of a version (https://hl7.org/fhir/R4/http.html#versioning). */
export function etagOf(versionId: number): string {
  return `W/"${versionId}"`
}

export function resourceBytes(resource: Resource): Buffer {
  return Buffer.from(writeJson(resource))
}

export function versionUrl(
  baseUrl: string,
  { type, id, versionId }: Pick<StoredVersion, 'type' | 'id' | 'versionId'>,
): string {
  return `${baseUrl}/${type}/${id}/_history/${versionId}`
}
