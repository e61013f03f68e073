// A diary in numbers: its line; where there are many entries, each as a dot and the mean of seven days through them.
import { line } from 'd3-shape'
import type { DiaryCourse, Point } from '../course.ts'
import { thinned } from '../thinning.ts'
import { PLOT_WIDTH, type Drawn } from './frame.ts'
import type { KeyEntry } from './key.ts'
import { mark } from './marks.ts'
import { LINE, QUIET_LINE } from './palette.ts'
import { element } from '../../../svg/index.ts'
import { AXIS_HEIGHT, timeAxis, type TimeScale } from './time-axis.ts'
import { border, rows, valueAxis, valueScale, type ValueScale } from './value-axis.ts'
import { valueLabels } from './value-labels.ts'

const HEIGHT = 150
/** With more entries than this a line from each to the next is no longer read. */
const MOST_IN_A_LINE = 45
const WEEK = 7 * 86_400_000
/** Dots a pixel column. */
const MOST_DOTS = 3 * PLOT_WIDTH

export function diaryPlot({ series: { numbers } }: DiaryCourse, x: TimeScale): Drawn {
  const y = scaleFor(numbers)
  const axis = timeAxis(x, 0, HEIGHT)
  const svg = [
    rows(y),
    axis.grid,
    border(HEIGHT),
    valueAxis(y, []),
    isDense(numbers) ? dots(numbers, x, y) + path(weekMeans(numbers), x, y) : marked(numbers, x, y),
    axis.dates,
  ].join('')
  return { svg, height: HEIGHT + AXIS_HEIGHT }
}

export function keyOfDiary({ series: { numbers } }: DiaryCourse): readonly KeyEntry[] {
  if (!isDense(numbers)) return []
  return [
    { sign: dot, words: 'entry' },
    {
      sign: (x, y) =>
        element('line', { x1: x - 9, x2: x + 8, y1: y, y2: y, stroke: LINE, 'stroke-width': 2.5 }),
      words: 'mean of the last 7 days',
    },
  ]
}

function isDense({ length }: readonly Point[]): boolean {
  return length > MOST_IN_A_LINE
}

/** From 0 where the values are not far from it. */
function scaleFor(points: readonly Point[]): ValueScale {
  const values = points.map(({ value }) => value)
  const low = values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  return valueScale(low >= 0 && low < high / 2 ? 0 : low, high, HEIGHT).nice(5)
}

function marked(points: readonly Point[], x: TimeScale, y: ValueScale): string {
  const placed = points.map(({ wall, value }) => ({ x: x(wall), y: y(value), value }))
  return (
    path(points, x, y) +
    placed.map((one) => mark('value', one.x, one.y, false)).join('') +
    valueLabels(placed, [placed.length - 1], HEIGHT)
  )
}

function path(points: readonly Point[], x: TimeScale, y: ValueScale): string {
  const d = line<Point>(
    ({ wall }) => x(wall),
    ({ value }) => y(value),
  )(thinned(points, 4 * PLOT_WIDTH))
  return d === null
    ? ''
    : element('path', { d, fill: 'none', stroke: LINE, 'stroke-width': 2, 'stroke-linejoin': 'round' })
}

function dots(points: readonly Point[], x: TimeScale, y: ValueScale): string {
  return thinned(points, MOST_DOTS)
    .map(({ wall, value }) => dot(x(wall), y(value)))
    .join('')
}

function dot(x: number, y: number): string {
  return element('circle', { cx: x, cy: y, r: 1.8, fill: QUIET_LINE })
}

/** At each entry the mean of those of the seven days up to it. */
function weekMeans(points: readonly Point[]): readonly Point[] {
  let [from, sum] = [0, 0]
  return points.map((point, index) => {
    sum += point.value
    for (; (points[from] as Point).at <= point.at - WEEK; from++) sum -= (points[from] as Point).value
    return { ...point, value: sum / (index - from + 1) }
  })
}
