// A practice of any size: 50 resources a patient, each patient's like every other's, so that an answer about one is as
// long whatever the size.
import { condition, encounter, FAMILIES, patient, score, type Record } from './records.ts'

export const RESOURCES_OF_A_PATIENT = 50
const ENCOUNTERS = 4
const CONDITIONS = 4
export const SCORES = RESOURCES_OF_A_PATIENT - 1 - ENCOUNTERS - CONDITIONS
/** Patients of one family name. */
export const NAMESAKES = 5
/** With fewer resources a family would be incomplete. */
export const STEP_OF_SIZES = RESOURCES_OF_A_PATIENT * FAMILIES.length * NAMESAKES
/** How many of a patient's scores have the most frequent code, and the second. */
export const SCORES_OF_CODE = [12, 8] as const
const OTHER_CODES = 58

export const patientId = (p: number): string => `scale-${p}`
export const scoreId = (p: number, n: number): string => `${patientId(p)}-s${n}`
/** By frequency. */
export const codeOf = (rank: number): string => `${80_000 + rank}-0`

/** As long for every patient, so that no name begins another. */
export function familyOf(p: number): string {
  let group = Math.floor(p / (FAMILIES.length * NAMESAKES))
  let letters = ''
  for (let n = 0; n < 4; n++, group = Math.floor(group / 26))
    letters += String.fromCodePoint(97 + (group % 26))
  return `${FAMILIES[p % FAMILIES.length]}${letters}`
}

/** The resources of patients `first` to `end - 1`, a patient before what refers to her. */
export function* scaledPractice(first: number, end: number): Generator<Record> {
  for (let p = first; p < end; p++) {
    const id = patientId(p)
    const subject = `Patient/${id}`
    yield patient(p, { id, family: familyOf(p) })
    for (let n = 0; n < ENCOUNTERS; n++) yield encounter(p + n * 75, `${id}-e${n}`, subject)
    for (let n = 0; n < CONDITIONS; n++) yield condition(p + n, `${id}-c${n}`, subject)
    for (let n = 0; n < SCORES; n++)
      yield score(p * SCORES + n * 7, { id: scoreId(p, n), subject, code: codeOf(rankOf(p, n)) })
  }
}

function rankOf(p: number, n: number): number {
  const [first, second] = SCORES_OF_CODE
  if (n < first) return 0
  return n < first + second ? 1 : 2 + ((p * 13 + n) % OTHER_CODES)
}
