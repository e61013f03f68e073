// Random numbers that are the same for the same seed.

/** From 0 up to, and without, 1 (xorshift of 32 bits). */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4_294_967_296
  }
}
