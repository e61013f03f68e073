// The bands of a score as zones across the plot, each with its name and its scores beside it.
import type { Band } from '../../assessments/instrument.ts'
import { movedApart } from './apart.ts'
import { MARGIN, PLOT_LEFT, PLOT_RIGHT, PLOT_WIDTH, SMALL_SIZE, WIDTH } from './frame.ts'
import { BORDER, INK, tintOf } from './palette.ts'
import { element, fitted, lines, text, widthOf } from '../../../svg/index.ts'
import { edgeBelow } from './thresholds.ts'
import type { ValueScale } from './value-axis.ts'
import { numberWords } from './words.ts'

const NAME_LEFT = PLOT_RIGHT + 14
const NAME_WIDTH = WIDTH - MARGIN - NAME_LEFT
const NAME_HEIGHT = SMALL_SIZE + 3

interface Zone {
  readonly band: Band
  /** Its lower edge and its upper one, in pixels from the top of the plot. */
  readonly from: number
  readonly to: number
}

/** @param bottom of the plot; its top is 0 */
export function zones(bands: readonly Band[], y: ValueScale, bottom: number): string {
  const all = zonesOf(bands, y, bottom)
  const names = all.map(({ band, from, to }) => nameLines(band, from - to))
  const tops = movedApart(
    all.map(({ from, to }, place) => (from + to - heightOf(names[place] as Name)) / 2),
    all.length === 0 ? 0 : Math.max(...names.map(heightOf)),
    0,
    bottom - NAME_HEIGHT,
  )
  return all
    .map((zone, place) => {
      const top = tops[place] as number
      const name = names[place] as Name
      return [
        area(zone, place),
        place === 0 ? '' : across(zone.from),
        pointer((zone.from + zone.to) / 2, top + heightOf(name) / 2),
        ...name.map((words, index) =>
          text(words, {
            x: NAME_LEFT,
            y: top + (index + 1) * NAME_HEIGHT - 3,
            'font-size': SMALL_SIZE,
            fill: INK,
            'data-zone': index === 0 ? (zone.band.severity ?? '') : undefined,
          }),
        ),
      ].join('')
    })
    .join('')
}

/** From the lowest up. A score between two bands is in none of them, unless the next whole one begins the other. */
function zonesOf(bands: readonly Band[], y: ValueScale, bottom: number): readonly Zone[] {
  const [lowest, highest] = y.domain() as [number, number]
  const ordered = bands
    .filter(({ low, high }) => low !== undefined || high !== undefined)
    .toSorted((a, b) => (a.low ?? -Infinity) - (b.low ?? -Infinity))
  const within = (at: number): number => Math.min(bottom, Math.max(0, at))
  return ordered.map((band, place): Zone => {
    const { low = -Infinity, high = Infinity } = band
    const next = ordered[place + 1]?.low
    const isNextTo = next !== undefined && next - high <= 1
    return {
      band,
      from: low <= lowest ? bottom : within(y(edgeBelow(low, bands))),
      to: isNextTo ? within(y(edgeBelow(next, bands))) : high >= highest ? 0 : within(y(high)),
    }
  })
}

type Name = readonly string[]

/** In two lines where its zone is high enough for them; its scores are told in any case. */
function nameLines(band: Band, height: number): Name {
  const bounds = ` (${boundsWords(band)})`
  const most = height > 2 * NAME_HEIGHT ? 2 : 1
  const whole = lines(band.text + bounds, SMALL_SIZE, NAME_WIDTH, most + 1)
  if (whole.length <= most) return whole
  const first = most === 2 ? (whole[0] as string) : ''
  const rest = band.text.trim().replaceAll(/\s+/g, ' ').slice(first.length).trimStart()
  const last = fitted(rest, SMALL_SIZE, NAME_WIDTH - widthOf(bounds, SMALL_SIZE)) + bounds
  return most === 2 ? [first, last] : [last]
}

function heightOf({ length }: Name): number {
  return length * NAME_HEIGHT
}

function area({ band, from, to }: Zone, place: number): string {
  return element('rect', {
    x: PLOT_LEFT,
    y: to,
    width: PLOT_WIDTH,
    height: from - to,
    fill: tintOf(band.severity, place),
  })
}

function across(y: number): string {
  return element('line', {
    x1: PLOT_LEFT,
    x2: PLOT_RIGHT,
    y1: y,
    y2: y,
    stroke: BORDER,
    'stroke-width': 0.75,
  })
}

/** From the middle of a zone to its name. */
function pointer(zone: number, name: number): string {
  return element('path', {
    d: `M${PLOT_RIGHT} ${zone.toFixed(1)}h4L${NAME_LEFT - 3} ${name.toFixed(1)}`,
    fill: 'none',
    stroke: BORDER,
    'stroke-width': 0.75,
  })
}

/** `5–9`, `20`, `51 or more` */
export function boundsWords({ low, high, code }: Band): string {
  if (low === undefined) return high === undefined ? (code ?? '') : `${numberWords(high)} or less`
  if (high === undefined) return `${numberWords(low)} or more`
  return low === high ? numberWords(low) : `${numberWords(low)}–${numberWords(high)}`
}
