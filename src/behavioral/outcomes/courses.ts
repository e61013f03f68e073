// A patient's courses, as whoever asks may see them: of the instruments that there are scores of, and of diaries.
import { FhirError, nearestName, parseJson, type Resource } from '../../fhir/index.ts'
import { bandOf } from '../assessments/bands.ts'
import type { Band, Instrument, ScoreRule } from '../assessments/instrument.ts'
import { formulasOn } from '../assessments/response-formulas.ts'
import type { Category, Courses, InstrumentCourse } from './course.ts'
import { diaryCourses } from './diary-courses.ts'
import { Allowance, found, type Found, type Sources } from './found.ts'
import { instrumentCourses } from './instrument-courses.ts'
import { ALWAYS, type Window } from './series.ts'
import { FURTHEST_ZONE } from './wall-time.ts'

export interface CourseSources extends Sources {
  /**
   * A stored Questionnaire as an instrument; undefined for one that does not score.
   * @throws FhirError `invalid` for a broken one
   */
  readonly readInstrument: (questionnaire: Found) => Promise<Instrument | undefined>
}

export interface CourseQuestion {
  readonly patientId: string
  /** Canonicals; where neither they nor codes are given, every instrument is asked for. */
  readonly instruments: readonly string[]
  /** Search tokens of the codes of diaries. */
  readonly codes: readonly string[]
  /** What lies in it is shown. */
  readonly window?: Window | undefined
  /** A day as of `wallTime`: the first score from then on is the baseline; the first that is shown when not given. */
  readonly baseline?: number | undefined
}

/**
 * @throws FhirError `not-found`, `deleted` for the patient, `invalid-search` for an instrument that is not known or is
 *   broken and for a code that is no token, `too-costly`
 */
export async function coursesOf(sources: CourseSources, question: CourseQuestion): Promise<Courses> {
  const { patientId, codes, window = ALWAYS, baseline } = question
  const { body } = await sources.repository.read('Patient', patientId)
  const patient = parseJson(body as Buffer) as Resource
  const allowance = new Allowance()
  const asksForAll = question.instruments.length === 0 && codes.length === 0
  const instruments =
    asksForAll || question.instruments.length > 0 ? await instrumentsFor(sources, question.instruments) : []
  const scored = await instrumentCourses(
    sources,
    {
      instruments,
      about: aboutOf(patientId, { low: Math.min(window.low, baseline ?? window.low), high: window.high }),
      window,
      baseline,
      bandOf: bandsFor(instruments, patient),
    },
    allowance,
  )
  const about = aboutOf(patientId, window)
  const diaries = []
  for (const code of codes) diaries.push(...(await diaryCourses(sources, code, about, window, allowance)))
  return { instruments: asksForAll ? scored : instruments.map((one) => courseOrNone(one, scored)), diaries }
}

/** Of the dates that FHIR can write. */
const EARLIEST = Date.parse('0001-01-01')
const LATEST = Date.parse('9999-12-31')

function courseOrNone(instrument: Instrument, courses: readonly InstrumentCourse[]): InstrumentCourse {
  return (
    courses.find((course) => course.instrument === instrument) ?? {
      instrument,
      scores: [],
      nextDue: undefined,
    }
  )
}

/** The patient's Observations that count; of the window, where it has bounds, with what any zone may put into it. */
function aboutOf(patientId: string, { low, high }: Window): readonly (readonly [string, string])[] {
  return [
    ['patient', `Patient/${patientId}`],
    ['status:not', 'entered-in-error,cancelled'],
    ...dateBound('ge', low - FURTHEST_ZONE),
    ...dateBound('lt', high + FURTHEST_ZONE),
  ]
}

/** None where nothing that has a date lies outside. */
function dateBound(comparator: 'ge' | 'lt', at: number): readonly (readonly [string, string])[] {
  if (at < EARLIEST || at > LATEST) return []
  return [['date', `${comparator}${new Date(at).toISOString()}`]]
}

/** A response that answers nothing: conditions of bands look at the patient and the score. */
const NO_RESPONSE: Resource = Object.freeze({ resourceType: 'QuestionnaireResponse' })

function bandsFor(
  instruments: readonly Instrument[],
  patient: Resource,
): (rule: ScoreRule, value: number | Category) => Band | undefined {
  const instrumentOf = new Map(instruments.flatMap((one) => one.scores.map((rule) => [rule, one])))
  const formulas = new Map<Instrument, ReturnType<typeof formulasOn>>()
  return (rule, value) => {
    const instrument = instrumentOf.get(rule)
    if (rule.bands.length === 0 || instrument === undefined) return undefined
    const known = formulas.get(instrument) ?? formulasOn(instrument, NO_RESPONSE, patient)
    formulas.set(instrument, known)
    const score = resultOf(rule, value)
    known.set('score', score)
    try {
      return bandOf(rule, typeof score === 'string' ? { code: score } : score, known.evaluate)
    } catch (error) {
      // Nobody knows then which band it is.
      if (error instanceof FhirError) return undefined
      throw error
    }
  }
}

/** As expressions see it. */
function resultOf({ type }: ScoreRule, value: number | Category): number | string | boolean {
  if (typeof value === 'number') return value
  return type === 'boolean' ? value.key === 'true' : (value.coding?.code ?? value.key)
}

/** Old scores may be of an instrument that is used no more. */
const SHOWN_STATUSES = 'active,retired'

/** In the order of their titles. */
async function instrumentsFor(
  sources: CourseSources,
  canonicals: readonly string[],
): Promise<readonly Instrument[]> {
  const stored = await found(sources, 'Questionnaire', [['status', SHOWN_STATUSES]], new Allowance())
  const all: Instrument[] = []
  for (const questionnaire of newestOfEach(stored)) {
    const instrument = await instrumentOf(sources, questionnaire, canonicals)
    if (instrument !== undefined) all.push(instrument)
  }
  const wanted =
    canonicals.length === 0 ? all : [...new Set(canonicals.map((canonical) => named(canonical, all)))]
  return wanted.toSorted((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.url < b.url ? -1 : 1))
}

/** A broken one is passed over, unless it is asked for. */
async function instrumentOf(
  { readInstrument }: CourseSources,
  questionnaire: Found,
  canonicals: readonly string[],
): Promise<Instrument | undefined> {
  try {
    return await readInstrument(questionnaire)
  } catch (error) {
    if (!(error instanceof FhirError) || canonicals.some((one) => urlOf(one) === questionnaire.resource.url))
      throw error
    return undefined
  }
}

function named(canonical: string, all: readonly Instrument[]): Instrument {
  const url = urlOf(canonical)
  const one =
    all.find((known) => known.url === url) ??
    all.find(({ aliases }) => aliases.includes(url) || aliases.includes(canonical))
  if (one !== undefined) return one
  const near = nearestName(
    url,
    all.map((known) => known.url),
  )
  throw new FhirError('invalid-search', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: `Parameter 'instrument': there is no Questionnaire of that canonical which scores.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      expression: 'http.instrument',
    },
  ])
}

/** Of those of one url: an active one before a retired one, then the highest version. */
function newestOfEach(questionnaires: readonly Found[]): readonly Found[] {
  const best = new Map<string, Found>()
  for (const one of questionnaires) {
    const { url } = one.resource
    if (typeof url !== 'string') continue
    const known = best.get(url)
    if (known === undefined || isNewer(one.resource, known.resource)) best.set(url, one)
  }
  return [...best.values()]
}

function isNewer(a: Resource, b: Resource): boolean {
  if (a.status !== b.status) return a.status === 'active'
  const order = String(a.version ?? '').localeCompare(String(b.version ?? ''), 'en', { numeric: true })
  return order > 0 || (order === 0 && String(a.id) < String(b.id))
}

function urlOf(canonical: string): string {
  return canonical.split('|', 1)[0] as string
}
