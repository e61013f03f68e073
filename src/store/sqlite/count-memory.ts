// How many rows conditions had when they were last counted, for the planner: roughly right is enough, so it holds while little is written.

interface Counted {
  /** How far it was counted. */
  readonly limit: number
  readonly found: number
  /** The last sequence number then. */
  readonly seq: number
}

const KEPT = 1000
/** From here on it matters which were used lately. */
const CROWDED = 800
/** Fewer cost no more to count than to remember. */
const REMEMBERED_FROM = 32
const LONGEST_KEY = 1000
/** Every write may add a row: it may be off by an eighth. */
const TOLERATED = 8

/** The least recently used are forgotten. */
export class CountMemory {
  readonly #known = new Map<string, Counted>()

  /** @param key names the rows that are counted */
  get(key: string, seq: number): Omit<Counted, 'seq'> | undefined {
    const known = this.#known.get(key)
    if (known === undefined) return undefined
    const holds = Math.abs(seq - known.seq) * TOLERATED <= known.found
    if (holds && this.#known.size < CROWDED) return known
    this.#known.delete(key)
    if (!holds) return undefined
    this.#known.set(key, known)
    return known
  }

  keep(key: string, counted: Counted): void {
    if (counted.found < REMEMBERED_FROM || key.length > LONGEST_KEY) return
    this.#known.delete(key)
    if (this.#known.size >= KEPT) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(key, counted)
  }
}
