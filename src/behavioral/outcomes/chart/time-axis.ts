// Time from left to right: the same for all panels that it suits, with dates that tell days, months or years.
import { scaleUtc, type ScaleTime } from 'd3-scale'
import { utcFormat } from 'd3-time-format'
import { GUTTER, INSET, LINE_HEIGHT, PLOT_LEFT, PLOT_RIGHT, SMALL_SIZE } from './frame.ts'
import { BORDER, GRID, QUIET_INK } from './palette.ts'
import { element, text } from '../../../svg/index.ts'

const DAY = 86_400_000
const YEAR = 365 * DAY
/** Dates that are shown beside each other. */
const TICKS = 6

export type TimeScale = ScaleTime<number, number>

export interface Span {
  readonly low: number
  readonly high: number
}

export const AXIS_HEIGHT = LINE_HEIGHT + 6

/** undefined for no times. */
export function spanOf(times: readonly number[]): Span | undefined {
  if (times.length === 0) return undefined
  // Not by spread: there may be more times than a call has arguments.
  const low = times.reduce((a, b) => Math.min(a, b))
  const high = times.reduce((a, b) => Math.max(a, b))
  return { low, high }
}

/** The panel's own span where within the chart's it would be no more than a stroke. */
export function panelSpan(own: Span, whole: Span): Span {
  return own.high - own.low < (whole.high - whole.low) / 6 ? own : whole
}

/** Whether the dates of an axis are days, without their year. */
export function tellsDays({ low, high }: Span): boolean {
  return high - low < 100 * DAY
}

export function timeScale({ low, high }: Span): TimeScale {
  const spare = Math.max(0, 14 * DAY - (high - low)) / 2
  return scaleUtc([new Date(low - spare), new Date(high + spare)], [PLOT_LEFT + INSET, PLOT_RIGHT - GUTTER])
}

/** Lines through the plot above, and their dates below it. */
export function timeAxis(
  scale: TimeScale,
  top: number,
  bottom: number,
): { readonly grid: string; readonly dates: string } {
  const [low, high] = scale.domain() as [Date, Date]
  const span = { low: low.getTime(), high: high.getTime() }
  const format = utcFormat(tellsDays(span) ? '%-d %b' : span.high - span.low < 6 * YEAR ? '%b %Y' : '%Y')
  const ticks = Map.groupBy(scale.ticks(TICKS), format)
  const grid: string[] = []
  const dates: string[] = []
  for (const [words, [tick]] of ticks) {
    const x = scale(tick as Date)
    grid.push(element('line', { x1: x, x2: x, y1: top, y2: bottom, stroke: GRID }))
    dates.push(
      element('line', { x1: x, x2: x, y1: bottom, y2: bottom + 4, stroke: BORDER }),
      text(words, { x, y: bottom + 16, 'font-size': SMALL_SIZE, fill: QUIET_INK, 'text-anchor': 'middle' }),
    )
  }
  return { grid: grid.join(''), dates: dates.join('') }
}
