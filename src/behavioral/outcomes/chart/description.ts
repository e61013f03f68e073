// The chart in words, for who cannot see it: what each panel comes to, and its values as a table of text.
import type { Courses, DiaryCourse, InstrumentCourse, Point, ScoreCourse, Series } from '../course.ts'
import { diarySummary, dueWords, rangeWords, scoreSummary, shownScore } from './summary.ts'
import { dayWords, monthWords, numberWords, short } from './words.ts'
import { boundsWords } from './zones.ts'

/** More values than this are told month by month. */
const MOST_ROWS = 60

/** A line for each row. */
export function description({ instruments, diaries }: Courses): string {
  const panels = [...instruments.map(instrumentLines), ...diaries.map(diaryLines)]
  return panels.length === 0
    ? 'There is nothing to show.'
    : panels.map((lines) => lines.join('\n')).join('\n\n')
}

function instrumentLines(course: InstrumentCourse): readonly string[] {
  const title = short(course.instrument.title)
  const score = shownScore(course)
  if (score === undefined) return [`${title}: no score.`]
  return [`${title}, ${scoreTitle(score)}.`, ...scoreLines(score, course.nextDue), ...rowsOf(score.series)]
}

export function scoreTitle(score: ScoreCourse): string {
  const range = rangeWords(score)
  return `${short(score.rule.text ?? score.rule.linkId)}${range === '' ? '' : ` (${range})`}`
}

function scoreLines(score: ScoreCourse, nextDue: string | undefined): readonly string[] {
  const bands = score.bands.map((band) =>
    band.code === undefined ? `${short(band.text)} ${boundsWords(band)}` : short(band.text),
  )
  return [
    ...(bands.length === 0 ? [] : [`Bands: ${bands.join('; ')}.`]),
    score.series.numbers.length === 0 && score.series.categories.length > 0
      ? [categoriesSummary(score.series), ...dueWords(nextDue)].join(' ')
      : scoreSummary(score, nextDue),
  ]
}

function diaryLines(diary: DiaryCourse): readonly string[] {
  const { series, title } = diary
  return [
    `${title}.`,
    series.numbers.length > 0 ? diarySummary(diary) : categoriesSummary(series),
    ...rowsOf(series),
  ]
}

export function categoriesSummary({ categories }: Series): string {
  const last = categories.at(-1)
  if (last === undefined) return 'No entry.'
  const count = categories.length === 1 ? '1 entry' : `${categories.length} entries`
  return `${count}, last ${short(last.value.text)} on ${dayWords(last.date)}.`
}

function rowsOf({ numbers, categories }: Series): readonly string[] {
  if (numbers.length + categories.length > MOST_ROWS) return [...monthsOf(numbers), ...countsOf(categories)]
  return [
    ...numbers.map(({ date, value, band }) => row(date, numberWords(value), band?.text)),
    ...categories.map(({ date, value, band }) => row(date, short(value.text), band?.text)),
  ]
}

function row(date: string, value: string, band: string | undefined): string {
  return `${date.slice(0, 16).replace('T', ' ')}: ${value}${band === undefined || band === value ? '' : `, ${short(band)}`}`
}

function monthsOf(points: readonly Point[]): readonly string[] {
  return [...Map.groupBy(points, ({ wall }) => monthWords(wall))].map(([month, ofMonth]) => {
    const values = ofMonth.map(({ value }) => value)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return `${month}: ${values.length} values, mean ${numberWords(mean)}, lowest ${numberWords(Math.min(...values))}, highest ${numberWords(Math.max(...values))}`
  })
}

function countsOf(points: Series['categories']): readonly string[] {
  const counts = [...Map.groupBy(points, ({ value }) => value.text)]
    .map(([words, { length }]) => ({ words, length }))
    .toSorted((a, b) => b.length - a.length)
  const rest = counts.slice(MOST_ROWS).reduce((sum, { length }) => sum + length, 0)
  return [
    ...counts.slice(0, MOST_ROWS).map(({ words, length }) => `${short(words)}: ${length} times`),
    ...(rest === 0 ? [] : [`Others: ${rest} times`]),
  ]
}
