// Fewer points that draw the same line: of each stretch of time the first, the last, the lowest and the highest
// (the M4 aggregation, Jugel and others 2014, "M4: A Visualization-Oriented Time Series Data Aggregation").

interface Placed {
  readonly at: number
  readonly value: number
}

const KEPT_A_STRETCH = 4

/**
 * In the order of their times; the very points, where there are no more than `most`. The first and the last, the
 * lowest and the highest of all are always among them.
 * @param most at least 4
 */
export function thinned<One extends Placed>(points: readonly One[], most: number): readonly One[] {
  if (points.length <= most) return points
  const stretches = Math.floor(most / KEPT_A_STRETCH)
  const from = (points[0] as One).at
  const width = ((points.at(-1) as One).at - from) / stretches || 1
  const kept = new Set<number>()
  let begin = 0
  while (begin < points.length) {
    const stretch = stretchOf(points[begin] as One, from, width, stretches)
    let [end, low, high] = [begin, begin, begin]
    while (end < points.length && stretchOf(points[end] as One, from, width, stretches) === stretch) {
      if ((points[end] as One).value < (points[low] as One).value) low = end
      if ((points[end] as One).value > (points[high] as One).value) high = end
      end++
    }
    for (const index of [begin, low, high, end - 1]) kept.add(index)
    begin = end
  }
  return points.filter((_, index) => kept.has(index))
}

function stretchOf({ at }: Placed, from: number, width: number, stretches: number): number {
  return Math.min(stretches - 1, Math.floor((at - from) / width))
}
