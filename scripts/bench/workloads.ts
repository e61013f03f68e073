// What is asked of the server under load, each connection in its own order.
import type { Request } from 'autocannon'
import { IDENTIFIER_SYSTEM, patient, score, transaction, type Record } from './records.ts'

export interface Workload {
  readonly name: string
  /** What its rate is held against. */
  readonly floor: 'bare Fastify' | 'raw store' | undefined
  /** Written by one request; 1 for what reads. */
  readonly resources: number
  readonly connections: number
  /** What one connection sends, over and over, in this round. */
  readonly requests: (connection: number, round: number) => Request[]
}

export const CONNECTIONS = 64
/** At once: sixty-four would wait a second for each other, longer than a short round. */
export const TRANSACTION_CONNECTIONS = 8
const PATIENTS = 320
const SCORES_PER_PATIENT = 10
const VERSIONS = 5
const ENTRIES = 50
/** Different requests a connection sends. */
const VARIETY = 8

const CODES = ['44261-6', '69737-5', '70274-6', '89206-7', '44249-1']
/** Of what is written under load, so that what is searched for stays the same. */
const WRITTEN_CODE = '55758-7'
const JSON_TYPE = { 'content-type': 'application/fhir+json' }

const patientId = (n: number): string => `bench-${n % PATIENTS}`
const scoreId = (patient: number, n: number): string => `${patientId(patient)}-${n % SCORES_PER_PATIENT}`

/** Transactions that put in what the workloads read, to be posted one after the other. */
export function* seed(): Generator<string> {
  for (let first = 0; first < PATIENTS; first += 10) {
    const records: Record[] = []
    for (let p = first; p < first + 10; p++) {
      records.push(patient(p, patientId(p)))
      for (let n = 0; n < SCORES_PER_PATIENT; n++)
        records.push(
          score(p * SCORES_PER_PATIENT + n, {
            id: scoreId(p, n),
            subject: `Patient/${patientId(p)}`,
            code: CODES[n % CODES.length] as string,
          }),
        )
    }
    yield transaction(records.map((resource) => ({ resource })))
  }
  for (let version = 2; version <= VERSIONS; version++)
    yield transaction(
      Array.from({ length: CONNECTIONS }, (_, p) => ({
        resource: score(p * SCORES_PER_PATIENT, {
          id: scoreId(p, 0),
          subject: `Patient/${patientId(p)}`,
          code: CODES[0] as string,
          note: `Version ${version}.`,
        }),
      })),
    )
}

/** As the create workload posts them; the raw store inserts what these became. */
export function* created(count: number): Generator<string> {
  for (let first = 0; first < count; first += 100)
    yield transaction(Array.from({ length: 100 }, (_, n) => ({ resource: newScore(first + n) })))
}

function newScore(n: number, identifier?: string): Record {
  return score(n, {
    subject: `Patient/${patientId(n)}`,
    code: WRITTEN_CODE,
    identifier,
  })
}

/** `count` requests, made from numbers that differ between connections. */
function several(make: (n: number, round: number) => Request, count = VARIETY): Workload['requests'] {
  return (connection, round) => Array.from({ length: count }, (_, i) => make(connection * count + i, round))
}

const get = (path: string): Request => ({ method: 'GET', path: `/fhir/${path}` })

function reads(name: string, path: (n: number) => string, floor?: 'bare Fastify'): Workload {
  return { name, floor, resources: 1, connections: CONNECTIONS, requests: several((n) => get(path(n))) }
}

export const WORKLOADS: readonly Workload[] = [
  reads('read', (n) => `Patient/${patientId(n)}`, 'bare Fastify'),
  reads('vread', (n) => `Patient/${patientId(n)}/_history/1`, 'bare Fastify'),
  {
    name: 'create',
    floor: 'raw store',
    resources: 1,
    connections: CONNECTIONS,
    requests: several((n) => post('Observation', JSON.stringify(newScore(n)))),
  },
  {
    name: 'update',
    floor: 'raw store',
    resources: 1,
    connections: CONNECTIONS,
    // A connection's own resources, by turns with two contents: an update that changes nothing would be no update.
    requests: (connection, round) =>
      [0, 1].flatMap((turn) =>
        [1, 2, 3, 4].map((n): Request => {
          const id = scoreId(CONNECTIONS + connection, n)
          const body = score(turn * 7 + n, {
            id,
            subject: `Patient/${patientId(CONNECTIONS + connection)}`,
            code: WRITTEN_CODE,
            note: `Round ${round}, turn ${turn}.`,
          })
          return {
            method: 'PUT',
            path: `/fhir/Observation/${id}`,
            headers: JSON_TYPE,
            body: JSON.stringify(body),
          }
        }),
      ),
  },
  {
    name: 'conditional create',
    floor: 'raw store',
    resources: 1,
    connections: CONNECTIONS,
    requests: (connection, round) => {
      let sent = 0
      const next = (request: Request): Request => {
        const identifier = `${round}-${connection}-${sent++}`
        return {
          ...request,
          headers: { ...JSON_TYPE, 'if-none-exist': `identifier=${IDENTIFIER_SYSTEM}|${identifier}` },
          body: JSON.stringify(newScore(connection * 100 + sent, identifier)),
        }
      }
      return [{ ...post('Observation', ''), setupRequest: next }]
    },
  },
  reads('Patient by name', (n) => `Patient?name=${['delg', 'rosa', 'berg', 'imr'][n % 4]}&_count=10`),
  reads(
    'Observation by patient and code',
    (n) => `Observation?patient=${patientId(n)}&code=http://loinc.org|${CODES[n % CODES.length]}`,
  ),
  reads(
    'Observation by patient, newest written first',
    (n) => `Observation?patient=${patientId(n)}&_sort=-_lastUpdated&_count=10`,
  ),
  reads('with _include', (n) => `Observation?patient=${patientId(n)}&_include=Observation:patient&_count=10`),
  reads('with _total=accurate', (n) => `Observation?code=${CODES[1 + (n % 4)]}&_total=accurate&_count=10`),
  reads('chained', (n) => `Observation?patient.name=rosa&patient._id=${patientId(n)}&code=${CODES[n % 5]}`),
  reads('_has', (n) => `Patient?_id=${patientId(n)}&_has:Observation:patient:code=${CODES[n % 5]}`),
  reads('with _revinclude', (n) => `Patient?_id=${patientId(n)}&_revinclude=Observation:patient`),
  reads('sorted by date', (n) => `Observation?patient=${patientId(n)}&_sort=-date&_count=5`),
  reads('$everything', (n) => `Patient/${patientId(n)}/$everything`),
  reads('history of one', (n) => `Observation/${scoreId(n % CONNECTIONS, 0)}/_history`),
  {
    name: `transaction of ${ENTRIES}`,
    floor: 'raw store',
    resources: ENTRIES,
    connections: TRANSACTION_CONNECTIONS,
    requests: several((n) => post('', chart(n)), 2),
  },
]

function post(path: string, body: string): Request {
  return { method: 'POST', path: path === '' ? '/fhir' : `/fhir/${path}`, headers: JSON_TYPE, body }
}

/** A new patient with her scores. */
function chart(n: number): string {
  const uuid = (at: number): string => `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
  return transaction(
    Array.from({ length: ENTRIES }, (_, at) => ({
      fullUrl: uuid(at),
      resource: at === 0 ? patient(n) : score(n + at, { subject: uuid(0), code: WRITTEN_CODE }),
    })),
  )
}
