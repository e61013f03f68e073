// Goes through what is stored and compares its search index with what extraction makes of every resource now.
import { parseJson, type Resource } from '../fhir/index.ts'
import type { Search } from '../search/index.ts'
import type { ExpectedIndex, Inspection, StoredVersion } from '../store/index.ts'
import { breathe } from './breathe.ts'
import { INDEX_VERSION, type ReindexProgress } from './reindex.ts'
import { shippedIsReadable } from './shipped.ts'

const BATCH = 200
/** Beyond it faults are counted only. */
const MOST_LINES = 100

export interface VerifiedIndex {
  /** A sentence each, naming the resource and the search parameter; no values. */
  readonly faults: readonly string[]
  /** Whether the index was made by the rules that `search` has. Else it is to be made anew, and was not compared. */
  readonly isCurrent: boolean
  /** False when `stop` ended it. */
  readonly finished: boolean
}

/**
 * `search` must know the custom search parameters. Those that are not live are passed over: their values are not all
 * there yet; and so are values of parameters that are no more.
 */
export async function verifyIndex(
  { store, indexFaults }: Inspection,
  search: Search,
  progress: (state: ReindexProgress) => void = () => {},
  stop?: AbortSignal,
): Promise<VerifiedIndex> {
  const { maintenance } = store
  const { resources, versions } = await maintenance.counts()
  const made = await maintenance.getSetting(INDEX_VERSION)
  if (made !== search.indexVersion && versions > 0) return { faults: [], isCurrent: false, finished: true }
  const compares = (type: string, param: string): boolean =>
    search.parameters(type).has(param.replace(/:.*/, ''))
  const faults: string[] = (await shippedIsReadable(store))
    ? []
    : ['What earlier releases shipped cannot be read.']
  let count = faults.length
  let done = 0
  const result = (finished: boolean): VerifiedIndex => ({
    faults: count > faults.length ? [...faults, `... and ${count - faults.length} more.`] : faults,
    isCurrent: true,
    finished,
  })
  for await (const batch of maintenance.currentResources(BATCH)) {
    if (stop?.aborted) return result(false)
    const expected: ExpectedIndex[] = []
    for (const [step, version] of batch.entries()) {
      await breathe(step)
      const index = extracted(search, version)
      if (index !== undefined) expected.push({ key: version, versionId: version.versionId, index, compares })
    }
    const found = indexFaults(expected)
    count += found.length
    faults.push(...found.slice(0, Math.max(0, MOST_LINES - faults.length)))
    done += batch.length
    progress({ done, total: Math.max(resources, done) })
  }
  return result(true)
}

/** Undefined for a body that is damaged, which the store itself tells of. */
function extracted(search: Search, { body }: StoredVersion): ExpectedIndex['index'] | undefined {
  try {
    return search.extract(parseJson(body as Buffer) as Resource)
  } catch {
    return undefined
  }
}
