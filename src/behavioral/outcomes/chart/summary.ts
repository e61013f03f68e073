// What a course comes to, in a sentence or two: beside the line, and for who cannot see it.
import type { Change, ChangeFinding, DiaryCourse, InstrumentCourse, Point, ScoreCourse } from '../course.ts'
import type { ChangeKind } from '../../assessments/instrument.ts'
import { dayWords, numberWords, short, signedWords } from './words.ts'

/** Of a score in numbers: baseline, last, change, and what the instrument's rules say of it. */
export function scoreSummary(course: ScoreCourse, nextDue: string | undefined): string {
  const { change, series } = course
  const only = series.numbers.at(-1) ?? course.baseline
  const told =
    change === undefined
      ? [only === undefined ? 'No score.' : `${valueWords(only)}.`]
      : [changeWords(change), ...findingWords(change.findings)]
  return [...told, ...dueWords(nextDue)].join(' ')
}

export function dueWords(nextDue: string | undefined): readonly string[] {
  return nextDue === undefined ? [] : [`Next due ${dayWords(nextDue)}.`]
}

function changeWords({ baseline, last, points, percent }: Change): string {
  const share = percent === undefined ? '' : ` (${signedWords(Math.round(percent))}%)`
  return `Baseline ${valueWords(baseline)}, last ${valueWords(last)}: ${points === 0 ? 'no change' : `${signedWords(points)}${share}`}.`
}

/** `18, moderately severe, on 3 Jan 2024` */
function valueWords({ value, band, date }: Point): string {
  return `${numberWords(value)}${band === undefined ? '' : `, ${short(inSentence(band.text))},`} on ${dayWords(date)}`
}

const NAMES: Readonly<Record<ChangeKind, string>> = {
  reliable: 'Reliable change',
  'clinically-significant': 'Clinically significant change',
  response: 'Response',
  'partial-response': 'Partial response',
  remission: 'Remission',
  deterioration: 'Deterioration',
}
/** Worth a word also where they do not hold. */
const ALWAYS_TOLD: ReadonlySet<string> = new Set(['response', 'remission'])

/** What holds, and that there is no response or remission; each kind once, though several rules may be of it. */
export function findingWords(findings: readonly ChangeFinding[]): readonly string[] {
  return [...Map.groupBy(findings, ({ rule }) => rule.kind)].flatMap(([kind, ofKind]) => {
    const holding = ofKind.find(({ holds }) => holds === true)
    if (holding !== undefined) {
      const way =
        holding.direction !== undefined && (kind === 'reliable' || kind === 'clinically-significant')
          ? ` (${holding.direction})`
          : ''
      return [`${NAMES[kind]}${way}${sinceWords(kind, ofKind)}.`]
    }
    if (!ALWAYS_TOLD.has(kind) || ofKind.every(({ holds }) => holds === undefined)) return []
    const first = ofKind.find((one) => one.first !== undefined)?.first
    const before = first === undefined ? '' : ` now; there was on ${dayWords(first.date)}`
    return [`No ${NAMES[kind].toLowerCase()}${before}.`]
  })
}

function sinceWords(kind: ChangeKind, findings: readonly ChangeFinding[]): string {
  const first = findings.find((one) => one.first !== undefined)?.first
  return kind === 'remission' && first !== undefined ? `, first on ${dayWords(first.date)}` : ''
}

/** Of a diary in numbers. */
export function diarySummary({ series: { numbers }, unit }: DiaryCourse): string {
  const values = numbers.map(({ value }) => value)
  const last = numbers.at(-1)
  if (last === undefined) return 'No entry.'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const lowest = values.reduce((a, b) => Math.min(a, b))
  const highest = values.reduce((a, b) => Math.max(a, b))
  const of = unit === undefined ? '' : ` ${short(unit)}`
  return `${numbers.length === 1 ? '1 entry' : `${numbers.length} entries`}: mean ${numberWords(mean)}${of}, lowest ${numberWords(lowest)}, highest ${numberWords(highest)}, last ${numberWords(last.value)} on ${dayWords(last.date)}.`
}

/** `0–27, lower is better` */
export function rangeWords({ rule: { lowest, highest, direction } }: ScoreCourse): string {
  const bounds =
    lowest === undefined || highest === undefined ? [] : [`${numberWords(lowest)}–${numberWords(highest)}`]
  return [...bounds, ...(direction === undefined ? [] : [direction.replaceAll('-', ' ')])].join(', ')
}

/** The score by which an instrument's course is shown: the first that has values, the primary one before others. */
export function shownScore({ scores }: InstrumentCourse): ScoreCourse | undefined {
  return scores.find(({ series }) => series.numbers.length + series.categories.length > 0) ?? scores[0]
}

function inSentence(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words
}
