// How much random tests draw: little in CI, from the same seed; much by hand (`npm run test:long`), from another each time.

/** Set by `npm run test:long`. */
export const LONG = process.env['ALCOVE_TEST_LONG'] !== undefined

/** @param usual draws in CI @param long draws by hand, 50 times as many unless given */
export function runs(usual: number, long: number = usual * 50): { numRuns: number; seed?: number } {
  return LONG ? { numRuns: long } : { numRuns: usual, seed: 20_261_124 }
}
