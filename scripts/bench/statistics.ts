// Medians of what was measured several times.

/** NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}

/** Of each figure apart; a figure that the first has not, none has. */
export function medians<Figures extends object>(all: readonly Figures[]): Figures {
  const [first] = all
  if (first === undefined) throw new Error('there is nothing to take the median of')
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, median(all.map((it) => it[name as keyof Figures] as number))]),
  ) as Figures
}

/**
 * Of a figure of each round to the same figure of another in the same round, the median: what slows the machine for a
 * while slows both.
 */
export function ratio<Sample>(
  ours: readonly Sample[],
  others: readonly Sample[],
  figure: (sample: Sample) => number,
): number {
  return median(ours.map((it, round) => figure(it) / figure(others[round] ?? it)))
}
