// Remembers what was made of things lately, up to a number of them and up to a size of all together.

interface Held<Value> {
  readonly value: Value
  readonly size: number
}

/** What was not asked for the longest is forgotten first; the last that was put in is always kept. */
export class BoundedMemory<Value> {
  readonly #most: number
  readonly #mostSize: number
  readonly #held = new Map<string, Held<Value>>()
  #size = 0

  /** @param mostSize in the unit in which sizes are told */
  constructor(most: number, mostSize: number) {
    this.#most = most
    this.#mostSize = mostSize
  }

  get(key: string): Value | undefined {
    const held = this.#held.get(key)
    if (held === undefined) return undefined
    this.#held.delete(key)
    this.#held.set(key, held)
    return held.value
  }

  set(key: string, value: Value, size: number): void {
    this.#forget(key)
    this.#held.set(key, { value, size })
    this.#size += size
    for (const [oldest] of this.#held) {
      if (this.#held.size === 1) return
      if (this.#held.size <= this.#most && this.#size <= this.#mostSize) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#size -= this.#held.get(key)?.size ?? 0
    this.#held.delete(key)
  }
}
