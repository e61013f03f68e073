// How long what is open has been so, a bar for each span of days.
import { scaleLinear } from 'd3-scale'
import { element, text } from '../../../svg/index.ts'
import type { Figures } from '../figures.ts'
import { BORDER, type Drawn, INK, PLOT_LEFT, PLOT_RIGHT, SMALL_SIZE } from './frame.ts'
import { partBox } from './parts.ts'
import { dollars } from './rows-panel.ts'
import { claimsWords, moneyWords } from './words.ts'

const ROW = 22
const BAR = 14

export function agingPanel({ aging }: Figures, mark: string): Drawn {
  const most = aging.reduce((sum, { open }) => Math.max(sum, dollars(open)), 1)
  const x = scaleLinear([0, most], [PLOT_LEFT, PLOT_RIGHT])
  const rows = aging.map(({ age, open, claims }, at) => {
    const top = at * ROW + 4
    const baseline = top + BAR - 3
    const size = { 'font-size': SMALL_SIZE, fill: INK }
    return [
      text(`${age} days`, { x: PLOT_LEFT - 8, y: baseline, ...size, 'text-anchor': 'end' }),
      open > 0n
        ? partBox('open', { x: PLOT_LEFT, y: top, width: x(dollars(open)) - PLOT_LEFT, height: BAR }, mark)
        : '',
      text(`${moneyWords(open)}, ${claimsWords(claims)}`, { x: PLOT_RIGHT + 10, y: baseline, ...size }),
    ].join('')
  })
  const height = aging.length * ROW + 6
  const axis = element('line', { x1: PLOT_LEFT, x2: PLOT_LEFT, y1: 0, y2: height, stroke: BORDER })
  return { svg: axis + rows.join(''), height }
}
