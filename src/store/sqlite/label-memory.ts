// Labels that were asked for lately: whoever refers to a resource asks for them, again and again.
import type { SecurityLabel } from '../access-filter.ts'
import type { ResourceKey } from '../commit.ts'
import type { Job } from './jobs.ts'

const MOST_KEPT = 20_000

/** Nothing that a write under way may change is kept: from when it is handed to the writer until its answer has come. */
export class LabelMemory {
  readonly #most: number
  readonly #known = new Map<string, readonly SecurityLabel[] | undefined>()
  readonly #beingWritten = new Set<string>()

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
    if (this.#known.size >= this.#most) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(name, labels)
    return labels
  }

  handed(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.kind === 'commit') for (const key of job.commit.writes) this.#handed(key)
      else if (job.kind === 'replace-indexes') for (const { key } of job.items) this.#handed(key)
    }
  }

  /** The writer has done with all that it was handed, and reads show it. */
  answered(): void {
    this.#beingWritten.clear()
  }

  #handed(key: ResourceKey): void {
    const name = nameOf(key)
    this.#beingWritten.add(name)
    this.#known.delete(name)
  }
}

function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`
}
