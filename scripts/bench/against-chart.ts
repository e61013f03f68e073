// Two commits as a picture: every figure as a part of what it was, with the spread of the rounds.
import { differs, type Comparison } from './against.ts'
import { chart, FILL } from './chart.ts'
import { figure } from './goals.ts'

const MOST = 2

/** @param conditions for the subtitle */
export function againstChart(
  before: string,
  after: string,
  comparisons: readonly Comparison[],
  conditions: string,
): string {
  const bars = comparisons.map((it) => {
    const difference = differs(it)
    return {
      label: it.name,
      value: it.ratio,
      spread: [it.low, it.high] as const,
      met: difference === undefined ? undefined : difference === 'better',
      figure: `${it.ratio.toFixed(2)} ×`,
      note: `${figure(it.before)} → ${figure(it.after)} ${it.unit}`,
    }
  })
  return chart({
    title: `${after} against ${before}`,
    subtitle: conditions,
    legend: [
      { fill: FILL.met, text: 'better in every round ✓' },
      { fill: FILL.missed, text: 'worse in every round ✗' },
      { fill: FILL.plain, text: 'no difference seen' },
    ],
    panels: [
      {
        title: `What it costs`,
        unit: `as a part of ${before}; whiskers: the rounds`,
        most: MOST,
        line: { at: 1, text: `as ${before}` },
        bars,
      },
    ],
  })
}
