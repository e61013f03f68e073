// Revenue as one picture in SVG: bars of what charges have become, how long what is open has been so, and all in words.
import { createHash } from 'node:crypto'
import { element, escaped, fitted, lines, text } from '../../../svg/index.ts'
import type { Revenue } from '../revenue.ts'
import { agingPanel } from './aging-panel.ts'
import { descriptionOf, leftWords, summaryOf, titleOf } from './description.ts'
import {
  type Drawn,
  FONT,
  INK,
  LINE_HEIGHT,
  MARGIN,
  PAPER,
  QUIET_INK,
  ROOM,
  TEXT_SIZE,
  TITLE_SIZE,
  WIDTH,
} from './frame.ts'
import { patterns } from './parts.ts'
import { keyOfParts, rowsPanel, shownRows } from './rows-panel.ts'

const MOST_LINES = 6
/** How much wider bold letters are. */
const BOLD = 1.06

/** SVG in UTF-8's characters, without scripts, styles or anything from elsewhere. It names no patient. */
export function chartOf(revenue: Revenue): string {
  const title = titleOf(revenue)
  const words = descriptionOf(revenue)
  // Several charts may stand in one page.
  const mark = createHash('sha256').update(`${title}\n${words}`).digest('hex').slice(0, 12)
  const { shown, left } = shownRows(revenue)
  const parts: readonly Drawn[] = [
    heading(title, summaryOf(revenue)),
    ...(shown.length === 0
      ? [line('There is nothing to show.')]
      : [
          rowsPanel(shown, mark),
          keyOfParts(mark),
          ...(left === 0 ? [] : [line(leftWords(left))]),
          subtitle('Open, by days since the last day of service'),
          agingPanel(revenue.total, mark),
        ]),
  ]
  let height = MARGIN
  const drawn: string[] = []
  for (const part of parts) {
    drawn.push(element('g', { transform: `translate(0 ${height})` }, part.svg))
    height += part.height
  }
  height += MARGIN
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-labelledby': `revenue-title-${mark} revenue-words-${mark}`,
      lang: 'en',
      'font-family': FONT,
    },
    element('title', { id: `revenue-title-${mark}` }, escaped(title)),
    element('desc', { id: `revenue-words-${mark}` }, escaped(words)),
    patterns(mark),
    element('rect', { width: WIDTH, height, fill: PAPER }),
    ...drawn,
  )
}

function heading(title: string, summary: string): Drawn {
  const told = lines(summary, TEXT_SIZE, ROOM, MOST_LINES)
  const svg = [
    text(fitted(title, TITLE_SIZE * BOLD, ROOM), {
      x: MARGIN,
      y: TITLE_SIZE,
      'font-size': TITLE_SIZE,
      'font-weight': 'bold',
      fill: INK,
    }),
    ...told.map((words, at) =>
      text(words, {
        x: MARGIN,
        y: TITLE_SIZE + (at + 1) * LINE_HEIGHT + 3,
        'font-size': TEXT_SIZE,
        fill: INK,
      }),
    ),
  ]
  return { svg: svg.join(''), height: TITLE_SIZE + told.length * LINE_HEIGHT + 18 }
}

function subtitle(words: string): Drawn {
  const svg = text(words, {
    x: MARGIN,
    y: TEXT_SIZE + 12,
    'font-size': TEXT_SIZE,
    'font-weight': 'bold',
    fill: INK,
  })
  return { svg, height: TEXT_SIZE + 24 }
}

function line(words: string): Drawn {
  const svg = text(words, { x: MARGIN, y: TEXT_SIZE + 4, 'font-size': TEXT_SIZE, fill: QUIET_INK })
  return { svg, height: LINE_HEIGHT + 8 }
}
