// Bars of what was charged, a row each, with the amounts beside them.
import { scaleLinear } from 'd3-scale'
import { element, fitted, text, widthOf } from '../../../svg/index.ts'
import { addMoney, printMoney, sumMoney, type Money } from '../../money.ts'
import type { Amounts, Figures } from '../figures.ts'
import type { Revenue } from '../revenue.ts'
import {
  BORDER,
  COLUMNS,
  type Drawn,
  GRID,
  INK,
  LINE_HEIGHT,
  MARGIN,
  PLOT_LEFT,
  PLOT_RIGHT,
  QUIET_INK,
  SMALL_SIZE,
} from './frame.ts'
import { PART_WORDS, partBox, PARTS, partsOf } from './parts.ts'
import { axisWords, moneyWords, rowWords } from './words.ts'

const ROW = 24
const BAR = 14
const HEAD = 22
const TICKS = 4
/** With more than this the last row is of all others. */
export const MOST_ROWS = 24

export interface ShownRow {
  readonly words: string
  readonly figures: Figures
}

/** What is drawn, and how many rows are not. */
export function shownRows(revenue: Revenue): { readonly shown: readonly ShownRow[]; readonly left: number } {
  const { rows, total, asked } = revenue
  if (asked.groups.length === 0) return { shown: [{ words: 'All', figures: total }], left: 0 }
  const shown = rows.slice(0, MOST_ROWS)
  return {
    shown: shown.map((row) => ({ words: rowWords(row, revenue), figures: row.figures })),
    left: rows.length - shown.length,
  }
}

const COLUMN_NAMES = [
  ['charged', 'charged'],
  ['paid', 'paid'],
  ['denied', 'denied'],
  ['open', 'open'],
] as const satisfies readonly (readonly [keyof Amounts, string])[]

export function rowsPanel(rows: readonly ShownRow[], mark: string): Drawn {
  const longest = rows.reduce((most, { figures }) => {
    const length = sumMoney(Object.values(partsOf(figures)))
    return length > most ? length : most
  }, 0n)
  const x = scaleLinear([0, Math.max(dollars(longest as Money), 1)], [PLOT_LEFT, PLOT_RIGHT]).nice(TICKS)
  const bottom = HEAD + rows.length * ROW + 4
  const grid = x.ticks(TICKS).map((tick) => {
    const at = x(tick)
    return (
      element('line', { x1: at, x2: at, y1: HEAD, y2: bottom, stroke: tick === 0 ? BORDER : GRID }) +
      text(axisWords(tick), {
        x: at,
        y: bottom + 14,
        'font-size': SMALL_SIZE,
        fill: QUIET_INK,
        'text-anchor': 'middle',
      })
    )
  })
  const names = COLUMN_NAMES.map(([, words], at) =>
    text(words, {
      x: COLUMNS[at] as number,
      y: HEAD - 8,
      'font-size': SMALL_SIZE,
      fill: QUIET_INK,
      'text-anchor': 'end',
    }),
  )
  const bars = rows.map((row, at) => bar(row, HEAD + at * ROW + 4, x, mark))
  return { svg: [...grid, ...names, ...bars].join(''), height: bottom + LINE_HEIGHT + 6 }
}

function bar(
  { words, figures }: ShownRow,
  top: number,
  x: (dollars: number) => number,
  mark: string,
): string {
  const parts = partsOf(figures)
  let upTo = 0n as Money
  const boxes = PARTS.filter((part) => parts[part] > 0n).map((part) => {
    const from = x(dollars(upTo))
    upTo = addMoney(upTo, parts[part])
    return partBox(part, { x: from, y: top, width: x(dollars(upTo)) - from, height: BAR }, mark)
  })
  const baseline = top + BAR - 3
  return [
    text(fitted(words, SMALL_SIZE, PLOT_LEFT - MARGIN - 8), {
      x: PLOT_LEFT - 8,
      y: baseline,
      'font-size': SMALL_SIZE,
      fill: INK,
      'text-anchor': 'end',
    }),
    ...boxes,
    ...COLUMN_NAMES.map(([name], at) =>
      text(fittingMoney(figures.amounts[name], at), {
        x: COLUMNS[at] as number,
        y: baseline,
        'font-size': SMALL_SIZE,
        fill: INK,
        'text-anchor': 'end',
      }),
    ),
  ].join('')
}

/** Without cents where there is no room for them, else in thousands or millions. */
function fittingMoney(money: Money, column: number): string {
  const room = (COLUMNS[column] as number) - (COLUMNS[column - 1] ?? PLOT_RIGHT) - 6
  const words = moneyWords(money)
  const size = axisWords(Math.abs(dollars(money)))
  const short = [words, words.replace(/\.\d\d$/, '')].find((one) => widthOf(one, SMALL_SIZE) <= room)
  return short ?? `${words.startsWith('−') ? '−' : ''}${size}`
}

/** For drawing alone. */
export function dollars(money: Money): number {
  return Number(printMoney(money))
}

/** What the parts of bars mean, beneath them. */
export function keyOfParts(mark: string): Drawn {
  let x = PLOT_LEFT
  const svg = PARTS.map((part) => {
    const at = x
    const words = PART_WORDS[part]
    x += widthOf(words, SMALL_SIZE) + 40
    return (
      partBox(part, { x: at, y: 2, width: 18, height: 11 }, mark) +
      text(words, { x: at + 24, y: 12, 'font-size': SMALL_SIZE, fill: INK })
    )
  })
  return { svg: svg.join(''), height: LINE_HEIGHT + 4 }
}
