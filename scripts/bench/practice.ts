// What is in the store before anything is measured, and what a search of it must therefore find.
import { condition, encounter, FAMILIES, patient, score, transaction, type Record } from './records.ts'

/** Connections that ask at once. */
export const CONNECTIONS = 64
export const PATIENTS = 320
export const SCORES_OF_A_PATIENT = 15
/** Scores of one code of one patient. */
export const SCORES_OF_A_CODE = 3
/** LOINC; codes of the records that are searched. */
export const CODES = ['44261-6', '69737-5', '70274-6', '89206-7', '44249-1'] as const
/** Of what is written under load, so that what is searched for stays the same; so is this category. */
export const WRITTEN_CODE = '55758-7'
export const WRITTEN_CATEGORY = 'therapy'
export const SEARCHED_CATEGORY = 'survey'
/** Patients of one family name. */
export const NAMESAKES = 10
/** Patients with a long record, and the resources in it, the patient too. */
export const LONG_RECORDS = 12
export const RESOURCES_OF_A_LONG_RECORD = 200
/** Of the first score of the first patients. */
export const VERSIONS = 5
export const PATIENTS_WITH_VERSIONS = CONNECTIONS
/** Scores of one of the patients that are written to. */
export const UPDATED_SCORES = 4

const LONG_RECORD_CODE = '72133-2'
const ENCOUNTERS = 12
const CONDITIONS = 7
const BATCH = 160

export const patientId = (n: number): string => `bench-${n % PATIENTS}`
/** @param of patient @param n score */
export const scoreId = (of: number, n: number): string => `${patientId(of)}-${n % SCORES_OF_A_PATIENT}`
export const codeOf = (n: number): string => CODES[n % CODES.length] as string
/** Of patients, `NAMESAKES` each. */
export const familyOf = (n: number): string =>
  `${FAMILIES[n % FAMILIES.length]}${Math.floor((n % PATIENTS) / (FAMILIES.length * NAMESAKES))}`
/** Patients whose records grow under load, one a connection. */
export const writtenPatientId = (n: number): string => `written-${n % CONNECTIONS}`
export const updatedScoreId = (of: number, n: number): string =>
  `${writtenPatientId(of)}-${n % UPDATED_SCORES}`
export const longRecordId = (n: number): string => `long-${n % LONG_RECORDS}`

/** Scores of `SEARCHED_CATEGORY`. */
export const SEARCHED_SCORES =
  PATIENTS * SCORES_OF_A_PATIENT + LONG_RECORDS * (RESOURCES_OF_A_LONG_RECORD - 1 - ENCOUNTERS - CONDITIONS)

/** Transactions, to be posted one after the other. */
export function* practice(): Generator<string> {
  let batch: Record[] = []
  for (const record of records()) {
    batch.push(record)
    if (batch.length < BATCH) continue
    yield transaction(batch.map((resource) => ({ resource })))
    batch = []
  }
  if (batch.length > 0) yield transaction(batch.map((resource) => ({ resource })))
  for (let version = 2; version <= VERSIONS; version++)
    yield transaction(
      Array.from({ length: PATIENTS_WITH_VERSIONS }, (_, p) => ({
        resource: scoreOf(p, 0, `Version ${version}.`),
      })),
    )
}

function* records(): Generator<Record> {
  for (let p = 0; p < PATIENTS; p++) {
    yield patient(p, { id: patientId(p), family: familyOf(p) })
    for (let n = 0; n < SCORES_OF_A_PATIENT; n++) yield scoreOf(p, n)
  }
  for (let p = 0; p < LONG_RECORDS; p++) yield* longRecord(p)
  for (let p = 0; p < CONNECTIONS; p++) {
    yield patient(p, { id: writtenPatientId(p), family: 'Written' })
    for (let n = 0; n < UPDATED_SCORES; n++) yield updatedScore(p, n, 'Before.')
  }
}

function scoreOf(of: number, n: number, note?: string): Record {
  const id = scoreId(of, n)
  const subject = `Patient/${patientId(of)}`
  return score(of * SCORES_OF_A_PATIENT + n, { id, subject, code: codeOf(n), note })
}

function* longRecord(p: number): Generator<Record> {
  const id = longRecordId(p)
  const subject = `Patient/${id}`
  yield patient(p, { id, family: 'Longfellow' })
  for (let n = 1; n < RESOURCES_OF_A_LONG_RECORD; n++)
    if (n <= ENCOUNTERS) yield encounter(n, `${id}-${n}`, subject)
    else if (n <= ENCOUNTERS + CONDITIONS) yield condition(n, `${id}-${n}`, subject)
    else yield score(n, { id: `${id}-${n}`, subject, code: LONG_RECORD_CODE })
}

/** @param turn another turn, another value and date */
export function updatedScore(of: number, n: number, note: string, turn = 0): Record {
  const subject = `Patient/${writtenPatientId(of)}`
  const options = { id: updatedScoreId(of, n), subject, code: WRITTEN_CODE, category: WRITTEN_CATEGORY, note }
  return score(turn * 7 + n, options)
}

/** As they are created under load. */
export function newScore(n: number, identifier?: string): Record {
  const subject = `Patient/${writtenPatientId(n)}`
  return score(n, { subject, code: WRITTEN_CODE, category: WRITTEN_CATEGORY, identifier })
}

/** Transactions that create `count` scores, numbered from `first` on. */
export function* newScores(count: number, first = 0): Generator<string> {
  for (let at = 0; at < count; at += BATCH)
    yield transaction(
      Array.from({ length: Math.min(BATCH, count - at) }, (_, n) => ({ resource: newScore(first + at + n) })),
    )
}
