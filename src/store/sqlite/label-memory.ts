// Labels that were asked for lately: whoever refers to a resource asks for them, again and again.
import { copiedText } from '../../fhir/json/index.ts'
import type { SecurityLabel } from '../access-filter.ts'
import type { Commit, ResourceKey, WriteResult } from '../commit.ts'
import type { Answer, Job } from './jobs.ts'
import { PairMemory } from './pair-memory.ts'

const MOST_KEPT = 20_000
const MOST_LABELS = 1000

/** In place of labels, of what never was. */
const NEVER_WAS = null

/**
 * Nothing that a write under way may change is kept: from when it is handed to the writer until its answer has come.
 * What was known before is known again by what was written.
 */
export class LabelMemory {
  /** By type and id. */
  readonly #known: PairMemory<string, readonly SecurityLabel[] | typeof NEVER_WAS>
  /** By type and id: whether it was known before. */
  readonly #beingWritten = new Map<string, Map<string, boolean>>()
  /** By system and code, each once, for many resources have the same. */
  readonly #labels = new PairMemory<string, SecurityLabel>(MOST_LABELS)

  constructor(most: number = MOST_KEPT) {
    this.#known = new PairMemory(most)
  }

  /** @param ask what the database says now */
  labelsOf(
    key: ResourceKey,
    ask: (key: ResourceKey) => readonly SecurityLabel[] | undefined,
  ): readonly SecurityLabel[] | undefined {
    const { type, id } = key
    const known = this.#known.get(type, id)
    if (known !== undefined) return known ?? undefined
    const labels = ask(key)
    if (this.#beingWritten.get(type)?.has(id) !== true) this.#known.set(type, id, labels ?? NEVER_WAS)
    return labels
  }

  /** Whether it is known that there never was such a resource. */
  knowsAbsent({ type, id }: ResourceKey): boolean {
    return this.#known.get(type, id) === NEVER_WAS
  }

  handed(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.kind === 'commit') for (const key of job.commit.writes) this.#handed(key)
      else if (job.kind === 'replace-indexes') for (const { key } of job.items) this.#handed(key)
    }
  }

  /**
   * The writer has done with all that it was handed, and reads show it.
   * @param answers to what was handed; none when they are lost
   */
  answered(jobs: readonly Job[], answers: readonly Answer[]): void {
    for (const [at, answer] of answers.entries()) {
      const job = jobs[at]
      if (job?.kind === 'replace-indexes')
        for (const { key } of job.items) this.#known.delete(key.type, key.id)
      if (job?.kind === 'commit' && answer.kind === 'commit' && answer.result.kind === 'committed')
        this.#written(job.commit, answer.result.results)
    }
    for (const ofType of this.#beingWritten.values()) ofType.clear()
  }

  #written({ writes }: Commit, results: readonly WriteResult[]): void {
    for (const [place, write] of writes.entries()) {
      const { type, id } = write
      const { outcome } = results[place] as WriteResult
      const wasKnown = this.#beingWritten.get(type)?.get(id) === true
      if (write.kind === 'put' && outcome !== 'unchanged' && wasKnown)
        this.#known.set(type, id, this.#same(write.index.labels))
      else this.#known.delete(type, id)
    }
  }

  #handed({ type, id }: ResourceKey): void {
    const wasKnown = this.#known.get(type, id) !== undefined
    if (wasKnown) this.#known.delete(type, id)
    const ofType = this.#beingWritten.get(type)
    if (ofType === undefined) this.#beingWritten.set(type, new Map([[id, wasKnown]]))
    else if (wasKnown || !ofType.has(id)) ofType.set(id, wasKnown)
  }

  #same(labels: readonly SecurityLabel[]): readonly SecurityLabel[] {
    if (labels.length === 0) return NONE
    return labels.map(
      ({ system, code }) =>
        this.#labels.get(system, code) ??
        // Copies, for a string just parsed is a part of the text that it was in, and would keep all of that.
        this.#labels.set(system, code, { system: copiedText(system), code: copiedText(code) }),
    )
  }
}

const NONE: readonly SecurityLabel[] = Object.freeze([])
