// The Observations that a scored response makes: each score, each answer to a coded question, and the panel of them
// (http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment).
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import type { AnswerValue, Coding } from './instrument.ts'
import { identifiersOf, partOf, type Making, type WantedPart } from './made-from.ts'
import { referenceTo, type ResponseSource } from './response-source.ts'
import type { RecognisedAnswer, Score, ScoredResponse } from './scored.ts'

const SCREENING_ASSESSMENT =
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment'
const ABSENT_REASON = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation'
const SURVEY = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/observation-category',
      code: 'survey',
      display: 'Survey',
    },
  ],
}
const POINTS = { unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' }
const ABSENT_DISPLAYS = {
  'not-performed': 'Not Performed',
  unknown: 'Unknown',
  'not-applicable': 'Not Applicable',
  error: 'Error',
} as const

/** Types that R4 lets an Observation be about, and be made by. */
const SUBJECTS = ['Patient', 'Group', 'Device', 'Location']
const PERFORMERS = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'CareTeam',
  'Patient',
  'RelatedPerson',
]

/** More answers than this stay in the response alone: no instrument asks so much. */
const MOST_ANSWERS = 1000

/** The panel comes last. */
export function resultsOf(scored: ScoredResponse, source: ResponseSource): readonly WantedPart[] {
  const { answers, instrument, scores } = scored
  const shared = sharedElements(source)
  /** By linkId. */
  const members = new Map<string, readonly WantedPart[]>()
  let given = 0
  for (const { values } of answers.values()) given += values.length
  if (given <= MOST_ANSWERS)
    for (const [linkId, answer] of answers) members.set(linkId, answersOf(answer, source, shared))
  for (const score of scores) {
    const from = score.rule.over.flatMap((linkId) => members.get(linkId) ?? [])
    members.set(score.rule.linkId, [scoreOf(score, instrument.title, from, source, shared)])
  }
  const all = [...members.values()].flat()
  const panel = observation(source, '', conceptOf(instrument.codes, instrument.title), ({ idOf }) => ({
    ...shared,
    ...(all.length === 0 ? {} : { hasMember: referencesTo(all, idOf) }),
    derivedFrom: [{ reference: source.reference }],
  }))
  return [...all, panel]
}

function sharedElements({ response, authored, encounter }: ResponseSource): JsonObject {
  const subject = referenceTo(response['subject'], SUBJECTS)
  const performer = referenceTo(response['author'], PERFORMERS) ?? referenceTo(response['source'], PERFORMERS)
  const device = referenceTo(response['author'], ['Device'])
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(authored === undefined ? {} : { effectiveDateTime: authored }),
    ...(performer === undefined ? {} : { performer: [performer] }),
    ...(device === undefined || performer !== undefined ? {} : { device }),
  }
}

function observation(
  source: ResponseSource,
  what: string,
  code: JsonObject,
  rest: (making: Making) => JsonObject,
): WantedPart {
  const part = partOf('Observation', source.id, what)
  return {
    part,
    build: (making) => {
      const said = rest(making)
      return {
        resourceType: 'Observation',
        ...(fitsProfile(said) ? { meta: { profile: [SCREENING_ASSESSMENT] } } : {}),
        identifier: identifiersOf(part),
        status: 'final',
        category: [SURVEY],
        code,
        ...said,
      }
    },
  }
}

/** What the profile asks beyond what each Observation here has: whose it is, the day, and units of UCUM. */
function fitsProfile({ subject, effectiveDateTime, valueQuantity }: JsonObject): boolean {
  const system = isJsonObject(valueQuantity) ? valueQuantity['system'] : undefined
  return (
    subject !== undefined &&
    (typeof effectiveDateTime !== 'string' || effectiveDateTime.length >= 'YYYY-MM-DD'.length) &&
    (system === undefined || system === POINTS.system)
  )
}

function referencesTo(parts: readonly WantedPart[], idOf: Making['idOf']): JsonObject[] {
  return parts.map(({ part }) => ({ reference: `Observation/${idOf(part)}` }))
}

function answersOf(
  { question, values }: RecognisedAnswer,
  source: ResponseSource,
  shared: JsonObject,
): readonly WantedPart[] {
  const { linkId, codes, text } = question
  if (codes.length === 0) return []
  const code = conceptOf(codes, text ?? linkId)
  const derivedFrom = [{ reference: source.reference }]
  return values.flatMap((answer, at) => {
    const value = valueOf(answer)
    return value === undefined
      ? []
      : [observation(source, nameOf(linkId, at), code, () => ({ ...shared, ...value, derivedFrom }))]
  })
}

/** Unlike the panel's, and unlike for any two items and answers. */
function nameOf(linkId: string, answer: number): string {
  return `${answer} ${linkId}`
}

/** undefined for what an Observation cannot hold: files and references. */
function valueOf({ property, value }: AnswerValue): JsonObject | undefined {
  switch (property) {
    case 'valueCoding':
      return { valueCodeableConcept: { coding: [value] } }
    case 'valueDecimal':
      return { valueQuantity: { value } }
    case 'valueDate':
      return { valueDateTime: value }
    case 'valueUri':
      return { valueString: value }
    case 'valueBoolean':
    case 'valueDateTime':
    case 'valueInteger':
    case 'valueQuantity':
    case 'valueString':
    case 'valueTime':
      return { [property]: value }
    default:
      return undefined
  }
}

/** Nobody says a score: it is made from the answers, so that it has no performer. */
function scoreOf(
  score: Score,
  title: string,
  from: readonly WantedPart[],
  source: ResponseSource,
  { performer: _performer, device: _device, ...shared }: JsonObject,
): WantedPart {
  const { rule } = score
  const interpretation = interpretationOf(score)
  const code = conceptOf(rule.codes, rule.text ?? `${title} ${rule.linkId}`)
  return observation(source, nameOf(rule.linkId, 0), code, ({ idOf }) => ({
    ...shared,
    ...(score.value === undefined ? absenceOf(score) : pointsOf(score.value)),
    ...(interpretation === undefined ? {} : { interpretation: [interpretation] }),
    derivedFrom: [{ reference: source.reference }, ...referencesTo(from, idOf)],
  }))
}

function pointsOf(value: number | boolean | Coding): JsonObject {
  if (typeof value === 'number') return { valueQuantity: { value, ...POINTS } }
  if (typeof value === 'boolean') return { valueBoolean: value }
  return { valueCodeableConcept: { coding: [codingOf(value)] } }
}

function absenceOf({ absentReason = 'unknown', missing }: Score): JsonObject {
  const coding = [{ system: ABSENT_REASON, code: absentReason, display: ABSENT_DISPLAYS[absentReason] }]
  const text = missing.length === 0 ? {} : { text: `No answer that counts: ${missing.join(', ')}` }
  return { dataAbsentReason: { coding, ...text } }
}

function interpretationOf({ positive, band }: Score): JsonObject | undefined {
  const text = band === undefined ? {} : { text: band.text }
  if (positive === undefined) return band === undefined ? undefined : text
  const [code, display] = positive ? ['POS', 'Positive'] : ['NEG', 'Negative']
  return { coding: [{ system: INTERPRETATION, code, display }], ...text }
}

/** A CodeableConcept. */
function conceptOf(codes: readonly Coding[], text: string): JsonObject {
  return codes.length === 0 ? { text } : { coding: codes.map(codingOf), text }
}

function codingOf({ system, code, display }: Coding): JsonObject {
  const said: Record<string, JsonValue | undefined> = { system, code, display }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}
