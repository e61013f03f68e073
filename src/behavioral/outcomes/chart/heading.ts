// The lines above a plot: what it is of, and what it comes to.
import { LINE_HEIGHT, MARGIN, TEXT_SIZE, TITLE_SIZE, WIDTH, type Drawn } from './frame.ts'
import { INK, QUIET_INK } from './palette.ts'
import { element, fitted, lines, text, widthOf } from '../../../svg/index.ts'

const ROOM = WIDTH - 2 * MARGIN
const MOST_LINES = 4
/** How much wider bold letters are. */
const BOLD = 1.06

/** @param besides what may stand at the right of the title, best first: the first that there is room for does */
export function heading(title: string, besides: readonly string[], summary: string): Drawn {
  const shown = fitted(title, TITLE_SIZE * BOLD, ROOM)
  const width = widthOf(shown, TITLE_SIZE * BOLD) + 12
  const beside = besides.find((words) => words !== '' && widthOf(words, TEXT_SIZE) <= ROOM - width)
  const told = lines(summary, TEXT_SIZE, ROOM, MOST_LINES)
  const svg = [
    text(shown, { x: MARGIN, y: TITLE_SIZE, 'font-size': TITLE_SIZE, 'font-weight': 'bold', fill: INK }),
    beside === undefined
      ? ''
      : text(beside, {
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
