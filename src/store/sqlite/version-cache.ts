// Versions that were read lately, kept in memory so that they can be read again without asking the database
// (ig/decisions/0010-versions-in-memory.md).
import { createHash } from 'node:crypto'
import type { AccessFilter } from '../access-filter.ts'
import { AskedOnce } from '../asked-once.ts'
import type { ResourceKey } from '../commit.ts'
import type { StoredVersion } from '../store.ts'
import type { Job } from './jobs.ts'

/** Bytes of the process that all that is kept may take, beside the bodies of pages under way. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024
/** What an entry takes beside its body: its keys, its objects, the Buffer and its memory's own frame. */
const ENTRY_BYTES = 512
/** A body of more than this part of all would drive out too many others. */
const LARGEST_PART = 1 / 64
/** Filters that are remembered to let one version pass; of a version that more callers read, the last ones. */
const MOST_FILTERS = 8
/** Texts longer than this are kept as their hash. */
const LONGEST_FILTER = 100
/** Of what was asked for lately and found no room: some times what fits into memory. */
const REMEMBERED_ASKS = 65_536

/** What is kept of one resource. */
interface Kept {
  readonly type: string
  readonly id: string
  current: Entry | undefined
  /** Those that are kept by their number. */
  numbered: Map<number, Entry> | undefined
}

interface Entry {
  readonly of: Kept
  /** Undefined for the current one. */
  readonly versionId: number | undefined
  readonly version: StoredVersion
  readonly bytes: number
  /** The filters through which the database has shown this very version. */
  readonly shownTo: string[]
  /** Whether it was read since it was last passed over. */
  read: boolean
  /** In the order in which they came; undefined at the ends. */
  before: Entry | undefined
  after: Entry | undefined
}

/**
 * The law: a caller is handed a version only if the database has shown it through the same filter, and only while no
 * write that may replace it, or change who sees it, is under way. From the moment such a write is handed to the writer
 * until its answer has come, the database alone is asked: others may see the new version already.
 * What was not found, or deleted, is not kept.
 */
export class VersionCache {
  readonly #most: number
  /** By type and id: to put both into one key would cost more than to look twice. */
  readonly #types = new Map<string, Map<string, Kept>>()
  /** A list of our own: to find the first of a Set takes the longer the more have left it from the front. */
  #oldest: Entry | undefined
  #newest: Entry | undefined
  readonly #filters = new WeakMap<AccessFilter, string>()
  /** Resources of the batch that the writer has in its hands: nothing that may change of them is here. */
  readonly #beingWritten = new Set<string>()
  /** What found no room. */
  readonly #asked = new AskedOnce(REMEMBERED_ASKS)
  #bytes = 0

  constructor(mostBytes: number = MOST_KEPT_BYTES) {
    this.#most = mostBytes
  }

  /** What the entries take, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** The version of this number, the current one when `versionId` is undefined; undefined when it must be asked for. */
  get(
    { type, id }: ResourceKey,
    versionId: number | undefined,
    access: AccessFilter,
  ): StoredVersion | undefined {
    const entry = entryOf(this.#types.get(type)?.get(id), versionId)
    if (entry === undefined) return undefined
    if (!entry.shownTo.includes(this.#textOf(access))) return undefined
    entry.read = true
    return entry.version
  }

  /**
   * Keeps what the database shows through this filter now: at once while there is room, then only what is asked for
   * again. Where more is read than fits, to drive out one for another at each read costs more than it brings.
   */
  keep(
    { type, id }: ResourceKey,
    versionId: number | undefined,
    access: AccessFilter,
    version: StoredVersion | undefined,
  ): void {
    if (version?.body === undefined) return
    if (this.#beingWritten.has(`${type}/${id}`)) return
    const kept = this.#types.get(type)?.get(id)
    const known = entryOf(kept, versionId)
    if (known !== undefined) {
      const filter = this.#textOf(access)
      if (known.shownTo.includes(filter)) return
      if (known.shownTo.length >= MOST_FILTERS) known.shownTo.shift()
      known.shownTo.push(filter)
      return
    }
    const bytes = version.body.length + ENTRY_BYTES
    if (bytes > this.#most * LARGEST_PART) return
    if (this.#bytes + bytes > this.#most && !this.#asked.isAgain(id, versionId)) return
    // Not the texts that were asked by: they may be parts of long ones, which would be kept with them.
    const of = kept ?? this.#add(version.type, version.id)
    const entry: Entry = {
      of,
      versionId,
      version,
      bytes,
      shownTo: [this.#textOf(access)],
      read: false,
      before: undefined,
      after: undefined,
    }
    if (versionId === undefined) of.current = entry
    else (of.numbered ??= new Map()).set(versionId, entry)
    this.#append(entry)
    this.#bytes += bytes
    if (this.#bytes > this.#most) this.#makeRoom()
  }

  /** The writer is about to be handed these: what they touch is asked of the database until `answered`. */
  handed(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.kind === 'commit') for (const { type, id } of job.commit.writes) this.#handed(type, id)
      else if (job.kind === 'replace-indexes') for (const { key } of job.items) this.#handed(key.type, key.id)
    }
  }

  /** The writer has done with all that it was handed, and reads show it. */
  answered(): void {
    this.#beingWritten.clear()
  }

  /** Earlier versions too: they are shown to nobody who may not see the resource as it is then. */
  #handed(type: string, id: string): void {
    this.#beingWritten.add(`${type}/${id}`)
    const kept = this.#types.get(type)?.get(id)
    if (kept === undefined) return
    if (kept.current !== undefined) this.#drop(kept.current)
    for (const entry of kept.numbered?.values() ?? []) this.#drop(entry)
  }

  #add(type: string, id: string): Kept {
    const kept: Kept = { type, id, current: undefined, numbered: undefined }
    const ofType = this.#types.get(type)
    if (ofType === undefined) this.#types.set(type, new Map([[id, kept]]))
    else ofType.set(id, kept)
    return kept
  }

  #drop(entry: Entry): void {
    const { of, versionId, bytes } = entry
    this.#unlink(entry)
    this.#bytes -= bytes
    if (versionId === undefined) of.current = undefined
    else of.numbered?.delete(versionId)
    if (of.current === undefined && (of.numbered?.size ?? 0) === 0) this.#types.get(of.type)?.delete(of.id)
  }

  /** The oldest go first; who was read meanwhile is passed over once. */
  #makeRoom(): void {
    while (this.#oldest !== undefined && this.#bytes > this.#most) {
      const entry = this.#oldest
      if (entry.read) {
        entry.read = false
        this.#unlink(entry)
        this.#append(entry)
      } else this.#drop(entry)
    }
  }

  #append(entry: Entry): void {
    entry.before = this.#newest
    entry.after = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.after = entry
    this.#newest = entry
  }

  #unlink({ before, after }: Entry): void {
    if (before === undefined) this.#oldest = after
    else before.after = after
    if (after === undefined) this.#newest = before
    else after.before = before
  }

  /** The same text for filters that say the same. */
  #textOf(access: AccessFilter): string {
    const known = this.#filters.get(access)
    if (known !== undefined) return known
    const said = JSON.stringify(access)
    const text = said.length <= LONGEST_FILTER ? said : createHash('sha256').update(said).digest('base64')
    this.#filters.set(access, text)
    return text
  }
}

/** The current version is kept once, whether it was asked for by its number or not. */
function entryOf(kept: Kept | undefined, versionId: number | undefined): Entry | undefined {
  if (kept === undefined) return undefined
  const { current, numbered } = kept
  return versionId === undefined || current?.version.versionId === versionId
    ? current
    : numbered?.get(versionId)
}
