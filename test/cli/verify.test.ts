// `alcove verify` finds whatever is changed in any column of any table, and says what, but not what resources hold.
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { CustomParameters, verifyIndex } from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { inspectSqlite } from '../../src/store/sqlite/index.ts'
import { Statements } from '../../src/store/sqlite/statements.ts'
import { verify } from '../../src/store/sqlite/verify.ts'
import { runAlcove, serve, temporaryFolder } from '../e2e/server-process.ts'
import { SHIPPED } from '../shipped.ts'

t.setTimeout(300_000)

const definitions = loadDefinitions()
/** Words of the records that no line of verify may repeat. */
const SECRETS = /Zebrowski|wombat|555-0100|MRN-4711/

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
async function makeDatabase(t: Parameters<typeof serve>[0], file: string): Promise<void> {
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

async function faultsOf(file: string): Promise<readonly string[]> {
  const db = new Database(file)
  const told = verify(new Statements(db))
  db.close()
  if (told.length > 0) return told
  const inspection = inspectSqlite({ file })
  if (inspection === undefined) return ['another layout']
  const { store } = inspection
  try {
    const search = createSearch({ definitions, baseUrl: 'http://127.0.0.1:8080/fhir' })
    await new CustomParameters({ store, search, definitions, report: () => {} }).load()
    const { faults, isCurrent } = await verifyIndex(inspection, search)
    return isCurrent ? faults : ['the index is of an earlier release']
  } finally {
    await store.close()
  }
}

type Value = string | number | Buffer | null

interface Column {
  readonly table: string
  readonly name: string
}

/** Where another value is as good as the one that stands there: none of these is part of a record. */
const FREE: Readonly<Record<string, string>> = {
  'setting.name of cursor-key': 'made anew at the next start',
  'setting.name of page-link-secret': 'made anew at the next start',
  'setting.value of page-link-secret': 'any text is a secret',
  // https://sqlite.org/fts5.html#fts5_data_structures
  'words_data.id of 1': 'averages, for ranks that nobody asks for',
  'words_data.block of 1': 'averages, for ranks that nobody asks for',
}

t.test('whatever is changed in a table is found', async (t) => {
  const folder = await temporaryFolder(t)
  const whole = `${folder}/whole.db`
  await makeDatabase(t, whole)
  const env = { ALCOVE_DATABASE: `sqlite:${whole}` }
  const agree = new RegExp(`${8 + SHIPPED} resources, .* agree`)
  t.match(await runAlcove(['verify'], env), { status: 0, stdout: agree })
  t.same(await faultsOf(whole), [], 'the whole database has no fault')
  const look = new Database(whole, { readonly: true })
  const columns = look
    .prepare(
      `SELECT m.name AS "table", c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1, c.cid`,
    )
    .all() as Column[]
  look.close()
  let changed = 0
  for (const { table, name } of columns) {
    // Where in the table a deletion would be noted: what is there is found either way.
    if (table === 'words_docsize' && name === 'origin') continue
    // The first page of a segment is found without it, and these are of one page.
    if (table === 'words_idx' && name === 'segid') continue
    for (const place of [0, 0.5, 1]) {
      copyFileSync(whole, `${folder}/a.db`)
      const db = new Database(`${folder}/a.db`)
      ;(db as unknown as { unsafeMode(): void }).unsafeMode()
      const key = (
        db.prepare(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0`).pluck().all() as string[]
      ).join()
      const rows = db.prepare(`SELECT ${key} FROM ${table} ORDER BY ${key}`).raw(true).all() as Value[][]
      const row = rows[Math.round(place * (rows.length - 1))]
      if (row === undefined) {
        t.fail(`${table} has no rows`)
        db.close()
        break
      }
      const value = db
        .prepare(`SELECT ${name} FROM ${table} WHERE (${key}) = (${row.map(() => '?').join()})`)
        .pluck()
        .get(...row) as Value
      db.prepare(`UPDATE ${table} SET ${name} = ? WHERE (${key}) = (${row.map(() => '?').join()})`).run(
        another(value),
        ...row,
      )
      db.close()
      changed++
      const faults = await faultsOf(`${folder}/a.db`)
      const what = `${table}.${name} of ${row.join(' ')}`
      if (Object.hasOwn(FREE, what)) t.same(faults, [], `${what}: ${FREE[what]}`)
      else if (faults.length === 0) t.fail(`${what} is changed unseen: ${value}`)
      else t.notMatch(faults.join('\n'), SECRETS, `${what}: ${faults[0]}`)
    }
  }
  t.ok(changed > 250, `${changed} changes`)
  copyFileSync(whole, `${folder}/a.db`)
  const db = new Database(`${folder}/a.db`)
  db.exec(`UPDATE body SET body = CAST(replace(CAST(body AS TEXT), 'wombat', 'potoroo') AS BLOB)
      WHERE vid = (SELECT seq FROM res WHERE id = 'o1');
    UPDATE tok SET pat = 4711 WHERE rid = (SELECT rid FROM res WHERE id = 'o1')`)
  db.close()
  const told = await runAlcove(['verify', `${folder}/a.db`], env)
  t.match(told, {
    status: 1,
    stdout:
      /^Observation\/o1 .+ in tok\.\n(.*\n)*Observation\/o1 has other words(.*\n)*.* the search parameter 'code:text'/m,
    stderr: /a\.db has .* faults?/,
  })
  t.notMatch(told.stdout + told.stderr, SECRETS)
})

/** Of the same type, and not yet there. */
function another(value: Value): Value {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 7919 : 7919
  if (typeof value === 'string') return `${value}x`
  if (value instanceof Uint8Array) return Buffer.concat([value.subarray(1), Buffer.from('x')])
  return 7919
}
