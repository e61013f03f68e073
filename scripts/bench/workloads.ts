// What is asked of the server under load, each connection in its own order. What is read is never written to.
import {
  codeOf,
  CONNECTIONS,
  familyOf,
  longRecordId,
  NAMESAKES,
  newScore,
  patientId,
  PATIENTS,
  PATIENTS_WITH_VERSIONS,
  RESOURCES_OF_A_LONG_RECORD,
  CODES,
  scoreId,
  SCORES_OF_A_CODE,
  SCORES_OF_A_PATIENT,
  SEARCHED_CATEGORY,
  SEARCHED_SCORES,
  UPDATED_SCORES,
  updatedScore,
  VERSIONS,
  WRITTEN_CATEGORY,
  WRITTEN_CODE,
} from './practice.ts'
import { IDENTIFIER_SYSTEM, patient, score, transaction } from './records.ts'
import type { Request } from './load-client.ts'
import { pagesOf } from './walk.ts'
import { FHIR_JSON, get, post, several, type Expected, type Goal, type Workload } from './workload.ts'

/** At once: sixty-four would wait a second for each other, longer than a short round. */
const TRANSACTION_CONNECTIONS = 8
const ENTRIES = 50
const WALK = { query: `Observation?category=${SEARCHED_CATEGORY}&_sort=-date&_count=6`, size: 6 }
/** Neighbours that are asked for in turn. */
const PAGES = 8
/** How much dearer a page may look by noise alone. */
const NOISE = 1.15

function reads(name: string, path: (n: number) => string, expected: Expected, goal?: Goal): Workload {
  const plan = several((n) => get(path(n)))
  return {
    name,
    raw: 'read',
    resources: 1,
    connections: CONNECTIONS,
    status: 200,
    expected,
    plan,
    ...(goal && { goal }),
  }
}

function writes(name: string, status: number, plan: Workload['plan'], goal?: Goal): Workload {
  return { name, raw: 'insert', resources: 1, connections: CONNECTIONS, status, plan, ...(goal && { goal }) }
}

/** A page of one walk through all scores, its neighbours with it. */
function page(number: number, goal: Goal): Workload {
  return {
    ...reads(`page ${number.toLocaleString('en-US')}`, () => '', { matches: WALK.size }, goal),
    async plan(url, round) {
      const pages = await pagesOf(url, round, WALK.query, SEARCHED_SCORES)
      const first = Math.max(2, number - PAGES / 2)
      const requests = pages.slice(first - 1, first - 1 + PAGES).map((path) => ({ method: 'GET', path }))
      return (connection) =>
        requests.map((_, n) => requests[(n + connection) % PAGES] ?? { method: 'GET', path: '' })
    },
  }
}

/** What is remembered of searches that come again is of no use to these. @param path of each number */
function neverTwice(name: string, path: (n: number) => string, expected: Expected, goal: Goal): Workload {
  let asked = 0
  return { ...reads(name, path, expected, goal), plan: () => () => [() => get(path(asked++))] }
}

const SECONDS_A_DAY = 86_400

function timeOf(n: number): string {
  return new Date((n % SECONDS_A_DAY) * 1000).toISOString().slice(11)
}

const SEARCH: Goal = { kind: 'cpu', ms: 0.4 }

const READS: readonly Workload[] = [
  reads(
    'read',
    (n) => `Patient/${patientId(n)}`,
    { matches: 1 },
    { kind: 'part', of: 'bare Fastify', part: 0.7 },
  ),
  reads('vread', (n) => `Patient/${patientId(n)}/_history/1`, { matches: 1 }),
  reads(
    'Patient by name',
    (n) => `Patient?name=${familyOf(n).toLowerCase()}&_count=20`,
    { matches: NAMESAKES },
    SEARCH,
  ),
  reads(
    'Observation by patient and code, by date',
    (n) => `Observation?patient=${patientId(n)}&code=http://loinc.org|${codeOf(n)}&_sort=-date&_count=20`,
    { matches: SCORES_OF_A_CODE },
    SEARCH,
  ),
  neverTwice(
    'Observation by code and date range',
    (n) =>
      `Observation?code=http://loinc.org|${codeOf(n)}&date=ge2025-03-01T${timeOf(n)}&date=lt2025-05-01T${timeOf(n)}&_count=20`,
    { matches: 20 },
    SEARCH,
  ),
  reads(
    'Observation by patient, newest written first',
    (n) => `Observation?patient=${patientId(n)}&_sort=-_lastUpdated&_count=10`,
    { matches: 10 },
    SEARCH,
  ),
  reads(
    'chained',
    (n) => `Observation?patient:Patient.name=${familyOf(n).toLowerCase()}&code=${codeOf(n)}&_count=20`,
    { matches: 20 },
    SEARCH,
  ),
  reads(
    '_has',
    (n) => `Patient?family=${familyOf(n).toLowerCase()}&_has:Observation:patient:code=${codeOf(n)}&_count=20`,
    { matches: NAMESAKES },
    SEARCH,
  ),
  reads(
    '_include',
    (n) => `Observation?patient=${patientId(n)}&_include=Observation:patient&_count=10`,
    { matches: 10, included: 1 },
    SEARCH,
  ),
  reads(
    '_revinclude',
    (n) => `Patient?_id=${patientId(n)}&_revinclude=Observation:patient`,
    { matches: 1, included: SCORES_OF_A_PATIENT },
    SEARCH,
  ),
  reads(
    '_total=accurate',
    (n) => `Observation?code=${codeOf(n)}&_total=accurate&_count=10`,
    { matches: 10, total: (PATIENTS * SCORES_OF_A_PATIENT) / CODES.length },
    SEARCH,
  ),
  reads(
    `$everything of ${RESOURCES_OF_A_LONG_RECORD}`,
    (n) => `Patient/${longRecordId(n)}/$everything`,
    { matches: RESOURCES_OF_A_LONG_RECORD },
    { kind: 'cpu', ms: 2 },
  ),
  reads('history of one', (n) => `Observation/${scoreId(n % PATIENTS_WITH_VERSIONS, 0)}/_history`, {
    matches: VERSIONS,
  }),
  page(2, SEARCH),
  page(100, { kind: 'as cheap as', workload: 'page 2', times: NOISE }),
  page(1000, { kind: 'as cheap as', workload: 'page 2', times: NOISE }),
]

const WRITES: readonly Workload[] = [
  writes(
    'create',
    201,
    several((n) => post('Observation', JSON.stringify(newScore(n)))),
    {
      kind: 'part',
      of: 'raw store',
      part: 0.4,
    },
  ),
  // A connection's own resources, by turns with two contents: an update that changes nothing would be no update.
  writes(
    'update',
    200,
    (_url, round) => (connection) =>
      [0, 1].flatMap((turn) =>
        Array.from({ length: UPDATED_SCORES }, (_, n) => {
          const body = updatedScore(connection, n, `Round ${round}, turn ${turn}.`, turn)
          const path = `/fhir/Observation/${body.id}`
          return { method: 'PUT', path, headers: FHIR_JSON, body: JSON.stringify(body) }
        }),
      ),
  ),
  writes('conditional create', 201, conditionalCreates()),
  {
    ...writes(
      `transaction of ${ENTRIES}`,
      200,
      several((n) => post('', chart(n)), 2),
      {
        kind: 'rate',
        resourcesPerSecond: 5000,
      },
    ),
    resources: ENTRIES,
    connections: TRANSACTION_CONNECTIONS,
  },
]

/** What writes comes last: what the store then does at leisure shall not fall on what is measured next. */
export const WORKLOADS: readonly Workload[] = [...READS, ...WRITES]

/** Each finds nothing and creates: no identifier is used twice, in no plan. */
function conditionalCreates(): Workload['plan'] {
  let plans = 0
  return () => {
    const plan = plans++
    return (connection) => {
      let sent = 0
      const next = (): Request => {
        const identifier = `${plan}-${connection}-${sent++}`
        const headers = { ...FHIR_JSON, 'if-none-exist': `identifier=${IDENTIFIER_SYSTEM}|${identifier}` }
        return { ...post('Observation', JSON.stringify(newScore(connection, identifier))), headers }
      }
      return [next]
    }
  }
}

/** A new patient with her scores. */
function chart(n: number): string {
  const uuid = (at: number): string => `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
  const scored = { subject: uuid(0), code: WRITTEN_CODE, category: WRITTEN_CATEGORY }
  return transaction(
    Array.from({ length: ENTRIES }, (_, at) => ({
      fullUrl: uuid(at),
      resource: at === 0 ? patient(n, { family: 'Written' }) : score(n + at, scored),
    })),
  )
}
