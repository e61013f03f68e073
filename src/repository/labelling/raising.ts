// Raising before a write what will depend on it, where that is too much for one commit: at no moment does something show
// less than what it depends on.
import type { ResourceKey, SecurityLabel, Store } from '../../store/index.ts'
import { lacking, nameOf } from './label-graph.ts'
import type { TooManyDependents } from './too-many-dependents.ts'

/** Work on all that depends on a resource, kept with the data so that it is done whatever happens to this process. */
export interface LabelsLater {
  /** Notes it: it is done when the next process starts, unless it is `settled` before. @throws what the store throws */
  note(keys: readonly ResourceKey[]): Promise<void>
  /** Neither this nor the others fail: they follow a write that is committed. */
  settled(keys: readonly ResourceKey[]): Promise<void>
  /** Notes it, and begins with it: the resource itself first, then what depends on it. */
  recompute(keys: readonly ResourceKey[]): Promise<void>
  /** Begins with whatever is stored, or begins anew. */
  everything(): Promise<void>
}

export interface RaisingParts {
  readonly store: Store
  readonly later: LabelsLater
  /** Resolves when all writes have ended that had begun when it was called. */
  readonly past: () => Promise<void>
  readonly relabel: (key: ResourceKey) => Promise<unknown>
}

interface Raised {
  readonly key: ResourceKey
  readonly labels: readonly SecurityLabel[]
  /** Writes that it is raised for, and whether one of them has not come. */
  readonly waiting: number
  readonly failed: boolean
}

const PAGE = 200
const NOTHING: readonly SecurityLabel[] = Object.freeze([])

export class Raising {
  readonly #parts: RaisingParts
  /** By name. */
  readonly #raised = new Map<string, Raised>()
  #closed = false

  constructor(parts: RaisingParts) {
    this.#parts = parts
  }

  /** Labels that the resource is about to come to: whatever takes from it takes them already. */
  coming(name: string): readonly SecurityLabel[] {
    return this.#raised.size === 0 ? NOTHING : (this.#raised.get(name)?.labels ?? NOTHING)
  }

  /**
   * Raises all that depends on a resource. What it is to come to counts from now on, until whoever waits for it calls
   * `release`.
   * @param held names that this one has raised already
   */
  async raise({ key, added }: TooManyDependents, held: Set<string>): Promise<void> {
    const name = nameOf(key)
    const known = this.#raised.get(name)
    const waiting = (known?.waiting ?? 0) + (held.has(name) ? 0 : 1)
    held.add(name)
    const more = lacking(added, known?.labels ?? NOTHING)
    const labels = [...(known?.labels ?? NOTHING), ...more]
    // Whoever waited for another's walk might be what that walk waits for: each goes its own.
    this.#raised.set(name, { key, labels, waiting, failed: known?.failed ?? false })
    await this.#walk(key)
  }

  /** The write that they were raised for is done, or will not be. */
  async release(held: ReadonlySet<string>, isDone: boolean): Promise<void> {
    const { later } = this.#parts
    for (const name of held) {
      const raised = this.#raised.get(name)
      if (raised === undefined) continue
      const failed = raised.failed || !isDone
      if (raised.waiting > 1) {
        this.#raised.set(name, { ...raised, waiting: raised.waiting - 1, failed })
        continue
      }
      this.#raised.delete(name)
      const now = await this.#labelsNow(raised.key)
      if (failed || lacking(raised.labels, now).length > 0) await later.recompute([raised.key])
      // One that raises it by now settles it when it is done.
      if (!this.#raised.has(name)) await later.settled([raised.key])
    }
  }

  /** None where it cannot be told: then all that was raised is labelled anew. */
  async #labelsNow(key: ResourceKey): Promise<readonly SecurityLabel[]> {
    try {
      const [labels = NOTHING] = await this.#parts.store.labelsOf([key])
      return labels
    } catch {
      return NOTHING
    }
  }

  /** Leaves it where it stands: what was raised falls again when the next process starts. */
  close(): void {
    this.#closed = true
  }

  async #walk(key: ResourceKey): Promise<void> {
    const { store, later, past, relabel } = this.#parts
    await later.note([key])
    // Writes that began before may not know yet what is coming, and are done when the walk comes to them.
    await past()
    let behind: ResourceKey | undefined
    for (;;) {
      const page = await store.referrers(key, PAGE, behind)
      for (const referrer of page) {
        if (this.#closed) throw new Error('the server closes')
        await relabel(referrer)
      }
      behind = page.at(-1)
      if (page.length < PAGE) return
    }
  }
}
