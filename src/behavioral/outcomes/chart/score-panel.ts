// The course of a score in numbers: zones of severity, the line through its values, and the lines it is to come to.
import { line } from 'd3-shape'
import type { Point, ScoreCourse } from '../course.ts'
import { thinned } from '../thinning.ts'
import { movedApart } from './apart.ts'
import { PLOT_LEFT, PLOT_RIGHT, PLOT_WIDTH, SMALL_SIZE, type Drawn } from './frame.ts'
import { mark, markOf, notableChange } from './marks.ts'
import { LINE, PAPER, THRESHOLD } from './palette.ts'
import { element, text } from '../../../svg/index.ts'
import { thresholdsOf } from './thresholds.ts'
import { AXIS_HEIGHT, timeAxis, type TimeScale } from './time-axis.ts'
import { border, valueAxis, valueScale, type ValueScale } from './value-axis.ts'
import { valueLabels } from './value-labels.ts'
import { zones } from './zones.ts'

const HEIGHT = 210
/** More would stand in one another. */
const MOST_MARKS = 60

export function scorePlot(course: ScoreCourse, x: TimeScale): Drawn {
  const { rule, bands, series } = course
  const { low, high } = boundsOf(course)
  const y = valueScale(low, high, HEIGHT)
  const axis = timeAxis(x, 0, HEIGHT)
  const svg = [
    zones(bands, y, HEIGHT),
    axis.grid,
    border(HEIGHT),
    valueAxis(y, rule.lowest === undefined || rule.highest === undefined ? [] : [low, high]),
    thresholds(course, y),
    values(course, thinned(series.numbers, PLOT_WIDTH), x, y),
    axis.dates,
  ].join('')
  return { svg, height: HEIGHT + AXIS_HEIGHT }
}

/** The scores that there can be, else those that there are. */
function boundsOf({ rule, series, baseline }: ScoreCourse): { readonly low: number; readonly high: number } {
  const values = [
    ...series.numbers.map(({ value }) => value),
    ...(baseline === undefined ? [] : [baseline.value]),
  ]
  const low = rule.lowest ?? values.reduce((a, b) => Math.min(a, b), Infinity)
  const high = rule.highest ?? values.reduce((a, b) => Math.max(a, b), -Infinity)
  return low <= high ? { low, high } : { low: 0, high: 1 }
}

function thresholds(course: ScoreCourse, y: ValueScale): string {
  const [top, bottom] = [0, HEIGHT]
  const all = thresholdsOf(course).filter(({ value }) => y(value) > top && y(value) < bottom)
  const names = movedApart(
    all.map(({ value }) => y(value) - 4),
    SMALL_SIZE + 3,
    SMALL_SIZE + 2,
    bottom - 3,
  )
  return all
    .map(({ value, words, dashes }, place) =>
      [
        element('line', {
          x1: PLOT_LEFT,
          x2: PLOT_RIGHT,
          y1: y(value),
          y2: y(value),
          stroke: THRESHOLD,
          'stroke-width': 1.5,
          'stroke-dasharray': dashes,
        }),
        text(words, {
          x: PLOT_RIGHT - 5,
          y: names[place],
          'font-size': SMALL_SIZE,
          fill: THRESHOLD,
          stroke: PAPER,
          'stroke-width': 2.5,
          'stroke-linejoin': 'round',
          'paint-order': 'stroke',
          'text-anchor': 'end',
          'data-threshold': words,
        }),
      ].join(''),
    )
    .join('')
}

function values(course: ScoreCourse, points: readonly Point[], x: TimeScale, y: ValueScale): string {
  const placed = points.map((point) => ({
    x: x(point.wall),
    y: y(point.value),
    value: point.value,
  }))
  const path = line<(typeof placed)[number]>(
    (one) => one.x,
    (one) => one.y,
  )(placed)
  const notable = notableChange(course)
  const drawn = points.length <= MOST_MARKS ? points.keys().toArray() : telling(points, course)
  return [
    path === null
      ? ''
      : element('path', {
          d: path,
          fill: 'none',
          stroke: LINE,
          'stroke-width': 2,
          'stroke-linejoin': 'round',
        }),
    ...drawn.map((index) => {
      const point = points[index] as Point
      const { x, y } = placed[index] as (typeof placed)[number]
      return mark(markOf(point, course, notable), x, y, point.value > (course.baseline?.value ?? point.value))
    }),
    valueLabels(placed, telling(points, course), HEIGHT),
  ].join('')
}

/** The last, the baseline, the lowest and the highest. */
function telling(points: readonly Point[], { baseline }: ScoreCourse): readonly number[] {
  if (points.length === 0) return []
  const extreme = (better: (a: number, b: number) => boolean): number =>
    points.reduce(
      (best, { value }, index) => (better(value, (points[best] as Point).value) ? index : best),
      0,
    )
  const at = points.findIndex(({ reference }) => reference === baseline?.reference)
  return [
    ...new Set([
      points.length - 1,
      ...(at < 0 ? [] : [at]),
      extreme((a, b) => a < b),
      extreme((a, b) => a > b),
    ]),
  ]
}
