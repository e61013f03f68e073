// A server that knows some of the instruments that ship, with a patient, asked for $outcomes through `inject`.
import { readFileSync } from 'node:fs'
import { createInstruments } from '../../src/behavioral/index.ts'
import { evaluatorOnDemand, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import type { AccessFilter } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { BASE, START, startServer, type Reply, type TestServer } from '../rest/server.ts'

const folder = new URL('../../profiles/questionnaires/', import.meta.url)
/** As many as tests need. */
const SHIPPED = ['phq-9', 'phq-2', 'phq-4', 'gad-7', 'k6', 'audit-c', 'c-ssrs-screener-recent'].map(
  (id) => parseJson(readFileSync(new URL(`${id}.json`, folder))) as Resource,
)

export const PHQ_9_TOTAL = { system: 'http://loinc.org', code: '44261-6' }

export interface OutcomesServer extends TestServer {
  /** @throws Error when it is not written */
  put(resource: JsonObject): Promise<void>
  /** An Observation of patient p. */
  observe(id: string, date: string | undefined, code: JsonObject, more: JsonObject): Promise<void>
  score(id: string, date: string, value: number, more?: JsonObject): Promise<void>
  outcomes(query?: string): Promise<Found>
  /** The same server for who sees no more than this. */
  seenBy(access: AccessFilter): TestServer
}

/** Parameters, as far as tests look into them. */
export interface Found {
  readonly reply: Reply
  /** The parts of this name, of the parameters or of a part. */
  all(name: string, of?: JsonObject): readonly JsonObject[]
  /** The value of the first part of this name. */
  value(name: string, of?: JsonObject): unknown
}

export async function outcomesServer(t: { teardown(work: () => unknown): void }): Promise<OutcomesServer> {
  const clock = { now: START }
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.now })
  const instruments = createInstruments({ baseUrl: BASE, evaluators: evaluatorOnDemand })
  const kept = { store, clock }
  const server = startServer(t, { kept, rest: { instruments } })
  t.teardown(async () => {
    await server.app.close()
    await store.close()
  })
  const { ask } = server
  const put = async (resource: JsonObject): Promise<void> => {
    const reply = await ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
    if (reply.status >= 300) throw new Error(reply.text)
  }
  const observe: OutcomesServer['observe'] = (id, date, code, more) =>
    put({
      resourceType: 'Observation',
      id,
      status: 'final',
      code,
      subject: { reference: 'Patient/p' },
      ...(date === undefined ? {} : { effectiveDateTime: date }),
      ...more,
    })
  for (const one of SHIPPED) await put(one)
  await put({
    resourceType: 'Patient',
    id: 'p',
    gender: 'female',
    name: [{ family: 'Geheim', given: ['Rosa'] }],
  })
  return {
    ...server,
    put,
    observe,
    score: (id, date, value, more = {}) =>
      observe(id, date, { coding: [PHQ_9_TOTAL] }, { valueQuantity: { value, unit: '{score}' }, ...more }),
    outcomes: async (query = '') => foundIn(await ask(`GET Patient/p/$outcomes${query}`)),
    seenBy: (access) => startServer(t, { kept, access, rest: { instruments } }),
  }
}

export function foundIn(reply: Reply): Found {
  const partsOf = (of: JsonObject): readonly JsonObject[] => (of.part ?? of.parameter ?? []) as JsonObject[]
  const all = (name: string, of?: JsonObject): readonly JsonObject[] =>
    partsOf(of ?? reply.json).filter((part) => part.name === name)
  return {
    reply,
    all,
    value(name, of) {
      const [part] = all(name, of)
      return part === undefined
        ? undefined
        : Object.entries(part).find(([key]) => key.startsWith('value'))?.[1]
    },
  }
}
