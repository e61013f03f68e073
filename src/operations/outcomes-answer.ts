// Courses as the Parameters that $outcomes answers.
import {
  LEFT_OUT_REASONS,
  thinned,
  type Category,
  type Change,
  type ChangeFinding,
  type ChangeRule,
  type Courses,
  type DiaryCourse,
  type Instrument,
  type InstrumentCourse,
  type Point,
  type ScoreCourse,
  type Series,
} from '../behavioral/index.ts'
import type { Resource } from '../fhir/index.ts'
import { count, group, parameters, text, type Parameter } from './answer-parameters.ts'

/** A series with more is told by fewer, which draw the same line. */
export const MOST_POINTS = 1000

export function outcomesParameters(patientId: string, { instruments, diaries }: Courses): Resource {
  return parameters([
    reference('subject', `Patient/${patientId}`),
    ...instruments.map(instrumentGroup),
    ...diaries.map(diaryGroup),
  ])
}

function instrumentGroup({ instrument, scores, nextDue }: InstrumentCourse): Parameter {
  const { url, version, title, frequency } = instrument
  return group('instrument', [
    ...text('questionnaire', 'Canonical', version === undefined ? url : `${url}|${version}`),
    ...text('title', 'String', title),
    ...scores.map(scoreGroup),
    ...(frequency === undefined ? [] : [frequencyGroup(frequency)]),
    ...(nextDue === undefined ? [] : [{ name: 'nextDue', valueDate: nextDue }]),
  ])
}

const UNITS = { d: 'day', wk: 'week', mo: 'month', a: 'year' } as const

function frequencyGroup({ every, unit, basis }: NonNullable<Instrument['frequency']>): Parameter {
  const span = { value: every, unit: UNITS[unit], system: 'http://unitsofmeasure.org', code: unit }
  return group('frequency', [{ name: 'every', valueDuration: span }, ...text('basis', 'Code', basis)])
}

function scoreGroup({ rule, series, baseline, change }: ScoreCourse): Parameter {
  return group('score', [
    ...text('linkId', 'String', rule.linkId),
    ...rule.codes.map((code): Parameter => ({ name: 'code', valueCoding: code })),
    ...text('text', 'String', rule.text),
    { name: 'primary', valueBoolean: rule.primary },
    ...text('direction', 'Code', rule.direction),
    ...number('lowest', rule.lowest),
    ...number('highest', rule.highest),
    ...seriesParts(series),
    ...(baseline === undefined ? [] : [pointGroup('baseline', baseline)]),
    ...lastOf(series),
    ...(change === undefined ? [] : [changeGroup(change)]),
  ])
}

function diaryGroup({ asked, code, title, unit, series }: DiaryCourse): Parameter {
  const values = series.numbers.map(({ value }) => value)
  return group('diary', [
    ...text('asked', 'String', asked),
    { name: 'code', valueCodeableConcept: code },
    ...text('title', 'String', title),
    ...text('unit', 'String', unit),
    ...seriesParts(series),
    ...(values.length === 0
      ? []
      : [
          ...number('mean', rounded(values.reduce((sum, value) => sum + value, 0) / values.length, 4)),
          ...number(
            'lowest',
            values.reduce((a, b) => Math.min(a, b)),
          ),
          ...number(
            'highest',
            values.reduce((a, b) => Math.max(a, b)),
          ),
        ]),
    ...lastOf(series),
  ])
}

/** How many there are, the points themselves or as many as tell the course, and what could not be shown. */
function seriesParts({ numbers, categories, leftOut }: Series): readonly Parameter[] {
  const shownNumbers = thinned(numbers, MOST_POINTS)
  const shownCategories = categories.slice(-MOST_POINTS)
  const all = numbers.length + categories.length
  const shown = shownNumbers.length + shownCategories.length
  return [
    count('count', all),
    { name: 'thinned', valueBoolean: shown < all },
    ...shownNumbers.map((point) => pointGroup('point', point)),
    ...shownCategories.map((point) => pointGroup('point', point)),
    ...LEFT_OUT_REASONS.filter((reason) => leftOut[reason] > 0).map((reason) =>
      group('leftOut', [...text('reason', 'Code', reason), count('count', leftOut[reason])]),
    ),
  ]
}

function lastOf({ numbers, categories }: Series): readonly Parameter[] {
  const ends: (Point | Point<Category> | undefined)[] = [numbers.at(-1), categories.at(-1)]
  const last = ends.reduce((a, b) => (a === undefined || (b !== undefined && b.at > a.at) ? b : a), undefined)
  return last === undefined ? [] : [pointGroup('last', last)]
}

function pointGroup(
  name: string,
  { date, value, band, reference: observation }: Point | Point<Category>,
): Parameter {
  return group(name, [
    { name: 'date', valueDateTime: date },
    ...(typeof value === 'number' ? number('value', value) : [categoryOf(value)]),
    ...text('band', 'String', band?.text),
    ...text('severity', 'Code', band?.severity),
    reference('observation', observation),
  ])
}

function categoryOf({ text: words, coding }: Category): Parameter {
  return coding === undefined ? { name: 'value', valueString: words } : { name: 'value', valueCoding: coding }
}

function changeGroup({ points, percent, direction, findings }: Change): Parameter {
  return group('change', [
    ...number('points', points),
    ...number('percent', percent === undefined ? undefined : rounded(percent, 1)),
    ...text('direction', 'Code', direction),
    ...findings.map(findingGroup),
  ])
}

const MEASURES = ['points', 'percent', 'below', 'atMost', 'atLeast'] as const satisfies (keyof ChangeRule)[]

function findingGroup({ rule, holds, first, direction }: ChangeFinding): Parameter {
  return group('finding', [
    ...text('kind', 'Code', rule.kind),
    ...(holds === undefined ? [] : [{ name: 'holds', valueBoolean: holds }]),
    ...text('direction', 'Code', direction),
    ...(first === undefined ? [] : [pointGroup('first', first)]),
    ...MEASURES.flatMap((name) => number(name, rule[name])),
    ...text('basis', 'Code', rule.basis),
    ...text('reference', 'String', rule.reference),
  ])
}

function number(name: string, value: number | undefined): readonly Parameter[] {
  return value === undefined ? [] : [{ name, valueDecimal: value }]
}

function reference(name: string, to: string): Parameter {
  return { name, valueReference: { reference: to } }
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places))
}
