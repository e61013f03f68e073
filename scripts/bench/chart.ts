// Panels of horizontal bars as SVG (https://www.w3.org/TR/SVG2/), readable without colour and by a screen reader.

export interface Bar {
  readonly label: string
  /** Drawn to the scale of the panel. */
  readonly value: number
  /** What it cannot be less than, drawn within the bar: parts one after the other. */
  readonly floors?: readonly number[]
  /** Where the goal is; undefined where there is none. */
  readonly goal?: number | undefined
  readonly met?: boolean | undefined
  /** The lowest and the highest of the rounds. */
  readonly spread?: readonly [number, number]
  /** At the right: the figure, and the goal in words. */
  readonly figure: string
  readonly note?: string
}

export interface Panel {
  readonly title: string
  readonly unit: string
  readonly bars: readonly Bar[]
  /** Where the scale ends; what is longer is cut off, with an arrow. */
  readonly most?: number
  /** A line through all bars, such as the goal that all have. */
  readonly line?: { readonly at: number; readonly text: string }
}

export interface Chart {
  readonly title: string
  /** One line under the title. */
  readonly subtitle: string
  readonly legend: readonly { readonly fill: string; readonly text: string }[]
  /** What the upright mark across a bar is, if there are such. */
  readonly mark?: string
  readonly panels: readonly Panel[]
}

/** Told apart by lightness too. */
export const FILL = {
  met: '#2f6fb3',
  missed: '#d9822b',
  plain: '#7a8894',
  floor: '#1d2b38',
  floorToo: '#ffffff',
}

const WIDTH = 1120
const MARGIN = 28
const LABELS = 300
const FIGURES = 320
const BAR_LEFT = MARGIN + LABELS
const BAR_WIDTH = WIDTH - 2 * MARGIN - LABELS - FIGURES
const ROW = 26
const BAR = 16
const FLOOR = 5
const TICKS = 5
const INK = '#1d2b38'
const QUIET = '#5b6875'

export function chart({ title, subtitle, legend, mark, panels }: Chart): string {
  const parts: string[] = []
  let y = MARGIN + 18
  parts.push(text(MARGIN, y, title, { size: 22, weight: 600 }))
  y += 24
  parts.push(text(MARGIN, y, subtitle, { fill: QUIET }))
  y += 26
  let x = MARGIN
  for (const { fill, text: words } of legend) {
    parts.push(rect(x, y - 11, 14, 12, fill, fill === FILL.floorToo ? INK : undefined))
    parts.push(text(x + 20, y, words, { fill: QUIET }))
    x += 20 + words.length * 6.7 + 22
  }
  if (mark !== undefined) parts.push(goalMark(x + 4, y - 13, 16), text(x + 14, y, mark, { fill: QUIET }))
  y += 14
  for (const panel of panels) {
    y += 34
    parts.push(...panelAt(y, panel))
    y += 22 + panel.bars.length * ROW + 18
  }
  const height = Math.round(y + MARGIN)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(described(subtitle, panels))}</desc>
${rect(0, 0, WIDTH, height, '#ffffff')}
${parts.join('\n')}
</svg>
`
}

function panelAt(top: number, { title, unit, bars, most, line }: Panel): string[] {
  const end = most ?? niceEnd(Math.max(...bars.flatMap(({ value, goal = 0 }) => [value, goal])))
  const scaled = (value: number): number => BAR_LEFT + (Math.min(value, end) / end) * BAR_WIDTH
  const parts = [
    text(MARGIN, top, title, { size: 15, weight: 600 }),
    text(WIDTH - MARGIN, top, unit, { anchor: 'end', fill: QUIET }),
  ]
  const first = top + 16
  const bottom = first + bars.length * ROW
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = (end * tick) / TICKS
    const x = scaled(value)
    parts.push(
      `<path d="M${coordinate(x)} ${first}V${bottom}" stroke="#e3e8ec"/>`,
      text(x, bottom + 15, shortNumber(value), { anchor: 'middle', size: 11, fill: QUIET }),
    )
  }
  for (const [n, bar] of bars.entries())
    parts.push(...barAt(first + n * ROW + (ROW - BAR) / 2, bar, end, scaled))
  if (line !== undefined) {
    const x = scaled(line.at)
    parts.push(
      `<path d="M${coordinate(x)} ${first - 4}V${bottom}" stroke="${INK}" stroke-width="2" stroke-dasharray="5 3"/>`,
      text(x + 5, first - 5, line.text, { size: 11 }),
    )
  }
  return parts
}

function barAt(y: number, bar: Bar, end: number, scaled: (value: number) => number): string[] {
  const { label, value, floors = [], goal, met, spread, figure, note = '' } = bar
  const fill = met === undefined ? FILL.plain : met ? FILL.met : FILL.missed
  const right = scaled(value)
  const parts = [
    text(BAR_LEFT - 10, y + 13, label, { anchor: 'end' }),
    rect(BAR_LEFT, y, Math.max(1, right - BAR_LEFT), BAR, fill),
  ]
  if (value > end)
    parts.push(
      `<path d="M${right - 12} ${y}l6 ${BAR / 2}l-6 ${BAR / 2}h6l6 ${-BAR / 2}l-6 ${-BAR / 2}z" fill="#ffffff"/>`,
    )
  let from = 0
  for (const [n, floor] of floors.entries()) {
    const [left, to] = [scaled(from), scaled(from + floor)]
    if (to - left >= 0.5)
      parts.push(rect(left, y + BAR - FLOOR, to - left, FLOOR, n === 0 ? FILL.floor : FILL.floorToo, INK))
    from += floor
  }
  if (spread !== undefined) {
    const [low, high] = [scaled(spread[0]), scaled(spread[1])]
    const middle = y + BAR / 2
    parts.push(
      `<path d="M${coordinate(low)} ${middle}H${coordinate(high)}M${coordinate(low)} ${middle - 4}v8M${coordinate(high)} ${middle - 4}v8" stroke="${INK}" stroke-width="1.5" fill="none"/>`,
    )
  }
  if (goal !== undefined && goal <= end) parts.push(goalMark(scaled(goal), y - 4, BAR + 8))
  const mark = met === undefined ? '' : met ? '✓ ' : '✗ '
  parts.push(text(WIDTH - MARGIN - FIGURES + 14, y + 13, `${mark}${figure}`, { weight: 600 }))
  parts.push(text(WIDTH - MARGIN, y + 13, note, { anchor: 'end', fill: QUIET, size: 12 }))
  return parts
}

function goalMark(x: number, y: number, length: number): string {
  return `<path d="M${coordinate(x)} ${y}v${length}" stroke="${INK}" stroke-width="2.5"/>`
}

/** What the picture says, for whom cannot see it. */
function described(subtitle: string, panels: readonly Panel[]): string {
  const sentences = panels.map(({ title, unit, bars }) => {
    const each = bars.map(({ label, figure, note = '', met }) => {
      const verdict = met === undefined ? '' : met ? ', goal met' : ', goal not met'
      return `${label}: ${figure}${note === '' ? '' : ` (${note})`}${verdict}`
    })
    return `${title}, ${unit}. ${each.join('; ')}.`
  })
  return `${subtitle} ${sentences.join(' ')}`
}

interface TextStyle {
  readonly anchor?: 'middle' | 'end'
  readonly size?: number
  readonly weight?: number
  readonly fill?: string
}

function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { anchor, size, weight, fill = INK } = style
  const attributes = [
    `x="${coordinate(x)}" y="${coordinate(y)}" fill="${fill}"`,
    ...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
    ...(size === undefined ? [] : [`font-size="${size}"`]),
    ...(weight === undefined ? [] : [`font-weight="${weight}"`]),
  ]
  return `<text ${attributes.join(' ')}>${escaped(words)}</text>`
}

function rect(x: number, y: number, width: number, height: number, fill: string, stroke?: string): string {
  const edge = stroke === undefined ? '' : ` stroke="${stroke}" stroke-width="0.75"`
  return `<rect x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${height}" fill="${fill}"${edge}/>`
}

/** 1, 2, 2.5 or 5 times a power of ten, from `value` on. */
function niceEnd(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7.5].find((it) => it * power >= value) ?? 10) * power
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(words: string): string {
  return words.replace(/[&<>"]/g, (it) => `&#${it.codePointAt(0)};`)
}
