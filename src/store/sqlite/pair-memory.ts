// What was found lately, by two keys each, so that no text need be made of both to look for it.
import { copiedText } from '../../fhir/json/index.ts'

/** Half of it may be older than the rest. */
export class PairMemory<First, Found> {
  readonly #most: number
  #young = new Map<First, Map<string, Found>>()
  #old: ReadonlyMap<First, Map<string, Found>> = new Map()
  /** Of the young. */
  #size = 0

  /** @param most entries that are kept */
  constructor(most: number) {
    this.#most = most
  }

  get(first: First, second: string): Found | undefined {
    const found = this.#young.get(first)?.get(second)
    if (found !== undefined || this.#old.size === 0) return found
    const old = this.#old.get(first)?.get(second)
    return old === undefined ? undefined : this.set(first, second, old)
  }

  set(first: First, second: string, found: Found): Found {
    // A map that loses its first entry whenever it gets another walks over ever more places that are empty.
    if (this.#size >= this.#most / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#size = 0
    }
    const some = this.#young.get(first)
    if (some === undefined) this.#young.set(ownKey(first), new Map([[copiedText(second), found]]))
    else some.set(copiedText(second), found)
    this.#size++
    return found
  }

  delete(first: First, second: string): void {
    this.#young.get(first)?.delete(second)
    this.#old.get(first)?.delete(second)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#size = 0
  }
}

function ownKey<Key>(key: Key): Key {
  return typeof key === 'string' ? (copiedText(key) as Key & string) : key
}
