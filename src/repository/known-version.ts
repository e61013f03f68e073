// A stored version as rules of the domain look at it.
import { parseJson, type Resource } from '../fhir/index.ts'
import type { StoredVersion } from '../store/index.ts'
import type { KnownVersion } from './write-rules.ts'

/** undefined for a deletion. */
export function knownVersion({
  id,
  body,
  versionId,
}: Pick<StoredVersion, 'id' | 'body' | 'versionId'>): KnownVersion | undefined {
  if (body === undefined) return undefined
  let resource: Resource | undefined
  return {
    id,
    versionId,
    get resource() {
      resource ??= parseJson(body) as Resource
      return resource
    },
  }
}
