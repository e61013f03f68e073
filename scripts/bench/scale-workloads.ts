// What is asked of a practice of any size: of all its patients, or of some, one after the other in no order that caches
// like.
import type { Request } from './load-client.ts'
import {
  codeOf,
  familyOf,
  NAMESAKES,
  patientId,
  RESOURCES_OF_A_PATIENT,
  scoreId,
  SCORES,
  SCORES_OF_CODE,
} from './scale-practice.ts'
import { get, type Expected, type Workload } from './workload.ts'

export interface ScaleWorkload extends Workload {
  /** Of one patient or one resource: it shall cost no more however many others there are. */
  readonly scoped: boolean
}

/** Of a practice that asks, not of a stress: answers wait for a few others, not for sixty. */
export const SCALE_CONNECTIONS = 8

/**
 * @param patients in the store
 * @param asked of so many of them, who stand in it at the same distance from each other
 */
export function scaleWorkloads(patients: number, asked = patients): readonly ScaleWorkload[] {
  const distance = Math.floor(patients / asked)
  const asks = (
    scoped: boolean,
    name: string,
    path: (p: number, n: number) => string,
    expected: Expected,
  ): ScaleWorkload => ({
    name,
    scoped,
    raw: 'read',
    resources: 1,
    connections: SCALE_CONNECTIONS,
    status: 200,
    expected,
    plan: (_url, round) => (connection) => [
      someOf(asked, round * SCALE_CONNECTIONS + connection, (p, n) => path(p * distance, n)),
    ],
  })
  const scoped = asks.bind(undefined, true)
  const wide = asks.bind(undefined, false)
  const common = codeOf(0)
  return [
    scoped('read', (p, n) => `Observation/${scoreId(p, n % SCORES)}`, { matches: 1 }),
    scoped('vread', (p, n) => `Observation/${scoreId(p, n % SCORES)}/_history/1`, { matches: 1 }),
    scoped('history of one', (p, n) => `Observation/${scoreId(p, n % SCORES)}/_history`, { matches: 1 }),
    scoped(
      'Observation by patient and code, by date',
      (p) => `Observation?patient=${patientId(p)}&code=http://loinc.org|${common}&_sort=-date&_count=20`,
      { matches: SCORES_OF_CODE[0] },
    ),
    scoped(
      'Observation by patient, newest written first',
      (p) => `Observation?patient=${patientId(p)}&_sort=-_lastUpdated&_count=10`,
      { matches: 10 },
    ),
    scoped(
      'Observation by patient, _total=accurate',
      (p) => `Observation?patient=${patientId(p)}&_total=accurate&_count=10`,
      { matches: 10, total: SCORES },
    ),
    scoped(
      '_include, by patient',
      (p) => `Observation?patient=${patientId(p)}&_include=Observation:patient&_count=10`,
      { matches: 10, included: 1 },
    ),
    scoped('_revinclude, by patient', (p) => `Patient?_id=${patientId(p)}&_revinclude=Condition:patient`, {
      matches: 1,
      included: 4,
    }),
    scoped('$everything of 50', (p) => `Patient/${patientId(p)}/$everything`, {
      matches: RESOURCES_OF_A_PATIENT,
    }),
    scoped('Patient by name', (p) => `Patient?family=${familyOf(p).toLowerCase()}&_count=20`, {
      matches: NAMESAKES,
    }),
    scoped(
      'chained',
      (p) => `Observation?patient:Patient.family=${familyOf(p).toLowerCase()}&code=${common}&_count=20`,
      { matches: 20 },
    ),
    scoped(
      '_has',
      (p) => `Patient?family=${familyOf(p).toLowerCase()}&_has:Observation:patient:code=${common}&_count=20`,
      { matches: NAMESAKES },
    ),
    wide(
      'Observation by code, newest',
      (_p, n) => `Observation?code=${codeOf(n % 60)}&_sort=-date&_count=20`,
      {
        matches: 20,
      },
    ),
    wide(
      'Observation by code and date range',
      (_p, n) =>
        `Observation?code=${codeOf(n % 2)}&date=ge2025-03-0${1 + (n % 7)}&date=lt2025-05-01&_count=20`,
      { matches: 20 },
    ),
    wide('Patient by birth date', (p) => `Patient?birthdate=lt${1951 + (p % 50)}&_sort=birthdate&_count=10`, {
      matches: 10,
    }),
    wide(
      'Observation by code, _total=accurate',
      () => `Observation?code=${codeOf(1)}&_total=accurate&_count=10`,
      {
        matches: 10,
        total: patients * SCORES_OF_CODE[1],
      },
    ),
  ]
}

const MULTIPLIER = 1_664_525
const INCREMENT = 1_013_904_223
const MODULUS = 2 ** 32

/** The same patients for the same seed. */
function someOf(patients: number, seed: number, path: (p: number, n: number) => string): () => Request {
  let state = (seed * 2_654_435_761 + 12_345) % MODULUS
  return () => {
    state = (Math.imul(state, MULTIPLIER) + INCREMENT) >>> 0
    return get(path(Math.floor((state / MODULUS) * patients), state >>> 16))
  }
}
