// What the marks and lines of a plot mean, beneath it.
import type { Point, ScoreCourse } from '../course.ts'
import { LINE_HEIGHT, PLOT_LEFT, SMALL_SIZE, type Drawn } from './frame.ts'
import { mark, markOf, notableChange, type Mark } from './marks.ts'
import { INK } from './palette.ts'
import { text, widthOf } from './svg.ts'
import { numberWords } from './words.ts'

export interface KeyEntry {
  /** Drawn around this place. */
  readonly sign: (x: number, y: number) => string
  readonly words: string
}

export function key(entries: readonly KeyEntry[]): Drawn {
  if (entries.length === 0) return { svg: '', height: 0 }
  let x = PLOT_LEFT + 6
  const svg = entries
    .map(({ sign, words }) => {
      const at = x
      x += widthOf(words, SMALL_SIZE) * 1.05 + 38
      return sign(at, 8) + text(words, { x: at + 12, y: 12, 'font-size': SMALL_SIZE, fill: INK })
    })
    .join('')
  return { svg, height: LINE_HEIGHT + 4 }
}

/** Of the marks that a score's course has. */
export function keyOfMarks(course: ScoreCourse): readonly KeyEntry[] {
  const notable = notableChange(course)
  const all = course.series.numbers
  const of = (kind: Mark): Point | undefined => all.find((point) => markOf(point, course, notable) === kind)
  const kindWords = notable?.kind === 'reliable' ? 'reliably' : 'clinically significantly'
  const least = notable === undefined ? '' : ` (${numberWords(notable.points)} points or more)`
  const words: readonly (readonly [Mark, string])[] = [
    ['baseline', 'baseline'],
    ['value', 'score'],
    ['better', `${kindWords} better than the baseline${least}`],
    ['worse', `${kindWords} worse than the baseline${least}`],
  ]
  return words.flatMap(([kind, told]) => {
    const point = of(kind)
    if (point === undefined) return []
    const isRise = point.value > (course.baseline?.value ?? point.value)
    return [{ sign: (x: number, y: number) => mark(kind, x, y, isRise), words: told }]
  })
}
