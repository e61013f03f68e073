// How often resources of a type have been written by this process: for who remembers what a search has found.
export class TypeChanges {
  readonly #counts = new Map<string, number>()

  /** Another number after each commit of the type. */
  of(type: string): number {
    return this.#counts.get(type) ?? 0
  }

  /** To be told of each commit before it is acknowledged. */
  committed(written: Iterable<{ readonly type: string }>): void {
    for (const { type } of written) this.#counts.set(type, this.of(type) + 1)
  }
}
