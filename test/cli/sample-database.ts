// A database that has rows in every table, and what is wrong with one.
import Database from 'better-sqlite3-multiple-ciphers'
import { withLabelLinks } from '../../src/access/index.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { CustomParameters, verifyIndex } from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { inspectSqlite } from '../../src/store/sqlite/index.ts'
import { Statements } from '../../src/store/sqlite/statements.ts'
import { verify } from '../../src/store/sqlite/verify.ts'
import { serve } from '../e2e/server-process.ts'

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

/** Every table has rows: of current, superseded and deleted versions, of targets that are not there, of contained resources. */
export async function makeDatabase(t: Parameters<typeof serve>[0], file: string): Promise<void> {
  const env = { ALCOVE_DATABASE: `sqlite:${file}`, ALCOVE_REFERENCES: 'off', ALCOVE_LOG_LEVEL: 'warn' }
  const { client, stop } = await serve(t, env)
  const steps = [
    () => client.update(observation('o1', 'Patient/a', 3)),
    () => client.update(observation('early', 'Patient/a', 3, { meta: { security: LABELS } })),
    () => client.update(patient('a')),
    () => client.update(patient('b', { meta: { security: LABELS } })),
    () => client.update(patient('c', { generalPractitioner: [{ reference: 'Practitioner/nobody' }] })),
    () => client.update(observation('o2', 'Patient/nobody', 4, { meta: { security: LABELS.slice(40) } })),
    () => client.update(observation('o1', 'Patient/a', 5)),
    () => client.update(appointment('p1', 'booked')),
    () => client.update(appointment('p1', 'arrived')),
    () => client.update(appointment('p2', 'booked')),
    () => client.delete('Appointment', 'p2'),
    () => client.delete('Patient', 'b'),
    () =>
      client.update({
        resourceType: 'Location',
        id: 'l',
        position: { longitude: 8.5, latitude: 47.4 },
      } as never),
    () =>
      client.update({
        resourceType: 'QuestionnaireResponse',
        id: 'q',
        status: 'completed',
        questionnaire: 'http://q.test/wombat|2',
      } as never),
    () => client.ask('GET Patient?_content=wombat'),
  ]
  for (const step of steps) {
    const { status, text } = await step()
    if (status >= 300) throw new Error(text)
  }
  await stop()
}

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
