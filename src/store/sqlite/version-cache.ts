// Versions that were read lately, kept in memory so that they can be read again without asking the database
// (ig/decisions/0010-versions-in-memory.md).
import { createHash } from 'node:crypto'
import type { AccessFilter } from '../access-filter.ts'
import type { ResourceKey } from '../commit.ts'
import type { StoredVersion } from '../store.ts'
import type { Job } from './jobs.ts'

/** Bytes of the process that all that is kept may take, beside the bodies of pages under way. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024
/** What an entry takes beside its body: its key, its objects, the Buffer and its memory's own frame. */
const ENTRY_BYTES = 512
/** A body of more than this part of all would drive out too many others. */
const LARGEST_PART = 1 / 64
/** Filters that are remembered to let one version pass; of a version that more callers read, the last ones. */
const MOST_FILTERS = 8
/** Texts longer than this are kept as their hash. */
const LONGEST_FILTER = 100

interface Entry {
  readonly resource: string
  /** Undefined for the current one. */
  readonly versionId: number | undefined
  readonly version: StoredVersion
  readonly bytes: number
  /** The filters through which the database has shown this very version. */
  readonly shownTo: string[]
  /** Whether it was read since it was last passed over. */
  read: boolean
}

/**
 * The law: a caller is handed a version only if the database has shown it through the same filter, and only while no
 * write that may replace it, or change who sees it, is under way. From the moment such a write is handed to the writer
 * until its answer has come, the database alone is asked: others may see the new version already.
 * What was not found, or deleted, is not kept.
 */
export class VersionCache {
  readonly #most: number
  readonly #entries = new Map<string, Entry>()
  /** The numbers of those that are kept by number. */
  readonly #numbers = new Map<string, Set<number>>()
  readonly #filters = new WeakMap<AccessFilter, string>()
  /** Resources of the batch that the writer has in its hands: nothing that may change of them is here. */
  readonly #beingWritten = new Set<string>()
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
    const entry = this.#entries.get(entryKey(`${type}/${id}`, versionId))
    if (entry === undefined) return undefined
    if (!entry.shownTo.includes(this.#textOf(access))) return undefined
    entry.read = true
    return entry.version
  }

  /** Keeps what the database shows through this filter now. */
  keep(
    { type, id }: ResourceKey,
    versionId: number | undefined,
    access: AccessFilter,
    version: StoredVersion | undefined,
  ): void {
    if (version?.body === undefined) return
    const resource = `${type}/${id}`
    if (this.#beingWritten.has(resource)) return
    const key = entryKey(resource, versionId)
    const known = this.#entries.get(key)
    if (known !== undefined) {
      const filter = this.#textOf(access)
      if (known.shownTo.includes(filter)) return
      if (known.shownTo.length >= MOST_FILTERS) known.shownTo.shift()
      known.shownTo.push(filter)
      return
    }
    const bytes = version.body.length + ENTRY_BYTES
    if (bytes > this.#most * LARGEST_PART) return
    const shownTo = [this.#textOf(access)]
    this.#entries.set(key, { resource, versionId, version, bytes, shownTo, read: false })
    this.#bytes += bytes
    if (versionId !== undefined) this.#addNumber(resource, versionId)
    if (this.#bytes > this.#most) this.#makeRoom()
  }

  /** The writer is about to be handed these: what they touch is asked of the database until `answered`. */
  handed(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.kind === 'commit') for (const { type, id } of job.commit.writes) this.#handed(`${type}/${id}`)
      else if (job.kind === 'replace-indexes')
        for (const { key } of job.items) this.#handed(`${key.type}/${key.id}`)
    }
  }

  /** The writer has done with all that it was handed, and reads show it. */
  answered(): void {
    this.#beingWritten.clear()
  }

  /** Earlier versions too: they are shown to nobody who may not see the resource as it is then. */
  #handed(resource: string): void {
    this.#beingWritten.add(resource)
    const current = this.#entries.get(resource)
    if (current !== undefined) this.#drop(resource, current)
    const numbers = this.#numbers.get(resource)
    if (numbers === undefined) return
    for (const versionId of numbers) {
      const key = entryKey(resource, versionId)
      this.#drop(key, this.#entries.get(key)!)
    }
  }

  #addNumber(resource: string, versionId: number): void {
    const numbers = this.#numbers.get(resource)
    if (numbers === undefined) this.#numbers.set(resource, new Set([versionId]))
    else numbers.add(versionId)
  }

  #drop(key: string, { bytes, resource, versionId }: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= bytes
    if (versionId === undefined) return
    const numbers = this.#numbers.get(resource)!
    numbers.delete(versionId)
    if (numbers.size === 0) this.#numbers.delete(resource)
  }

  /** The oldest go first; who was read meanwhile is passed over once. */
  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.read) {
        entry.read = false
        this.#entries.delete(key)
        this.#entries.set(key, entry)
      } else {
        this.#drop(key, entry)
        if (this.#bytes <= this.#most) return
      }
    }
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

function entryKey(resource: string, versionId: number | undefined): string {
  return versionId === undefined ? resource : `${resource}/${versionId}`
}
