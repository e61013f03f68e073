// Writers that start from what the one before has made stand in line, a line a resource. All at once, one of them would
// be done each time and all others would plan anew: that grows with the square of their number.

export class WriteLines {
  /** Of each resource that somebody has a place for: resolves when the last in its line has left. */
  readonly #ends = new Map<string, Promise<void>>()

  /** Whether nobody stands anywhere, as nearly always. */
  get areEmpty(): boolean {
    return this.#ends.size === 0
  }

  /** A writer's place, in no line yet. */
  place(): WritePlace {
    return new WritePlace(this.#ends)
  }
}

export class WritePlace {
  readonly #ends: Map<string, Promise<void>>
  /** Of each line in which it stands, what lets the next one in; made when it is needed, for nearly no writer waits. */
  #held: Map<string, () => void> | undefined

  constructor(ends: Map<string, Promise<void>>) {
    this.#ends = ends
  }

  /** Whether others stand in line for one of these, and this writer has no place there. */
  isBehind(names: readonly string[]): boolean {
    return names.some((name) => this.#ends.has(name) && this.#held?.has(name) !== true)
  }

  /** Resolves when this writer is the first in the line of each of these; that is at once where it is already. */
  async take(names: readonly string[]): Promise<void> {
    if (names.every((name) => this.#held?.has(name) === true)) return
    // All places in one order that is the same for all writers: else two would wait for each other.
    this.leave()
    for (const name of [...new Set(names)].toSorted()) await this.#enter(name)
  }

  /** Lets the next ones in; to be called however the write has ended. */
  leave(): void {
    for (const end of this.#held?.values() ?? []) end()
    this.#held = undefined
  }

  async #enter(name: string): Promise<void> {
    const before = this.#ends.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ends.set(name, promise)
    this.#held ??= new Map()
    this.#held.set(name, () => {
      if (this.#ends.get(name) === promise) this.#ends.delete(name)
      resolve()
    })
    await before
  }
}
