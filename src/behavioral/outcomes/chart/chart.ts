// A patient's courses as one picture in SVG: small multiples on one scale of time, with all of it in words too.
import { createHash } from 'node:crypto'
import type { Courses, DiaryCourse, InstrumentCourse, Series } from '../course.ts'
import { categoriesSummary, description, scoreTitle } from './description.ts'
import { diaryPlot, keyOfDiary } from './diary-panel.ts'
import { FONT, LINE_HEIGHT, MARGIN, TEXT_SIZE, WIDTH, type Drawn } from './frame.ts'
import { below, heading } from './heading.ts'
import { key, keyOfMarks, type KeyEntry } from './key.ts'
import { lanesPlot } from './lanes-panel.ts'
import { INK, PAPER } from './palette.ts'
import { scorePlot } from './score-panel.ts'
import { diarySummary, dueWords, rangeWords, scoreSummary, shownScore } from './summary.ts'
import { element, escaped, text } from '../../../svg/index.ts'
import { panelSpan, spanOf, tellsDays, timeScale, type Span, type TimeScale } from './time-axis.ts'
import { dayAt, short } from './words.ts'

const BETWEEN = 22

/** SVG in UTF-8's characters, without scripts, styles or anything from elsewhere. It names no patient. */
export function chartOf(courses: Courses): string {
  const panels = [...courses.instruments.map(instrumentPanel), ...courses.diaries.map(diaryPanel)]
  const whole = spanOf(panels.flatMap(({ times }) => (times === undefined ? [] : [times.low, times.high])))
  const parts: string[] = []
  let height = MARGIN
  for (const panel of panels) {
    const drawn = drawPanel(panel, whole)
    parts.push(below(height, drawn.svg))
    height += drawn.height + BETWEEN
  }
  if (panels.length === 0) {
    parts.push(below(height, nothing()))
    height += LINE_HEIGHT + MARGIN
  }
  const words = description(courses)
  const title = titleOf(courses, whole)
  // Several charts may stand in one page.
  const mark = createHash('sha256').update(`${title}\n${words}`).digest('hex').slice(0, 12)
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-labelledby': `course-title-${mark} course-words-${mark}`,
      lang: 'en',
      'font-family': FONT,
    },
    element('title', { id: `course-title-${mark}` }, escaped(title)),
    element('desc', { id: `course-words-${mark}` }, escaped(words)),
    element('rect', { width: WIDTH, height, fill: PAPER }),
    ...parts,
  )
}

interface Panel {
  readonly title: string
  /** What may stand beside the title, best first. */
  readonly besides: readonly string[]
  readonly summary: string
  readonly times: Span | undefined
  /** undefined where there is nothing to draw. */
  readonly plot: ((x: TimeScale) => Drawn) | undefined
  readonly key: readonly KeyEntry[]
}

function instrumentPanel(course: InstrumentCourse): Panel {
  const score = shownScore(course)
  const { title } = course.instrument
  const times = score === undefined ? undefined : timesOf(score.series)
  if (score === undefined || times === undefined)
    return {
      title,
      besides: [],
      summary: ['No score.', ...dueWords(course.nextDue)].join(' '),
      times,
      plot: undefined,
      key: [],
    }
  const isNumber = score.series.numbers.length > 0
  return {
    title,
    besides: [scoreTitle(score), rangeWords(score), ''],
    summary: isNumber
      ? scoreSummary(score, course.nextDue)
      : [categoriesSummary(score.series), ...dueWords(course.nextDue)].join(' '),
    times,
    plot: (x) => (isNumber ? scorePlot(score, x) : lanesPlot(score.series, score, x)),
    key: isNumber ? keyOfMarks(score) : [],
  }
}

function diaryPanel(diary: DiaryCourse): Panel {
  const { series, title, unit } = diary
  const isNumber = series.numbers.length > 0
  const times = timesOf(series)
  return {
    title,
    besides: [unit ?? ''],
    summary: isNumber ? diarySummary(diary) : categoriesSummary(series),
    times,
    plot:
      times === undefined
        ? undefined
        : (x) => (isNumber ? diaryPlot(diary, x) : lanesPlot(series, undefined, x)),
    key: isNumber ? keyOfDiary(diary) : [],
  }
}

function drawPanel(
  { title, besides, summary, times, plot, key: entries }: Panel,
  whole: Span | undefined,
): Drawn {
  if (plot === undefined || times === undefined || whole === undefined)
    return heading(title, besides, summary)
  const span = panelSpan(times, whole)
  const dates = spanWords(span, whole)
  const withDates = besides.map((words) => [words, ...dates].filter((one) => one !== '').join('; '))
  const head = heading(title, withDates, summary)
  const drawn = plot(timeScale(span))
  const foot = key(entries)
  return {
    svg: head.svg + below(head.height, drawn.svg) + below(head.height + drawn.height + 6, foot.svg),
    height: head.height + drawn.height + 6 + foot.height,
  }
}

/** Where the dates of the axis do not tell all: its years, or that it is another than the other panels'. */
function spanWords(span: Span, whole: Span): readonly string[] {
  const isOwn = span.low !== whole.low || span.high !== whole.high
  if (isOwn) return [`dates of its own: ${datesOf(span)}`]
  return tellsDays(span) ? [datesOf(span)] : []
}

/** `3 Jan 2024 to 5 Feb 2024` */
function datesOf({ low, high }: Span): string {
  const [first, last] = [dayAt(low), dayAt(high)]
  return first === last ? first : `${first} to ${last}`
}

function timesOf({ numbers, categories }: Series): Span | undefined {
  return spanOf([...numbers, ...categories].map(({ wall }) => wall))
}

function nothing(): string {
  return text('There is nothing to show.', { x: MARGIN, y: TEXT_SIZE, 'font-size': TEXT_SIZE, fill: INK })
}

function titleOf({ instruments, diaries }: Courses, whole: Span | undefined): string {
  const names = [
    ...instruments.map(({ instrument }) => instrument.title),
    ...diaries.map(({ title }) => title),
  ]
  if (names.length === 0) return 'Course of assessments'
  const when = whole === undefined ? '' : `, ${datesOf(whole)}`
  return `Course of ${short(names.map(short).join(', '))}${when}`
}
