// What was asked for lately, remembered by a hash alone: most is asked once, and to keep what it was answered with, for a
// while, costs more than it brings.

export class AskedOnce {
  /** Each at the place that its last digits say; 0 for none. */
  readonly #hashes: Uint32Array

  /** @param places of four bytes: some times as many as are to be told from each other */
  constructor(places: number) {
    this.#hashes = new Uint32Array(places)
  }

  /**
   * Whether the same was asked lately. Two of one hash, which are rare, are taken for one; one that takes another's place
   * makes it forgotten, so that nothing is remembered for ever.
   */
  isAgain(text: string, number = 0): boolean {
    const hash = hashOf(text, number)
    const place = hash % this.#hashes.length
    const isKnown = this.#hashes[place] === hash
    this.#hashes[place] = hash
    return isKnown
  }
}

/** Above zero; FNV-1a, with the high digits, which it mixes best, moved to the low ones. */
function hashOf(text: string, number: number): number {
  let hash = 2_166_136_261 ^ number
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619)
  return (hash ^ (hash >>> 15)) >>> 0 || 1
}
