// Responses to instruments that ship, and whom they are about.
import type { JsonObject } from '../../../src/fhir/index.ts'

const LOINC = 'http://loinc.org'
const PHQ_9 = 'https://alcove.health/fhir/Questionnaire/phq-9'
const AUDIT_C = 'https://alcove.health/fhir/Questionnaire/audit-c'

const PHQ_9_ITEMS = [
  '44250-9',
  '44255-8',
  '44259-0',
  '44254-1',
  '44251-7',
  '44258-2',
  '44252-5',
  '44253-3',
  '44260-8',
]
const FREQUENCIES = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9']
const AUDIT_C_ANSWERS = [
  ['68518-0', ['LA6270-8', 'LA18926-8', 'LA18927-6', 'LA18928-4', 'LA18929-2']],
  ['68519-8', ['LA15694-5', 'LA15695-2', 'LA18930-0', 'LA18931-8', 'LA18932-6']],
  ['68520-6', ['LA6270-8', 'LA18933-4', 'LA18876-5', 'LA18891-4', 'LA18934-2']],
] as const

export const TOTAL = '44261-6'
export const DANGER = 'PHQ-9 item 9: thoughts of death or self-harm'

export const patient = (id = 'p', more: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  id,
  ...more,
})

export const careTeam = (id: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'CareTeam',
  id,
  status: 'active',
  subject: { reference: 'Patient/p' },
  ...more,
})

/** @param scores of the nine items; undefined where there is no answer */
export function phq9(scores: readonly (number | undefined)[], more: JsonObject = {}): JsonObject {
  return response(
    PHQ_9,
    PHQ_9_ITEMS.map((item, at) => [item, scores[at] === undefined ? undefined : FREQUENCIES[scores[at]]]),
    more,
  )
}

/** @param scores of the three items */
export function auditC(scores: readonly number[], more: JsonObject = {}): JsonObject {
  return response(
    AUDIT_C,
    AUDIT_C_ANSWERS.map(([item, answers], at) => [item, answers[scores[at] as number]]),
    more,
  )
}

export const CALM = [1, 1, 0, 0, 0, 0, 0, 0, 0]
export const IN_DANGER = [1, 1, 0, 0, 0, 0, 0, 0, 1]
/** In danger, and so ill that both alerts are raised. */
export const SEVERE = [3, 3, 3, 3, 3, 3, 2, 2, 2]

function response(
  questionnaire: string,
  answers: readonly (readonly [item: string, answer: string | undefined])[],
  more: JsonObject,
): JsonObject {
  return {
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    questionnaire,
    status: 'completed',
    subject: { reference: 'Patient/p' },
    authored: '2026-01-30T09:00:00Z',
    item: answers.map(([item, answer]) => ({
      linkId: `/${item}`,
      ...(answer === undefined ? {} : { answer: [{ valueCoding: { system: LOINC, code: answer } }] }),
    })),
    ...more,
  }
}
