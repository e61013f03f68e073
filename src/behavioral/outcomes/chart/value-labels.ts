// Which values are written beside their marks, and where: all where there is room, else those that say most.
import { SMALL_SIZE } from './frame.ts'
import { INK, PAPER } from './palette.ts'
import { text, widthOf } from './svg.ts'
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
    const box = [above(point, words), under(point, words)].find(
      (place) =>
        place.top >= 0 &&
        place.bottom <= height &&
        taken.every((other) => !touches(place, other)) &&
        points.every((other, at) => at === index || !isOn(other, place)),
    )
    if (box === undefined) continue
    taken.push(box)
    labels.push(
      text(words, {
        x: point.x,
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

function above({ x, y }: PlacedValue, words: string): Box {
  return boxAt(x, y - 8 - SMALL_SIZE, words)
}

function under({ x, y }: PlacedValue, words: string): Box {
  return boxAt(x, y + 7, words)
}

function boxAt(x: number, top: number, words: string): Box {
  const half = widthOf(words, SMALL_SIZE) / 2 + 1
  return { left: x - half, right: x + half, top, bottom: top + SMALL_SIZE + 1 }
}

function touches(a: Box, b: Box): boolean {
  return a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom && b.top < a.bottom
}

function isOn({ x, y }: PlacedValue, { left, right, top, bottom }: Box): boolean {
  return x > left - GAP && x < right + GAP && y > top - GAP && y < bottom + GAP
}
