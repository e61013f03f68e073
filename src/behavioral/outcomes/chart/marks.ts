// The marks of a line: what each is of, told by its form and not by its colour.
import { symbol, symbolCircle, symbolDiamond2, symbolTriangle, type SymbolType } from 'd3-shape'
import type { ChangeKind } from '../../assessments/instrument.ts'
import type { Point, ScoreCourse } from '../course.ts'
import { LINE, PAPER } from './palette.ts'
import { element } from '../../../svg/index.ts'

export type Mark = 'value' | 'baseline' | 'better' | 'worse'

/** Filled where it is better, hollow where it is worse; a triangle points where the score has gone. */
export function mark(kind: Mark, x: number, y: number, isRise: boolean): string {
  const shapes: Readonly<Record<Mark, readonly [SymbolType, number]>> = {
    value: [symbolCircle, 34],
    baseline: [symbolDiamond2, 74],
    better: [symbolTriangle, 62],
    worse: [symbolTriangle, 62],
  }
  const [shape, size] = shapes[kind]
  const turn = (kind === 'better' || kind === 'worse') && !isRise ? ' rotate(180)' : ''
  return element('path', {
    d: symbol(shape, size)() ?? '',
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})${turn}`,
    fill: kind === 'worse' ? PAPER : LINE,
    stroke: kind === 'worse' ? LINE : PAPER,
    'stroke-width': kind === 'worse' ? 1.8 : 1,
    'data-mark': kind,
  })
}

export interface NotableChange {
  readonly kind: Extract<ChangeKind, 'reliable' | 'clinically-significant'>
  readonly points: number
}

/** The change from which on values are marked: the reliable one, else the clinically significant one. */
export function notableChange({ rule }: ScoreCourse): NotableChange | undefined {
  for (const kind of ['reliable', 'clinically-significant'] as const) {
    const points = rule.changes.find((one) => one.kind === kind && one.points !== undefined)?.points
    if (points !== undefined) return { kind, points }
  }
  return undefined
}

export function markOf(
  point: Point,
  { rule, baseline }: ScoreCourse,
  notable: NotableChange | undefined,
): Mark {
  if (point === baseline || baseline === undefined) return point === baseline ? 'baseline' : 'value'
  if (notable === undefined || rule.direction === undefined || point.at < baseline.at) return 'value'
  const rise = point.value - baseline.value
  if (Math.abs(rise) < notable.points) return 'value'
  return rise > 0 === (rule.direction === 'higher-is-better') ? 'better' : 'worse'
}
