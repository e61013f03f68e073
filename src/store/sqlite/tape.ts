// Plain values one behind the other, read back in the order in which they were written.

export type Plain = string | number | undefined

export class Tape {
  readonly values: Plain[]
  #at = 0

  constructor(values: readonly Plain[] = []) {
    this.values = values as Plain[]
  }

  add(...values: readonly Plain[]): void {
    for (const value of values) this.values.push(value)
  }

  get atEnd(): boolean {
    return this.#at === this.values.length
  }

  text(): string {
    return this.values[this.#at++] as string
  }

  textOrNone(): string | undefined {
    return this.values[this.#at++] as string | undefined
  }

  number(): number {
    return this.values[this.#at++] as number
  }

  numberOrNone(): number | undefined {
    return this.values[this.#at++] as number | undefined
  }

  /** As many items as the number that stands first says. */
  list<Item>(read: () => Item): Item[] {
    const items: Item[] = []
    for (let left = this.number(); left > 0; left--) items.push(read())
    return items
  }
}
