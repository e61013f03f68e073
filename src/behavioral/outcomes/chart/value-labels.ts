// Which values are written beside their marks, and where: all where there is room, else those that say most.
import { SMALL_SIZE } from './frame.ts'
import { INK, PAPER } from './palette.ts'
import { text, widthOf } from '../../../svg/index.ts'
import { numberWords } from './words.ts'

export interface PlacedValue {
  readonly x: number
  readonly y: number
  readonly value: number
}

const GAP = 4

/** @param always indexes of those that come first where there is no room for all */
export function valueLabels(
  points: readonly PlacedValue[],
  always: readonly number[],
  height: number,
): string {
  const order = [...new Set([...always, ...points.keys()])]
  const taken: Box[] = []
  const labels: string[] = []
  for (const index of order) {
    const point = points[index] as PlacedValue
    const words = numberWords(point.value)
    const places = placesOf(point, words).filter(
      (place) =>
        place.top >= 0 &&
        place.bottom <= height &&
        taken.every((other) => !touches(place, other)) &&
        points.every((other, at) => at === index || !isOn(other, place)),
    )
    const box = places.find((place) => !isCrossed(place, points, index)) ?? places[0]
    if (box === undefined) continue
    taken.push(box)
    labels.push(
      text(words, {
        x: (box.left + box.right) / 2,
        y: box.bottom - 2,
        'font-size': SMALL_SIZE,
        'font-weight': always.includes(index) ? 'bold' : undefined,
        'text-anchor': 'middle',
        fill: INK,
        stroke: PAPER,
        'stroke-width': 2.5,
        'stroke-linejoin': 'round',
        'paint-order': 'stroke',
      }),
    )
  }
  return labels.join('')
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Above, below, at the right and at the left of a mark. */
function placesOf({ x, y }: PlacedValue, words: string): readonly Box[] {
  const half = widthOf(words, SMALL_SIZE) / 2 + 1
  const around = (middle: number, top: number): Box => ({
    left: middle - half,
    right: middle + half,
    top,
    bottom: top + SMALL_SIZE + 1,
  })
  const beside = y - SMALL_SIZE / 2 - 1
  return [
    around(x, y - 8 - SMALL_SIZE),
    around(x, y + 7),
    around(x + half + 7, beside),
    around(x - half - 7, beside),
  ]
}

/** Whether the line that comes to a mark, or goes on from it, runs through a place beside it. */
function isCrossed(place: Box, points: readonly PlacedValue[], index: number): boolean {
  const [before, here, after] = [points[index - 1], points[index] as PlacedValue, points[index + 1]]
  return [before, after].some((other) => other !== undefined && runsThrough(place, here, other))
}

function runsThrough({ left, right, top, bottom }: Box, a: PlacedValue, b: PlacedValue): boolean {
  const [from, to] = [Math.max(left, Math.min(a.x, b.x)), Math.min(right, Math.max(a.x, b.x))]
  if (from > to) return false
  const yAt = (x: number): number => (a.x === b.x ? a.y : a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x))
  const [first, last] = a.x === b.x ? [a.y, b.y] : [yAt(from), yAt(to)]
  return Math.max(first, last) > top + 1 && Math.min(first, last) < bottom - 1
}

function touches(a: Box, b: Box): boolean {
  return a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom && b.top < a.bottom
}

function isOn({ x, y }: PlacedValue, { left, right, top, bottom }: Box): boolean {
  return x > left - GAP && x < right + GAP && y > top - GAP && y < bottom + GAP
}
