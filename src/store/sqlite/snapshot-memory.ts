// What reads have found, kept as long as nobody commits anything: who asks the same again need not ask the tables.
import type Database from 'better-sqlite3-multiple-ciphers'

const KEPT = 10_000
/** Who asks at greater length could fill the memory. */
const LONGEST_KEY = 300

const KEPT_OF_ONE = 8

interface OfOne {
  readonly asked: readonly unknown[]
  readonly found: unknown
}

/** One a connection that others write beside. It holds only within read transactions that `begin` has been told of. */
export class SnapshotMemory {
  readonly #version
  readonly #known = new Map<string, unknown>()
  #ofSubjects: WeakMap<object, OfOne[]> | undefined
  #seen: unknown
  #holds = false
  /** Whether what is known is of the transaction's snapshot. */
  #isOfNow = false

  constructor(db: Database) {
    // Another when another connection has committed anything.
    this.#version = db.prepare('PRAGMA data_version').raw(true)
  }

  /** A transaction has begun, or will with the first that is asked. */
  begin(): void {
    this.#holds = true
    this.#isOfNow = false
  }

  /** The transaction ends. */
  end(): void {
    this.#holds = false
  }

  /** @param key names what is asked, and with which values */
  once<Found>(key: string, ask: () => Found): Found {
    if (!this.#holds || key.length > LONGEST_KEY) return ask()
    this.#forgetOlder()
    const known = this.#known.get(key) as Found | undefined
    if (known !== undefined || this.#known.has(key)) return known as Found
    if (this.#known.size >= KEPT) this.#known.clear()
    const found = ask()
    this.#known.set(key, found)
    return found
  }

  /**
   * The same for what is asked of one object, without a text to look for it by, and forgotten with the object.
   * @param asked tells what is asked apart, each of it by identity
   */
  onceOf<Found>(subject: object, asked: readonly unknown[], ask: () => Found): Found {
    if (!this.#holds) return ask()
    this.#forgetOlder()
    this.#ofSubjects ??= new WeakMap()
    const known = this.#ofSubjects.get(subject)
    const one = known?.find((it) => isSame(it.asked, asked))
    if (one !== undefined) return one.found as Found
    const found = ask()
    if (known === undefined) this.#ofSubjects.set(subject, [{ asked, found }])
    else if (known.length < KEPT_OF_ONE) known.push({ asked, found })
    return found
  }

  /** Not before it is asked for anything: a read of one resource needs nothing of what is kept here. */
  #forgetOlder(): void {
    if (this.#isOfNow) return
    const [version] = this.#version.get() as readonly [number]
    if (version !== this.#seen) {
      this.#known.clear()
      this.#ofSubjects = undefined
    }
    this.#seen = version
    this.#isOfNow = true
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at])
}
