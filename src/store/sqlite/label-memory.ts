// Labels that were asked for lately: whoever refers to a resource asks for them, again and again.
import type { SecurityLabel } from '../access-filter.ts'
import type { Commit, ResourceKey, WriteResult } from '../commit.ts'
import type { Answer, Job } from './jobs.ts'

const MOST_KEPT = 20_000
const MOST_LABELS = 1000

/**
 * Nothing that a write under way may change is kept: from when it is handed to the writer until its answer has come.
 * What was known before is known again by what was written.
 */
export class LabelMemory {
  readonly #most: number
  readonly #known = new Map<string, readonly SecurityLabel[] | undefined>()
  /** Whether it was known before. */
  readonly #beingWritten = new Map<string, boolean>()
  /** Each once, for many resources have the same. */
  readonly #labels = new Map<string, SecurityLabel>()

  constructor(most: number = MOST_KEPT) {
    this.#most = most
  }

  /** @param ask what the database says now */
  labelsOf(
    key: ResourceKey,
    ask: (key: ResourceKey) => readonly SecurityLabel[] | undefined,
  ): readonly SecurityLabel[] | undefined {
    const name = nameOf(key)
    const known = this.#known.get(name)
    if (known !== undefined || this.#known.has(name)) return known
    const labels = ask(key)
    if (this.#beingWritten.has(name)) return labels
    this.#keep(name, labels)
    return labels
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
      if (job?.kind === 'replace-indexes') for (const { key } of job.items) this.#known.delete(nameOf(key))
      if (job?.kind === 'commit' && answer.kind === 'commit' && answer.result.kind === 'committed')
        this.#written(job.commit, answer.result.results)
    }
    this.#beingWritten.clear()
  }

  #written({ writes }: Commit, results: readonly WriteResult[]): void {
    for (const [place, write] of writes.entries()) {
      const name = nameOf(write)
      const { outcome } = results[place] as WriteResult
      if (write.kind === 'put' && outcome !== 'unchanged' && this.#beingWritten.get(name) === true)
        this.#keep(
          name,
          write.index.labels.map((label) => this.#same(label)),
        )
      else this.#known.delete(name)
    }
  }

  #handed(key: ResourceKey): void {
    const name = nameOf(key)
    const wasKnown = this.#known.delete(name)
    if (wasKnown || !this.#beingWritten.has(name)) this.#beingWritten.set(name, wasKnown)
  }

  #keep(name: string, labels: readonly SecurityLabel[] | undefined): void {
    if (this.#known.size >= this.#most) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(name, labels)
  }

  #same({ system, code }: SecurityLabel): SecurityLabel {
    const key = `${code} ${system}`
    const known = this.#labels.get(key)
    if (known?.system === system && known.code === code) return known
    if (this.#labels.size >= MOST_LABELS) this.#labels.clear()
    // Copies, for a string just parsed is a part of the text that it was in, and would keep all of that.
    const label = { system: Buffer.from(system).toString(), code: Buffer.from(code).toString() }
    this.#labels.set(Buffer.from(key).toString(), label)
    return label
  }
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`
}
