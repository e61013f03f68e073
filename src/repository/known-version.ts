// A stored version as rules of the domain look at it.
import { parseJson, type Resource } from '../fhir/index.ts'
import type { HistoryQuery, StoredVersion } from '../store/index.ts'
import type { KnownVersion } from './write-rules.ts'

const MOST_EARLIER = 30

/** Asks for what `WorldView.earlier` answers. */
export function lastVersions(type: string, id: string): HistoryQuery {
  const scope = { kind: 'instance', type, id } as const
  return { scope, since: undefined, at: undefined, count: MOST_EARLIER, after: undefined }
}

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
