// Lines that a score is to come to: response, remission and the like, by the instrument's own rules of change.
import type { Band, ChangeKind, ChangeRule } from '../../assessments/instrument.ts'
import type { ScoreCourse } from '../course.ts'
import { numberWords } from './words.ts'

export interface Threshold {
  /** Where the line stands, in the score's unit: between two scores where it divides them. */
  readonly value: number
  /** `remission < 5` */
  readonly words: string
  readonly dashes: string
}

const SHOWN: Readonly<Partial<Record<ChangeKind, { readonly name: string; readonly dashes: string }>>> = {
  response: { name: 'response', dashes: '9 4' },
  remission: { name: 'remission', dashes: '2 3' },
  'clinically-significant': { name: 'significant', dashes: '9 3 2 3' },
}

export function thresholdsOf({ rule, bands, baseline }: ScoreCourse): readonly Threshold[] {
  return rule.changes.flatMap((change) => {
    const shown = SHOWN[change.kind]
    const line = shown === undefined ? undefined : lineOf(change, rule.direction, baseline?.value, bands)
    if (shown === undefined || line === undefined) return []
    const { value, sign, least } = line
    return [{ value, words: `${shown.name} ${sign} ${numberWords(least)}`, dashes: shown.dashes }]
  })
}

interface Line {
  readonly value: number
  readonly sign: '<' | '≤' | '≥'
  readonly least: number
}

function lineOf(
  { percent, below, atMost, atLeast }: ChangeRule,
  direction: ScoreCourse['rule']['direction'],
  baseline: number | undefined,
  bands: readonly Band[],
): Line | undefined {
  if (below !== undefined) return { value: edgeBelow(below, bands), sign: '<', least: below }
  if (atMost !== undefined) return { value: edgeAbove(atMost, bands), sign: '≤', least: atMost }
  if (atLeast !== undefined) return { value: edgeBelow(atLeast, bands), sign: '≥', least: atLeast }
  if (percent === undefined || direction === undefined || baseline === undefined || baseline <= 0)
    return undefined
  const isDown = direction === 'lower-is-better'
  const least = baseline * (1 + ((isDown ? -1 : 1) * percent) / 100)
  return { value: least, sign: isDown ? '≤' : '≥', least }
}

/** Between a score and the next lower one, where a band ends with that. */
export function edgeBelow(score: number, bands: readonly Band[]): number {
  const high = bands.find(
    (band) => band.high !== undefined && band.high < score && band.high >= score - 1,
  )?.high
  return high === undefined ? score : (high + score) / 2
}

function edgeAbove(score: number, bands: readonly Band[]): number {
  const low = bands.find((band) => band.low !== undefined && band.low > score && band.low <= score + 1)?.low
  return low === undefined ? score : (low + score) / 2
}
