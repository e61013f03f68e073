// Whether a write is beyond its writer only for what it would take from what the writer may not see.
import { admits } from '../../access/index.ts'
import type { Resource } from '../../fhir/index.ts'
import type { AccessFilter, ResourceIndex, ResourceKey } from '../../store/index.ts'
import type { RepositoryParts } from '../parts.ts'

/**
 * Such a write is for the store to refuse, which it does as for a reference to nothing: that it is forbidden would tell
 * that there is something.
 * @param resource as it was sent, without the labels that were found
 * @param mustExist what it refers to, and the same commit does not write
 */
export async function isBarredByUnseen(
  { store, labelling }: Pick<RepositoryParts, 'store' | 'labelling'>,
  access: AccessFilter,
  resource: Resource,
  { patients }: Pick<ResourceIndex, 'patients'>,
  mustExist: readonly ResourceKey[],
): Promise<boolean> {
  if (labelling === undefined) return false
  const seen = await Promise.all(mustExist.map((key) => store.read(key, access)))
  if (seen.every((version) => version?.body !== undefined)) return false
  const { labels } = await labelling.explainPosted(resource, access)
  return admits(access, resource.resourceType, { patients, labels: labels.map(({ label }) => label) })
}
