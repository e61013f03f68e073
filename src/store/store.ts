// The port to a store: versions, search queries and commits; no SQL, no Mongo filter and no HTTP.
// Adapters: sqlite/ (and mongo/). One contract suite, test/contract/, holds for all.
import type { AccessFilter, SecurityLabel } from './access-filter.ts'
import type { Asker } from './asker.ts'
import type { Commit, CommitResult, ResourceKey } from './commit.ts'
import type { ResourceIndex } from './index-entry.ts'
import type { SearchQuery, Expression } from './query/index.ts'

export interface StoredVersion {
  readonly type: string
  readonly id: string
  /** Counts from 1. */
  readonly versionId: number
  /** Milliseconds since 1970; never decreases from one commit to the next. */
  readonly lastUpdated: number
  /** `create` also for the first version after a deletion. */
  readonly change: 'create' | 'update' | 'delete'
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The final UTF-8 JSON, not to be altered, as a store may hand the same bytes out again; undefined for a deletion. */
  readonly body: Buffer | undefined
}

/**
 * All pages of a search show the moment of the first: what was current then, as it was then; but for resources that the
 * caller may not see any more.
 */
export interface SearchPage {
  /** As many as asked for; fewer, with `next`, when their bodies are too large for one page. */
  readonly matches: readonly StoredVersion[]
  /** Targets of `includes` that are visible, each once, none that is also a match on this page. */
  readonly included: readonly StoredVersion[]
  /** Of all pages; when asked for. */
  readonly total: number | undefined
  /** Whether there was more to include than `SearchQuery.mostIncluded`. */
  readonly includedCut: boolean
  /**
   * For `SearchQuery.cursor`; undefined on the last page. It tells of what the caller may not see: whoever lets it leave
   * the server seals it.
   */
  readonly next: string | undefined
  /** The same for the page before; undefined on the first. */
  readonly previous: string | undefined
  /**
   * What the bodies stand in, where nothing else does: whoever has done with all of them may let go of it (`transfer(0)`)
   * rather than leave it to be collected. They have no bytes any more then.
   */
  readonly memory?: readonly ArrayBuffer[] | undefined
}

export interface HistoryQuery {
  readonly scope:
    | { readonly kind: 'instance'; readonly type: string; readonly id: string }
    | { readonly kind: 'type'; readonly type: string }
    | { readonly kind: 'system' }
  /** Only versions written at or after this time (milliseconds since 1970). */
  readonly since: number | undefined
  /**
   * Only versions that were current at some time in [low, high): written before `high`, and not superseded, by a
   * version of whatever visibility, at or before `low`.
   */
  readonly at: { readonly low: number; readonly high: number } | undefined
  readonly count: number
  readonly after: string | undefined
}

/** Newest first: what was written last, also within a commit. Versions that the caller may not see, as they were or as their resource is now, are left out; a deletion is as what was deleted. */
export interface HistoryPage {
  /** As `SearchPage.matches`. */
  readonly versions: readonly StoredVersion[]
  /** Of all pages; always for an instance and when `count` is 0, elsewhere when it costs little. */
  readonly total: number | undefined
  readonly next: string | undefined
}

/** Of each resource that was asked for; undefined for what never was. */
export type LabelsFound = readonly (readonly SecurityLabel[] | undefined)[]

/** `asker`: whoever waits for the answer; askers take turns at what is scarce. The server itself when not given. */
export interface Store {
  /** The current version, a deletion included; undefined when there never was one, or it is hidden. */
  read(key: ResourceKey, access: AccessFilter): Promise<StoredVersion | undefined>
  /** Hidden also when the resource, as it is now, is. */
  readVersion(key: ResourceKey, versionId: number, access: AccessFilter): Promise<StoredVersion | undefined>
  /**
   * What `read`, or with a version `readVersion`, would resolve to, if that is known without waiting; undefined
   * otherwise, and where it is a deletion. A store that has to wait for all does without.
   */
  atHand?(key: ResourceKey, versionId: number | undefined, access: AccessFilter): StoredVersion | undefined
  /** @throws FhirError as `search` */
  history(query: HistoryQuery, access: AccessFilter, asker?: Asker): Promise<HistoryPage>
  /**
   * @throws FhirError `invalid-search` for a cursor that this store did not give for this search, `expired` for one
   *   whose moment cannot be shown any more, `too-costly`, `overloaded` when the words of what was just written are
   *   asked for and not all known yet
   */
  search(query: SearchQuery, access: AccessFilter, asker?: Asker): Promise<SearchPage>
  /** The ids that match, in no order, at most `limit`. Deletions never match. */
  matches(
    type: string,
    where: Expression,
    limit: number,
    access: AccessFilter,
    asker?: Asker,
  ): Promise<readonly string[]>
  /**
   * The labels that guard each of these: of its last version, a deletion included, in no order, whoever may see it;
   * undefined for what never was. They may be older than the last commit, so a commit asserts them. At once, where the
   * store need not wait for anything.
   */
  labelsOf(keys: readonly ResourceKey[]): LabelsFound | Promise<LabelsFound>
  /**
   * What refers to this resource now by its type and id, under any parameter, itself or in what it contains, whoever
   * may see it: each once, the resource itself not, at most `limit`, in the order in which they first came to be.
   * @param behind only those behind this one in that order, whether it still refers or not: the last of a page leads
   *   to the next
   */
  referrers(key: ResourceKey, limit: number, behind?: ResourceKey): Promise<readonly ResourceKey[]>
  /** Whether it is known, without looking for them, that `referrers` has none. */
  isUnnamed?(key: ResourceKey): boolean
  /**
   * Takes a turn: assertions, then expectations, writes and references, durable when it resolves.
   * Concurrent calls share one transaction and one sync, each still all or nothing.
   * When the asker leaves before its turn, nothing is written.
   * @throws FhirError `overloaded` when too many wait, `storage-failed` when the disk refuses.
   */
  commit(commit: Commit, asker?: Asker): Promise<CommitResult>
  readonly maintenance: StoreMaintenance
  /** Commits that wait for their turn or are in it, for whoever watches the server. */
  readonly pendingCommits: number
  /** Finishes what was accepted, then lets go of the file or connection. */
  close(): Promise<void>
}

/**
 * `difference`: only what the new index has otherwise than the old is written; `anew`: whatever stands there is taken
 * away first, should it not be what was written.
 */
export type IndexChange = 'difference' | 'anew'

/** What operators do; no principal, no filter. */
export interface StoreMaintenance {
  /** Resources that are not deleted; versions, deletions included. */
  counts(): Promise<{ readonly resources: number; readonly versions: number }>
  /**
   * Every resource that is not deleted, in batches, in the order in which they first came to be; or those of one
   * type, behind the one of this id when it is given (which may be deleted by now).
   */
  currentResources(
    batchSize: number,
    within?: { readonly type: string; readonly after?: string | undefined },
  ): AsyncIterable<readonly StoredVersion[]>
  /**
   * Puts new index rows, compartments and labels in place of the old, for resources still at that version (a deleted
   * one is not). Resolves to how many were. By difference when not told.
   */
  replaceIndexes(
    items: readonly {
      readonly key: ResourceKey
      readonly versionId: number
      readonly index: ResourceIndex
    }[],
    how?: IndexChange,
  ): Promise<number>
  /** Takes away what the index has of resources that are not there. Writes may go on meanwhile. */
  clearStrays(): Promise<void>
  /** Forgets all words of the full-text index, and takes in those of every resource, unless `stop` is aborted. */
  indexWordsAnew(stop?: AbortSignal): Promise<void>
  /** A small named value that lives with the data: the version of the index rules, what a release shipped. */
  getSetting(name: string): Promise<string | undefined>
  setSetting(name: string, value: string): Promise<void>
  /** A consistent copy while writes go on, verified after. @throws FhirError when `file` is there already. */
  backup(
    file: string,
    progress?: (done: number, total: number) => void,
  ): Promise<{ readonly resources: number; readonly versions: number; readonly bytes: number }>
  /** What is wrong with the data at rest; empty when nothing is. */
  verify(): Promise<readonly string[]>
}
