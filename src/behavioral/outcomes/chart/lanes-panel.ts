// Results in words: a lane for each, with a mark for each time. Those of a score have an order, and a line through them.
import { line, curveStepAfter } from 'd3-shape'
import type { ScoreRule } from '../../assessments/instrument.ts'
import type { Category, Point, ScoreCourse, Series } from '../course.ts'
import { MARGIN, PLOT_LEFT, PLOT_RIGHT, PLOT_WIDTH, SMALL_SIZE, WIDTH, type Drawn } from './frame.ts'
import { BORDER, INK, LINE, PAPER, SEVERITIES, tintOf } from './palette.ts'
import { element, fitted, text, widthOf } from '../../../svg/index.ts'
import { AXIS_HEIGHT, timeAxis, type TimeScale } from './time-axis.ts'
import { border } from './value-axis.ts'
import { short } from './words.ts'

const LANE = 26
const MOST_LANES = 9
const OTHER = 'other'
const NAME_WIDTH = WIDTH - MARGIN - PLOT_RIGHT - 10

interface Lane {
  readonly keys: ReadonlySet<string>
  readonly words: string
  /** How often; undefined where it is not told. */
  readonly count: number | undefined
  readonly tint: string
}

/** @param course undefined for a diary */
export function lanesPlot({ categories }: Series, course: ScoreCourse | undefined, x: TimeScale): Drawn {
  const lanes = course === undefined ? lanesByCount(categories) : lanesOfScore(course, categories)
  const height = lanes.length * LANE
  const axis = timeAxis(x, 0, height)
  const laneOf = new Map(lanes.flatMap(({ keys }, place) => [...keys].map((key) => [key, place])))
  const placed = categories.map(({ wall, value }) => ({
    x: x(wall),
    y: ((laneOf.get(laneKey(value)) ?? lanes.length - 1) + 0.5) * LANE,
  }))
  const svg = [
    ...lanes.map(drawLane),
    axis.grid,
    border(height),
    course === undefined ? '' : steps(placed),
    ...[...new Map(placed.map((at) => [`${Math.round(at.x)} ${at.y}`, at])).values()].map((at) =>
      tick(at, course !== undefined),
    ),
    axis.dates,
  ].join('')
  return { svg, height: height + AXIS_HEIGHT }
}

function drawLane({ words, count, tint }: Lane, place: number): string {
  const top = place * LANE
  return [
    element('rect', { x: PLOT_LEFT, y: top, width: PLOT_WIDTH, height: LANE, fill: tint }),
    element('line', {
      x1: PLOT_LEFT,
      x2: PLOT_RIGHT,
      y1: top,
      y2: top,
      stroke: BORDER,
      'stroke-width': 0.75,
    }),
    text(laneWords(words, count), {
      x: PLOT_RIGHT + 10,
      y: top + LANE / 2 + 4,
      'font-size': SMALL_SIZE,
      fill: INK,
      'data-lane': short(words),
    }),
  ].join('')
}

function laneWords(words: string, count: number | undefined): string {
  const told = count === undefined ? '' : ` (${count})`
  return fitted(words, SMALL_SIZE, NAME_WIDTH - widthOf(told, SMALL_SIZE)) + told
}

function steps(placed: readonly { readonly x: number; readonly y: number }[]): string {
  const d = line<(typeof placed)[number]>(
    (one) => one.x,
    (one) => one.y,
  ).curve(curveStepAfter)(placed)
  return d === null ? '' : element('path', { d, fill: 'none', stroke: LINE, 'stroke-width': 1.5 })
}

function tick({ x, y }: { readonly x: number; readonly y: number }, isScore: boolean): string {
  return isScore
    ? element('circle', { cx: x, cy: y, r: 5, fill: LINE, stroke: PAPER })
    : element('line', { x1: x, x2: x, y1: y - 8, y2: y + 8, stroke: LINE, 'stroke-width': 2 })
}

/** The possible results, the most severe at the top, else the last that the instrument names; and above them any other. */
function lanesOfScore({ rule, bands }: ScoreCourse, categories: readonly Point<Category>[]): readonly Lane[] {
  const bandOf = (key: string) => bands.find(({ code }) => code === key)
  const severity = (key: string): number => SEVERITIES.indexOf(bandOf(key)?.severity ?? 'none')
  const known = optionsOf(rule).toSorted((a, b) => severity(a.key) - severity(b.key))
  const names = new Set(known.map(({ key }) => key))
  const others = new Set(categories.map(({ value }) => laneKey(value)).filter((key) => !names.has(key)))
  const lanes = known.map(({ key, words }, place): Lane => {
    const band = bandOf(key)
    return {
      keys: new Set([key]),
      words: band?.text ?? words,
      count: undefined,
      tint: tintOf(band?.severity, place),
    }
  })
  if (others.size > 0)
    lanes.push({ keys: others, words: OTHER, count: undefined, tint: tintOf(undefined, 0) })
  return lanes.toReversed()
}

function optionsOf({
  type,
  options,
}: ScoreRule): readonly { readonly key: string; readonly words: string }[] {
  if (type === 'boolean')
    return [
      { key: 'false', words: 'No' },
      { key: 'true', words: 'Yes' },
    ]
  return options.map(({ code = '', display }) => ({ key: code, words: display ?? code }))
}

/** A result is known by its code, whoever codes it. */
function laneKey({ key, coding }: Category): string {
  return coding?.code ?? key
}

/** The most frequent first; the rest in one. */
function lanesByCount(categories: readonly Point<Category>[]): readonly Lane[] {
  const byKey = [...Map.groupBy(categories, ({ value }) => laneKey(value))]
    .map(([key, points]) => ({ key, count: points.length, words: (points[0] as Point<Category>).value.text }))
    .toSorted((a, b) => b.count - a.count || (a.words < b.words ? -1 : 1))
  const isMore = byKey.length > MOST_LANES
  const shown = isMore ? byKey.slice(0, MOST_LANES - 1) : byKey
  const rest = byKey.slice(shown.length)
  const lanes = shown.map(({ key, count, words }) => ({ keys: new Set([key]), words, count }))
  const count = rest.reduce((sum, one) => sum + one.count, 0)
  const all = isMore ? [...lanes, { keys: new Set(rest.map(({ key }) => key)), words: OTHER, count }] : lanes
  return all.map((lane, place) => ({ ...lane, tint: tintOf(undefined, place) }))
}
