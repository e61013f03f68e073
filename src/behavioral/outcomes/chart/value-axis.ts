// The scale of numbers at the left of a plot.
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import { INSET, PLOT_LEFT, PLOT_RIGHT, SMALL_SIZE } from './frame.ts'
import { BORDER, GRID, QUIET_INK } from './palette.ts'
import { element, text } from '../../../svg/index.ts'
import { numberWords } from './words.ts'

export type ValueScale = ScaleLinear<number, number>

const TICKS = 5

/** From the lowest number at the bottom of a plot of this height to the highest at its top. */
export function valueScale(lowest: number, highest: number, height: number): ValueScale {
  const spare = lowest === highest ? 1 : 0
  return scaleLinear([lowest - spare, highest + spare], [height - INSET, INSET])
}

/** @param ends numbers that are shown whatever falls between them */
export function valueAxis(y: ValueScale, ends: readonly number[]): string {
  const apart = (a: number, b: number): boolean => Math.abs(y(a) - y(b)) >= SMALL_SIZE + 3
  const between = y.ticks(TICKS).filter((tick) => ends.every((end) => apart(tick, end)))
  return [...ends, ...between]
    .map((tick) =>
      text(numberWords(tick), {
        x: PLOT_LEFT - 8,
        y: y(tick) + 4,
        'font-size': SMALL_SIZE,
        fill: QUIET_INK,
        'text-anchor': 'end',
      }),
    )
    .join('')
}

export function rows(y: ValueScale): string {
  return y
    .ticks(TICKS)
    .map((tick) => element('line', { x1: PLOT_LEFT, x2: PLOT_RIGHT, y1: y(tick), y2: y(tick), stroke: GRID }))
    .join('')
}

/** The edge of a plot. */
export function border(height: number): string {
  return element('rect', {
    x: PLOT_LEFT,
    y: 0,
    width: PLOT_RIGHT - PLOT_LEFT,
    height,
    fill: 'none',
    stroke: BORDER,
  })
}
