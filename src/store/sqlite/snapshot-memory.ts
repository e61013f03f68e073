// What reads have found, kept as long as nobody commits anything: who asks the same again need not ask the tables.
import type Database from 'better-sqlite3-multiple-ciphers'

const KEPT = 10_000
/** Who asks at greater length could fill the memory. */
const LONGEST_KEY = 300

/** One a connection that others write beside. It holds only within read transactions that `begin` has been told of. */
export class SnapshotMemory {
  readonly #version
  readonly #known = new Map<string, unknown>()
  #seen: unknown
  #holds = false

  constructor(db: Database) {
    // Another when another connection has committed anything; to ask it begins the transaction's snapshot.
    this.#version = db.prepare('PRAGMA data_version').raw(true)
  }

  /** Within a transaction that has just begun. */
  begin(): void {
    const [version] = this.#version.get() as readonly [number]
    if (version !== this.#seen) this.#known.clear()
    this.#seen = version
    this.#holds = true
  }

  /** The transaction ends. */
  end(): void {
    this.#holds = false
  }

  /** @param key names what is asked, and with which values */
  once<Found>(key: string, ask: () => Found): Found {
    if (!this.#holds || key.length > LONGEST_KEY) return ask()
    const known = this.#known.get(key) as Found | undefined
    if (known !== undefined || this.#known.has(key)) return known as Found
    if (this.#known.size >= KEPT) this.#known.clear()
    const found = ask()
    this.#known.set(key, found)
    return found
  }
}
