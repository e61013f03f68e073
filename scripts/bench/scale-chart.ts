// How cost grows with the store, as a picture: every p95 as a multiple of that at the smallest size.
import { chart, FILL, type Bar } from './chart.ts'
import { whole } from './goals.ts'
import { MOST_GROWTH, type Scale, type ScaleLine } from './scale.ts'

const MOST = 3

/** @param conditions for the subtitle */
export function scaleChart({ stores, lines }: Scale, conditions: string): string {
  const sizes = stores.map(({ resources }) => whole(resources))
  const bar = ({ name, scoped, at, p95Growth, cpuGrowth, asMany }: ScaleLine): Bar => ({
    label: name,
    value: p95Growth,
    met: scoped ? p95Growth <= MOST_GROWTH : undefined,
    figure: `${p95Growth.toFixed(2)} ×`,
    note: `${at.map(({ p95 = NaN }) => p95.toFixed(1)).join(' → ')} ms; CPU ${cpuGrowth.toFixed(2)} ×${
      asMany === undefined ? '' : `; of as many patients ${asMany.p95.toFixed(2)} ×`
    }`,
  })
  const unit = `p95 at ${sizes.at(-1)} resources as a multiple of that at ${sizes[0]}`
  const line = { at: MOST_GROWTH, text: `goal: ${MOST_GROWTH} ×` }
  const panels = [
    {
      title: 'Of one patient or resource',
      unit,
      line,
      most: MOST,
      bars: lines.filter((it) => it.scoped).map(bar),
    },
    { title: 'Of the whole store', unit, most: MOST, bars: lines.filter((it) => !it.scoped).map(bar) },
  ]
  return chart({
    title: `How cost grows from ${sizes.join(' to ')} resources`,
    subtitle: conditions,
    legend: [
      { fill: FILL.met, text: 'goal met ✓' },
      { fill: FILL.missed, text: 'not met ✗' },
      { fill: FILL.plain, text: 'no goal' },
    ],
    panels: panels.filter(({ bars }) => bars.length > 0),
  })
}
