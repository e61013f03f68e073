// The lines above a plot: what it is of, and what it comes to.
import { LINE_HEIGHT, MARGIN, TEXT_SIZE, TITLE_SIZE, WIDTH, type Drawn } from './frame.ts'
import { INK, QUIET_INK } from './palette.ts'
import { element, fitted, lines, text, widthOf } from './svg.ts'

const ROOM = WIDTH - 2 * MARGIN
const MOST_LINES = 4
/** How much wider bold letters are. */
const BOLD = 1.06

/** @param beside in small letters after the title, where there is room */
export function heading(title: string, beside: string, summary: string): Drawn {
  const shown = fitted(title, TITLE_SIZE * BOLD, ROOM)
  const width = widthOf(shown, TITLE_SIZE * BOLD) + 12
  const second = fitted(beside, TEXT_SIZE, ROOM - width)
  const told = lines(summary, TEXT_SIZE, ROOM, MOST_LINES)
  const svg = [
    text(shown, { x: MARGIN, y: TITLE_SIZE, 'font-size': TITLE_SIZE, 'font-weight': 'bold', fill: INK }),
    second.length < Math.min(12, beside.length)
      ? ''
      : text(second, {
          x: WIDTH - MARGIN,
          y: TITLE_SIZE,
          'font-size': TEXT_SIZE,
          fill: QUIET_INK,
          'text-anchor': 'end',
        }),
    ...told.map((line, index) =>
      text(line, {
        x: MARGIN,
        y: TITLE_SIZE + (index + 1) * LINE_HEIGHT + 3,
        'font-size': TEXT_SIZE,
        fill: INK,
      }),
    ),
  ].join('')
  return { svg, height: TITLE_SIZE + told.length * LINE_HEIGHT + 14 }
}

/** A part of the chart so far below its top. */
export function below(top: number, svg: string): string {
  return element('g', { transform: `translate(0 ${top})` }, svg)
}
