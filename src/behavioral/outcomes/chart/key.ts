// What the marks and lines of a plot mean, beneath it.
import type { Point, ScoreCourse } from '../course.ts'
import { LINE_HEIGHT, MARGIN, PLOT_LEFT, SMALL_SIZE, WIDTH, type Drawn } from './frame.ts'
import { mark, markOf, notableChange, type Mark } from './marks.ts'
import { INK } from './palette.ts'
import { text, widthOf } from '../../../svg/index.ts'
import { numberWords } from './words.ts'

const LEFT = PLOT_LEFT + 6
/** For the sign, and between one entry and the next. */
const BETWEEN = 38

export interface KeyEntry {
  /** Drawn around this place. */
  readonly sign: (x: number, y: number) => string
  readonly words: string
}

/** In as many rows as they need. */
export function key(entries: readonly KeyEntry[]): Drawn {
  if (entries.length === 0) return { svg: '', height: 0 }
  let [x, row] = [LEFT, 0]
  const svg = entries
    .map(({ sign, words }) => {
      const width = widthOf(words, SMALL_SIZE) + BETWEEN
      if (x > LEFT && x + width - BETWEEN > WIDTH - MARGIN) [x, row] = [LEFT, row + 1]
      const [at, top] = [x, row * LINE_HEIGHT]
      x += width
      return sign(at, top + 8) + text(words, { x: at + 12, y: top + 12, 'font-size': SMALL_SIZE, fill: INK })
    })
    .join('')
  return { svg, height: (row + 1) * LINE_HEIGHT + 4 }
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
