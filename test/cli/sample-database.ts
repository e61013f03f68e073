// A database that has rows in every table, and what is wrong with one.
import Database from 'better-sqlite3-multiple-ciphers'
import { withLabelLinks } from '../../src/access/index.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { CustomParameters, INDEX_VERSION, verifyIndex } from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { inspectSqlite } from '../../src/store/sqlite/index.ts'
import { Statements } from '../../src/store/sqlite/statements.ts'
import { verify } from '../../src/store/sqlite/verify.ts'
import { labelledWorld } from '../access/reach/labelled-world.ts'
import { restrictedDoor } from '../access/reach/restricted-door.ts'
import { serve } from '../e2e/server-process.ts'

interface Teardown {
  teardown(work: () => unknown): void
}

const definitions = loadDefinitions()

const patient = (id: string, more: object = {}) => ({
  resourceType: 'Patient' as const,
  id,
  identifier: [{ system: 'urn:mrn', value: `MRN-4711-${id}` }],
  name: [{ family: 'Zebrowski', given: ['Ann'] }],
  telecom: [{ system: 'phone', value: '555-0100' }],
  birthDate: '1990-02-03',
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Ann the wombat</div>' },
  ...more,
})
const observation = (id: string, subject: string, value: number, more: object = {}) => ({
  resourceType: 'Observation' as const,
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '44261-6' }], text: 'wombat score' },
  subject: { reference: subject },
  effectivePeriod: { start: '2026-01-01', end: '2026-02-01' },
  valueQuantity: { value, unit: 'pt', system: 'http://unitsofmeasure.org', code: '{score}' },
  component: [
    {
      code: { coding: [{ system: 'http://loinc.org', code: 'a' }] },
      valueQuantity: { value: 3, comparator: '>', unit: 'pt' },
    },
  ],
  contained: [{ resourceType: 'Device', id: 'd', status: 'active', lotNumber: 'L1' }],
  device: { reference: '#d' },
  ...more,
})
const appointment = (id: string, status: string) => ({
  resourceType: 'Appointment' as const,
  id,
  status,
  start: '2026-03-01T10:00:00Z',
  end: '2026-03-01T11:00:00Z',
  meta: { security: LABELS.slice(30) },
  participant: ['a', 'c'].map((who) => ({ actor: { reference: `Patient/${who}` }, status: 'accepted' })),
})
/** More than have bits of their own. */
const LABELS = Array.from({ length: 60 }, (_, n) => ({ system: 'urn:labels', code: `l${n}` }))

/**
 * As a server leaves it, with all that ships. Every table has rows: of current, superseded and deleted versions, of targets
 * that are not there, of contained resources.
 */
export async function makeDatabase(t: Teardown, file: string): Promise<void> {
  const env = { ALCOVE_DATABASE: `sqlite:${file}`, ALCOVE_REFERENCES: 'off', ALCOVE_LOG_LEVEL: 'warn' }
  const { client, stop } = await serve(t, env)
  await fill((line, body) => client.ask(line, body === undefined ? {} : { body }))
  await stop()
}

/**
 * The same, with nothing that ships but the rules of labels: a fifth as large, where all of it is to be gone through many
 * times.
 */
export async function makeSmallDatabase(t: Teardown, file: string): Promise<void> {
  const world = await labelledWorld({ file, references: 'off' })
  await fill(restrictedDoor(t, world, []))
  const { maintenance } = world.store
  await maintenance.setSetting(INDEX_VERSION, world.parts.search.indexVersion)
  await maintenance.setSetting('custom-search-parameters', '{"parameters":{}}')
  await maintenance.setSetting('page-link-secret', 'c2VjcmV0')
  await maintenance.setSetting('shipped', '{}')
  await world.close()
}

type Ask = (line: string, body?: unknown) => Promise<{ readonly status: number; readonly text: string }>

async function fill(ask: Ask): Promise<void> {
  for (const [line, body] of STEPS) {
    const { status, text } = await ask(line, body)
    if (status >= 300) throw new Error(text)
  }
}

interface Sample {
  readonly resourceType: string
  readonly id: string
  readonly [name: string]: unknown
}

const put = (resource: Sample) => [`PUT ${resource.resourceType}/${resource.id}`, resource] as const

const STEPS: readonly (readonly [line: string, body?: unknown])[] = [
  put(observation('o1', 'Patient/a', 3)),
  put(observation('early', 'Patient/a', 3, { meta: { security: LABELS } })),
  put(patient('a')),
  put(patient('b', { meta: { security: LABELS } })),
  put(patient('c', { generalPractitioner: [{ reference: 'Practitioner/nobody' }] })),
  put(observation('o2', 'Patient/nobody', 4, { meta: { security: LABELS.slice(40) } })),
  put(observation('o1', 'Patient/a', 5)),
  put(appointment('p1', 'booked')),
  put(appointment('p1', 'arrived')),
  put(appointment('p2', 'booked')),
  ['DELETE Appointment/p2'],
  ['DELETE Patient/b'],
  put({ resourceType: 'Location', id: 'l', position: { longitude: 8.5, latitude: 47.4 } }),
  put({
    resourceType: 'QuestionnaireResponse',
    id: 'q',
    status: 'completed',
    questionnaire: 'http://q.test/wombat|2',
  }),
  ['GET Patient?_content=wombat'],
]

/** All that `alcove verify` would say of it. */
export async function faultsOf(file: string): Promise<readonly string[]> {
  const db = new Database(file)
  const told = verify(new Statements(db))
  db.close()
  if (told.length > 0) return told
  const inspection = inspectSqlite({ file })
  if (inspection === undefined) return ['another layout']
  const { store } = inspection
  try {
    const baseUrl = 'http://127.0.0.1:8080/fhir'
    const search = withLabelLinks(createSearch({ definitions, baseUrl }), definitions, baseUrl)
    await new CustomParameters({ store, search, definitions, report: () => {} }).load()
    const { faults, isCurrent } = await verifyIndex(inspection, search)
    return isCurrent ? faults : ['the index is of an earlier release']
  } finally {
    await store.close()
  }
}
