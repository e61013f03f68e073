// The assessments that ship, read as the server reads them, and responses to them.
import { readdirSync, readFileSync } from 'node:fs'
import {
  type Evaluators,
  type Instrument,
  readInstrument,
  type ScoredResponse,
  scoreResponse,
} from '../../../src/behavioral/index.ts'
import { type JsonObject, parseJson, prepareFhirPath, type Resource } from '../../../src/fhir/index.ts'
import type { ExpectedScore } from './naive.ts'
import { type Answers, questionsOf, type Sex } from './questions.ts'

export const OWN_CODES = 'https://alcove.health/fhir/CodeSystem/assessments'
export const LOINC = 'http://loinc.org'

const profiles = new URL('../../../profiles/', import.meta.url)

/** Every resource of a folder of profiles/. */
export function shippedIn(folder: string): readonly Resource[] {
  const files = readdirSync(new URL(`${folder}/`, profiles)).toSorted()
  return files.map((file) => parseJson(readFileSync(new URL(`${folder}/${file}`, profiles))) as Resource)
}

export const questionnaires: readonly Resource[] = shippedIn('questionnaires')

/** Without the full engine: what ships needs nothing that is beyond the compiled subset. */
export const evaluators: Evaluators = (expression) => prepareFhirPath(expression)

export function instrumentOf(questionnaire: Resource, by: Evaluators = evaluators): Instrument {
  const instrument = readInstrument(questionnaire, by)
  if (instrument === undefined) throw new Error(`${String(questionnaire['id'])} scores nothing`)
  return instrument
}

const instruments = new Map(questionnaires.map((it) => [String(it['id']), instrumentOf(it)]))

/** The instrument of this id. */
export function shipped(id: string): Instrument {
  const instrument = instruments.get(id)
  if (instrument === undefined) throw new Error(`${id} does not ship`)
  return instrument
}

export function response(questionnaire: string, item: readonly JsonObject[]): Resource {
  return {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire,
    item: item as JsonObject[],
  }
}

/** An item with one answer; `property` is `valueCoding`, `valueInteger`, ... */
export function item(linkId: string, property: string, value: JsonObject | string | number): JsonObject {
  return { linkId, answer: [{ [property]: value }] }
}

/** A coding of LOINC where it is one of its answers, else of ours. */
export function coding(code: string): JsonObject {
  return { system: code.startsWith('LA') ? LOINC : OWN_CODES, code }
}

/** A response with these answers, and no more. */
export function answered(id: string, answers: Answers): Resource {
  const items = questionsOf(id).flatMap(({ name, linkId }): JsonObject[] => {
    const answer = answers[name]
    if (answer === undefined) return []
    return [
      typeof answer === 'number'
        ? item(linkId, 'valueInteger', answer)
        : item(linkId, 'valueCoding', coding(answer)),
    ]
  })
  return response(shipped(id).url, items)
}

export function scored(id: string, answers: Answers, sex?: Sex): ScoredResponse {
  return scoreResponse(shipped(id), answered(id, answers), { patient: patientOf(sex) })
}

export function patientOf(sex: Sex): Resource | undefined {
  return sex && { resourceType: 'Patient', gender: sex }
}

/** What was found, as the naive rules say it: names of questions and scores, codes of codings. */
export function found(
  id: string,
  result: ScoredResponse,
): {
  readonly scores: Readonly<Record<string, ExpectedScore>>
  readonly alerts: readonly string[]
} {
  const names = new Map(questionsOf(id).map(({ linkId, name }) => [linkId, name]))
  const scores = result.scores.map(({ rule, value, missing, band, positive }) => {
    const shown = typeof value === 'object' ? value.code : value
    return [
      rule.linkId,
      { value: shown, missing: missing.map((it) => names.get(it) ?? it), positive, band: band?.text },
    ] as const
  })
  return { scores: Object.fromEntries(scores), alerts: result.alerts.map((it) => it.id) }
}
