// Makes the search index from what is stored: after a release that extracts differently, or on demand.
import { parseJson, type Resource } from '../fhir/index.ts'
import type { Search } from '../search/index.ts'
import type { IndexChange, Store } from '../store/index.ts'

/** The setting that holds the version of the rules by which the store's index was made. */
export const INDEX_VERSION = 'index-version'

const BATCH = 200

export interface ReindexProgress {
  /** Resources gone through so far. */
  readonly done: number
  /** Current resources when it began. */
  readonly total: number
}

export interface ReindexOptions {
  /** `anew`: also what was never written, or is damaged, is put right, and the words of the full-text index. */
  readonly how: IndexChange
  readonly progress?: (state: ReindexProgress) => void
  readonly stop?: AbortSignal
}

/**
 * Goes through every current resource and replaces its index. Runs beside reads and writes: a resource written
 * meanwhile keeps the index that write made. Resolves to how many were replaced, or stops early (then the index
 * version is left as it was, and whatever is indexed is so wholly) once `stop` is aborted.
 */
export async function reindex(
  store: Store,
  search: Search,
  { how, progress = () => {}, stop }: ReindexOptions,
): Promise<{ readonly replaced: number; readonly finished: boolean }> {
  const { maintenance } = store
  if (how === 'anew') await maintenance.clearStrays()
  // Deleted resources are counted too by some stores; the total is for the eye only.
  const total = (await maintenance.counts()).resources
  let done = 0
  let replaced = 0
  for await (const versions of maintenance.currentResources(BATCH)) {
    if (stop?.aborted) return { replaced, finished: false }
    const items = versions.flatMap(({ type, id, versionId, body }) =>
      body === undefined
        ? []
        : [{ key: { type, id }, versionId, index: search.extract(parseJson(body) as Resource) }],
    )
    replaced += await maintenance.replaceIndexes(items, how)
    done += versions.length
    progress({ done, total: Math.max(total, done) })
  }
  if (how === 'anew') await maintenance.indexWordsAnew(stop)
  if (stop?.aborted) return { replaced, finished: false }
  await maintenance.setSetting(INDEX_VERSION, search.indexVersion)
  return { replaced, finished: true }
}

/** Whether the store's index was made by other rules than `search` has now; a store without a word is new. */
export async function indexIsStale(store: Store, search: Search): Promise<boolean> {
  const made = await store.maintenance.getSetting(INDEX_VERSION)
  if (made !== undefined) return made !== search.indexVersion
  if ((await store.maintenance.counts()).versions > 0) return true
  await store.maintenance.setSetting(INDEX_VERSION, search.indexVersion)
  return false
}
