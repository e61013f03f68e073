// Courses as tests draw them: of every instrument that ships, and diaries.
import { readdirSync, readFileSync } from 'node:fs'
import {
  readInstrument,
  type Band,
  type Category,
  type DiaryCourse,
  type Instrument,
  type InstrumentCourse,
  type Point,
  type ScoreRule,
  type Series,
} from '../../../src/behavioral/index.ts'
import { changeOf } from '../../../src/behavioral/outcomes/change.ts'
import { loadFhirPath, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { pointsOf } from './rules.ts'

const folder = new URL('../../../profiles/questionnaires/', import.meta.url)
const engine = await loadFhirPath()

export const SHIPPED: readonly Instrument[] = readdirSync(folder)
  .toSorted()
  .flatMap((file) => {
    const questionnaire = parseJson(readFileSync(new URL(file, folder))) as Resource
    const instrument = readInstrument(
      questionnaire,
      (text) => (focus, environment) => engine.evaluate(focus, text, environment),
    )
    return instrument ?? []
  })

const NOTHING_LEFT_OUT = { undated: 0, 'no-value': 0, inexact: 0, 'out-of-range': 0 } as const

export function numbers(points: readonly Point[]): Series {
  return { numbers: points, categories: [], leftOut: NOTHING_LEFT_OUT }
}

export function categories(points: readonly Point<Category>[]): Series {
  return { numbers: [], categories: points, leftOut: NOTHING_LEFT_OUT }
}

/** For everybody: bands for some only are left out. */
function bandsOf({ bands }: ScoreRule): readonly Band[] {
  return bands.filter(({ when }) => when === undefined)
}

export function courseOf(
  instrument: Instrument,
  values: readonly number[],
  nextDue: string | undefined = undefined,
  rule: ScoreRule = primaryOf(instrument),
): InstrumentCourse {
  const bands = bandsOf(rule)
  const points = pointsOf(values).map((point) => ({
    ...point,
    band: bands.find(({ low = -Infinity, high = Infinity }) => point.value >= low && point.value <= high),
  }))
  const score = { rule, bands, series: numbers(points), baseline: points[0], change: changeOf(rule, points) }
  return { instrument, scores: [score], nextDue }
}

/** Each possible result once. */
export function resultsCourse(
  instrument: Instrument,
  rule: ScoreRule = primaryOf(instrument),
): InstrumentCourse {
  const bands = bandsOf(rule)
  const points = pointsOf(rule.options.map((_, index) => index)).map((point, index): Point<Category> => {
    const coding = rule.options[index] as Category['coding'] & object
    return {
      ...point,
      value: { key: `${coding.system}|${coding.code}`, text: coding.display ?? String(coding.code), coding },
      band: bands.find(({ code }) => code === coding.code),
    }
  })
  const score = { rule, bands, series: categories(points), baseline: undefined, change: undefined }
  return { instrument, scores: [score], nextDue: undefined }
}

export function primaryOf({ scores }: Instrument): ScoreRule {
  return (scores.find(({ primary }) => primary) ?? scores[0]) as ScoreRule
}

export function diary(title: string, series: Series, unit: string | undefined = undefined): DiaryCourse {
  return { asked: 'urn:d|1', code: { text: title }, title, unit, series }
}

export function words(texts: readonly string[]): Series {
  return categories(
    pointsOf(texts.map((_, index) => index)).map((point, index) => ({
      ...point,
      value: { key: `text ${texts[index]}`, text: texts[index] as string, coding: undefined },
    })),
  )
}
