// What the store would refuse a commit for, read beforehand: for writes that change something else before their own turn.
import {
  isExpected,
  type AccessFilter,
  type Commit,
  type CommitResult,
  type ResourceKey,
  type Store,
} from '../store/index.ts'
import { nameOf } from './labelling/label-graph.ts'

/** The store's own word counts in the end: others may write meanwhile. undefined when nothing stands against the writes. */
export async function foreseenRefusal(
  store: Store,
  access: AccessFilter,
  writes: Commit['writes'],
): Promise<Exclude<CommitResult, { kind: 'committed' | 'matches-changed' | 'labels-changed' }> | undefined> {
  for (const [write, request] of writes.entries()) {
    const { type, id } = request
    if (request.kind === 'put' && request.byServer === true) continue
    const seen = await store.read({ type, id }, access)
    if (seen === undefined && (await store.labelsOf([{ type, id }]))[0] !== undefined)
      return { kind: 'hidden', write }
    const current = seen?.body === undefined ? undefined : seen.versionId
    if (!isExpected(request, current)) return { kind: 'unexpected-version', write, current }
  }
  const puts = new Set(writes.filter(({ kind }) => kind === 'put').map(nameOf))
  for (const [write, request] of writes.entries()) {
    if (request.kind !== 'put') continue
    const missing: ResourceKey[] = []
    for (const key of request.mustExist)
      if (!puts.has(nameOf(key)) && (await store.read(key, access))?.body === undefined) missing.push(key)
    if (missing.length > 0) return { kind: 'missing-references', write, missing }
  }
  return undefined
}
