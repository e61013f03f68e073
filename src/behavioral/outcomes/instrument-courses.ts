// The courses of a patient's instruments: their scores, whoever computed them, and what has become of them.
import type { Resource } from '../../fhir/index.ts'
import type { Band, Instrument, ScoreRule } from '../assessments/instrument.ts'
import { changeOf } from './change.ts'
import { codingKey, codingsOf } from './coded.ts'
import type { Category, InstrumentCourse, Point, ScoreCourse } from './course.ts'
import { dueAfter } from './due.ts'
import { found, tokenOf, type Allowance, type Found, type Sources } from './found.ts'
import { isEmpty, responsesOf, seriesOf, type Window } from './series.ts'

/** The band of a result, for this patient. */
export type BandOf = (rule: ScoreRule, value: number | Category) => Band | undefined

export interface InstrumentQuestion {
  /** Among which the scores are looked for; of two that share a score's code, the first has what nobody says more of. */
  readonly instruments: readonly Instrument[]
  /** Search parameters that say whose, of which state and of which time. */
  readonly about: readonly (readonly [string, string])[]
  readonly window: Window
  /** A day as of `wallTime`: the first score from then on is the baseline; the first of all when not given. */
  readonly baseline: number | undefined
  readonly bandOf: BandOf
}

/** Of those instruments that there is a score of. */
export async function instrumentCourses(
  sources: Sources,
  question: InstrumentQuestion,
  allowance: Allowance,
): Promise<readonly InstrumentCourse[]> {
  const { instruments, about } = question
  const owners = ownersOf(instruments)
  if (owners.size === 0) return []
  const tokens = [...owners.values()].map(([first]) => tokenOf((first as Owner).coding))
  const observations = await found(sources, 'Observation', [...about, ['code', tokens.join(',')]], allowance)
  const asked = await canonicalsAsked(sources, observations, owners, allowance)
  const byRule = new Map<ScoreRule, Found[]>()
  for (const observation of observations) {
    const owner = ownerOf(observation, owners, asked)
    if (owner === undefined) continue
    const of = byRule.get(owner.rule) ?? []
    byRule.set(owner.rule, of)
    of.push(observation)
  }
  return instruments
    .map((instrument) => courseOf(instrument, byRule, question))
    .filter(({ scores }) => scores.length > 0)
}

interface Owner {
  readonly instrument: Instrument
  readonly rule: ScoreRule
  readonly coding: { readonly system?: string; readonly code?: string }
}

type Owners = ReadonlyMap<string, readonly Owner[]>

/** By coding, whose score it is: first those whose primary one it is. */
function ownersOf(instruments: readonly Instrument[]): Owners {
  const owners = new Map<string, Owner[]>()
  for (const wantsPrimary of [true, false])
    for (const instrument of instruments)
      for (const rule of instrument.scores)
        for (const coding of rule.primary === wantsPrimary ? rule.codes : []) {
          const key = codingKey(coding)
          const known = owners.get(key) ?? []
          owners.set(key, known)
          known.push({ instrument, rule, coding })
        }
  return owners
}

function ownersOfObservation({ resource }: Found, owners: Owners): readonly Owner[] {
  return codingsOf(resource.code).flatMap((coding) => owners.get(codingKey(coding)) ?? [])
}

/** Where several have the code, the one whose Questionnaire was answered, if anything says so. */
function ownerOf(observation: Found, owners: Owners, asked: ReadonlyMap<string, string>): Owner | undefined {
  const possible = ownersOfObservation(observation, owners)
  if (possible.length < 2) return possible[0]
  const answered = responsesOf(observation.resource).map((response) => asked.get(response))
  return (
    possible.find(({ instrument: { url, aliases } }) =>
      answered.some(
        (canonical) => canonical !== undefined && (canonical === url || aliases.includes(canonical)),
      ),
    ) ?? possible[0]
  )
}

const RESPONSES_A_SEARCH = 200

/** By response, the canonical that it answers, without a version; of those responses alone that decide something. */
async function canonicalsAsked(
  sources: Sources,
  observations: readonly Found[],
  owners: Owners,
  allowance: Allowance,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(
    observations
      .filter((observation) => ownersOfObservation(observation, owners).length > 1)
      .flatMap(({ resource }) => responsesOf(resource))
      .map((reference) => reference.slice('QuestionnaireResponse/'.length)),
  )
  const asked = new Map<string, string>()
  const all = [...ids]
  for (let at = 0; at < all.length; at += RESPONSES_A_SEARCH) {
    const some = all.slice(at, at + RESPONSES_A_SEARCH).join(',')
    for (const { id, resource } of await found(sources, 'QuestionnaireResponse', [['_id', some]], allowance))
      if (typeof resource.questionnaire === 'string')
        asked.set(`QuestionnaireResponse/${id}`, resource.questionnaire.split('|', 1)[0] as string)
  }
  return asked
}

function courseOf(
  instrument: Instrument,
  byRule: ReadonlyMap<ScoreRule, readonly Found[]>,
  question: InstrumentQuestion,
): InstrumentCourse {
  const scores = instrument.scores
    .map((rule) => scoreCourse(rule, byRule.get(rule) ?? [], question))
    .filter(({ series, baseline }) => !isEmpty(series) || baseline !== undefined)
    .toSorted((a, b) => Number(b.rule.primary) - Number(a.rule.primary))
  const last = scores
    .flatMap(({ series }) => [series.numbers.at(-1), series.categories.at(-1)])
    .filter((point) => point !== undefined)
    .reduce<Pick<Point, 'at' | 'date'> | undefined>(
      (a, b) => (a !== undefined && a.at >= b.at ? a : b),
      undefined,
    )
  const { frequency } = instrument
  return {
    instrument,
    scores,
    nextDue: last === undefined || frequency === undefined ? undefined : dueAfter(last.date, frequency),
  }
}

function scoreCourse(
  rule: ScoreRule,
  observations: readonly Found[],
  { window, baseline: from, bandOf }: InstrumentQuestion,
): ScoreCourse {
  const entries = observations.map((observation) => ({
    observation,
    holder: observation.resource as Resource,
  }))
  const { lowest, highest } = rule
  const results = new Set(rule.options.flatMap(({ code }) => code ?? []))
  const isNumber = rule.type === 'decimal' || rule.type === 'integer'
  const kind = isNumber ? ('number' as const) : ('category' as const)
  const rules = { kind, results, lowest, highest, bandOf: (value: number | Category) => bandOf(rule, value) }
  const series = seriesOf(entries, { ...rules, window })
  const known =
    from === undefined || from >= window.low
      ? series
      : seriesOf(entries, { ...rules, window: { low: from, high: window.high } })
  const since = known.numbers.filter(({ wall }) => from === undefined || wall >= from)
  return { rule, bands: bandsFor(rule, bandOf), series, baseline: since[0], change: changeOf(rule, since) }
}

/** Those that are the band of what lies in them: one that is for others only never is. */
function bandsFor(rule: ScoreRule, bandOf: BandOf): readonly Band[] {
  return rule.bands.filter((band) => {
    const { low, high, code } = band
    const inside = code === undefined ? (low ?? high) : { key: code, text: '', coding: { code } }
    return inside === undefined || bandOf(rule, inside) === band
  })
}
