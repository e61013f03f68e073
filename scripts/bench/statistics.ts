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
