// Who refers to a resource and may give it labels by that.
import type { LabelLinkKind } from '../../access/index.ts'
import { localReferenceMatch, SEE_EVERYTHING, type ResourceKey, type Store } from '../../store/index.ts'

const MOST_GIVERS = 10_000

/** Resources of which some link of this kind may lead to it: whether one does is for their links to tell. */
export async function referrersAlong(
  store: Store,
  kind: LabelLinkKind,
  key: ResourceKey,
): Promise<readonly ResourceKey[]> {
  if (kind !== 'records') return store.referrers(key, MOST_GIVERS)
  const where = localReferenceMatch('target', [key.type], key.id)
  const ids = await store.matches('Provenance', where, MOST_GIVERS, SEE_EVERYTHING)
  return ids.map((id) => ({ type: 'Provenance', id }))
}
