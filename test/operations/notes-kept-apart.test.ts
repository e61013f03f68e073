// Psychotherapy notes and SUD counseling notes are left out of whatever shows a record whole: of matches, includes,
// pages and totals, unless they are asked for by name.
import t, { type Test } from 'tap'
import { NOTES_KEPT_APART } from '../../src/access/index.ts'
import type { JsonObject } from '../../src/fhir/index.ts'
import { ACT_CODE, NOTE_KINDS } from '../access/labels/rules.ts'
import { BASE, startServer, startSqliteServer, type Reply, type TestServer } from '../rest/server.ts'

const LABELS = [
  ['therapy', ACT_CODE, 'PSYTHPN'],
  ['hipaa', ACT_CODE, 'HIPAAPsyNotes'],
  ['psychotherapy', NOTE_KINDS, 'psychotherapy-notes'],
  ['counseling', NOTE_KINDS, 'sud-counseling-notes'],
] as const
const PSYCHOTHERAPY = ['hipaa', 'psychotherapy', 'therapy']
const COUNSELING = ['counseling']
const ALL = [...PSYCHOTHERAPY, ...COUNSELING]

function ids(reply: Reply): string[] {
  if (reply.status !== 200) throw new Error(reply.text)
  return (reply.json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
}

/** Those of the notes kept apart that an answer has, on all of its pages. */
async function notes({ ask }: TestServer, line: string): Promise<string[]> {
  const found: string[] = []
  for (let next: string | undefined = line; next !== undefined; ) {
    const reply: Reply = await ask(`GET ${next}`)
    found.push(...ids(reply))
    const url: string | undefined = reply.json.link.find(
      ({ relation }: { relation: string }) => relation === 'next',
    )?.url
    next = url?.slice(BASE.length + 1)
  }
  return [...new Set(found.filter((id) => (ALL as readonly string[]).includes(id)))].toSorted()
}

/** One patient's record: an encounter, plain observations, and notes of each label. */
async function practice(server: TestServer): Promise<TestServer> {
  const put = async (resource: JsonObject & { resourceType: string; id: string }) => {
    const reply = await server.ask(`PUT ${resource.resourceType}/${resource.id}`, resource)
    if (reply.status !== 201) throw new Error(reply.text)
  }
  await put({ resourceType: 'Patient', id: 'p' })
  await put({ resourceType: 'Practitioner', id: 'doc' })
  await put({
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { system: ACT_CODE, code: 'AMB' },
    subject: { reference: 'Patient/p' },
  })
  const observation = (id: string, more: JsonObject = {}) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'note' },
    subject: { reference: 'Patient/p' },
    encounter: { reference: 'Encounter/e' },
    performer: [{ reference: 'Practitioner/doc' }],
    ...more,
  })
  for (const [id, system, code] of LABELS)
    await put(observation(id, { meta: { security: [{ system, code }] } }))
  for (const id of ['plain-1', 'plain-2', 'plain-3'])
    await put(
      observation(id, {
        meta: { security: [{ system: ACT_CODE, code: 'SUD' }] },
        hasMember: ALL.map((note) => ({ reference: `Observation/${note}` })),
      }),
    )
  return server
}

/** On the store of arrays and on the real one. */
function onEachStore(name: string, work: (t: Test, server: TestServer) => Promise<void>): void {
  t.test(`${name}, on arrays`, async (t) => work(t, await practice(startServer(t))))
  t.test(`${name}, on SQLite`, async (t) => work(t, await practice(await startSqliteServer(t))))
}

const WHOLE = ['Patient/p/$everything', 'Patient/$everything', 'Encounter/e/$everything']
const COMPARTMENTS = [
  'Patient/p/*',
  'Patient/p/Observation',
  'Encounter/e/Observation',
  'Encounter/e/*',
  'Practitioner/doc/Observation',
]

onEachStore('left out unless named', async (t, server) => {
  for (const path of [...WHOLE, ...COMPARTMENTS]) {
    t.same(await notes(server, path), [], path)
    t.same(await notes(server, `${path}?_count=2`), [], `${path} in pages`)
    for (const [id, system, code] of LABELS)
      for (const name of [code, `${system}|${code}`]) {
        const kind = id === 'counseling' ? COUNSELING : PSYCHOTHERAPY
        // A search is narrowed by its criterion too.
        const expected = WHOLE.includes(path) ? kind : [id]
        for (const query of [`_security=${encodeURIComponent(name)}`, `_count=2&_security=${name}`])
          t.same(await notes(server, `${path}?${query}`), expected, `${path}?${query}`)
      }
    const everyKind = `${path}?_security=PSYTHPN,HIPAAPsyNotes,psychotherapy-notes,sud-counseling-notes`
    t.same(await notes(server, everyKind), ALL.toSorted(), everyKind)
  }
  for (const path of WHOLE) {
    const everything = ids(await server.ask(`GET ${path}?_security=sud-counseling-notes`))
    t.ok(everything.includes('plain-1') && everything.includes('e'), `${path}: beside all else`)
    const named = `${path}?_security=PSYTHPN&_security=sud-counseling-notes`
    t.same(await notes(server, named), ALL.toSorted(), named)
  }
})

onEachStore('what does not name them does not bring them', async (t, server) => {
  for (const path of COMPARTMENTS)
    for (const query of [
      '_security:not=SUD',
      '_security:not=PSYTHPN',
      '_security:not=sud-counseling-notes',
      '_security=SUD',
      `_security=${ACT_CODE}|`,
      `_security=${NOTE_KINDS}|`,
      '_security=|PSYTHPN',
      '_security:missing=false',
      String.raw`_security=x\,PSYTHPN`,
      `_id=${ALL.join(',')}`,
    ])
      t.same(await notes(server, `${path}?${query}`), [], `${path}?${query}`)
})

onEachStore('not as an include, nor through one', async (t, server) => {
  for (const query of [
    '_include=Observation:has-member',
    '_include=*',
    '_include:iterate=Observation:has-member',
    '_revinclude=Observation:has-member',
    '_revinclude=*',
  ]) {
    t.same(await notes(server, `Patient/p/*?${query}`), [], query)
    t.same(
      await notes(server, `Patient/p/Observation?${query}&_security=SUD,sud-counseling-notes`),
      COUNSELING,
      `${query}, one kind by name`,
    )
  }
  for (const query of [
    '_revinclude=Observation:encounter',
    '_revinclude=*',
    '_revinclude=Observation:encounter&_include:iterate=Observation:has-member',
  ]) {
    const path = `Patient/p/Encounter?${query}`
    t.same(await notes(server, path), [], path)
    t.ok(ids(await server.ask(`GET ${path}`)).includes('plain-1'), `${path} includes others`)
  }
  t.equal(ids(await server.ask('GET Observation?has-member:Observation._id=therapy')).length, 3)
  t.same(
    ids(await server.ask('GET Patient/p/Observation?has-member:Observation._id=therapy')),
    [],
    'nor is anything found by them',
  )
})

onEachStore('totals do not count them', async (t, server) => {
  const total = async (line: string): Promise<number> => (await server.ask(`GET ${line}`)).json.total
  t.equal(await total('Patient/p/Observation?_total=accurate&_count=1'), 3)
  t.equal(await total('Patient/p/Observation?_summary=count'), 3)
  t.equal(await total('Patient/p/Observation?_summary=count&_security=PSYTHPN'), 1)
  t.equal(await total('Patient/p/*?_summary=count'), 5)
  t.equal(await total('Patient/p/$everything?_count=0'), 5)
  t.equal(await total('Patient/p/$everything?_count=0&_security=sud-counseling-notes'), 6)
  t.equal(await total('Patient/p/$everything?_count=0&_security=HIPAAPsyNotes'), 8)
})

onEachStore('by POST and in batches', async (t, { ask }) => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(ids(await ask('POST Patient/p/Observation/_search', '', form)).length, 3)
  t.same(ids(await ask('POST Patient/p/Observation/_search', '_security=PSYTHPN', form)), ['therapy'])
  const asked = await ask('POST Patient/p/$everything', {
    resourceType: 'Parameters',
    parameter: [
      { name: '_type', valueCode: 'Observation' },
      { name: '_security', valueCoding: { system: NOTE_KINDS, code: 'sud-counseling-notes' } },
    ],
  })
  t.same(ids(asked).toSorted(), ['counseling', 'plain-1', 'plain-2', 'plain-3'])
  for (const type of ['batch', 'transaction']) {
    const reply = await ask('POST ', {
      resourceType: 'Bundle',
      type,
      entry: ['Patient/p/Observation', 'Patient/p/$everything?_type=Observation'].map((url) => ({
        request: { method: 'GET', url },
      })),
    })
    t.same(
      reply.json.entry.map(
        ({ resource }: { resource: { entry: readonly unknown[] } }) => resource.entry.length,
      ),
      [3, 3],
      type,
    )
  }
})

onEachStore('they are there for whoever asks for them otherwise', async (t, server) => {
  t.same(await notes(server, 'Observation?patient=p'), ALL.toSorted())
  for (const id of ALL) t.equal((await server.ask(`GET Observation/${id}`)).status, 200)
})

onEachStore('links of pages hold for what they were made for alone', async (t, { ask }) => {
  for (const path of ['Patient/p/$everything', 'Patient/p/Observation']) {
    const { json } = await ask(`GET ${path}?_count=1`)
    const next = json.link.find(({ relation }: { relation: string }) => relation === 'next').url as string
    t.equal((await ask(`GET ${next.slice(BASE.length + 1)}`)).status, 200)
    const other = await ask(`GET ${next.slice(BASE.length + 1)}&_security=PSYTHPN`)
    t.equal(other.status, 400, other.text)
    t.equal(other.json.issue[0].expression[0], 'http._cursor')
  }
})

t.test('$everything takes no other labels', async (t) => {
  const { ask } = await practice(startServer(t))
  for (const value of ['HIV', `${ACT_CODE}|SUD`, 'PSYTHPN,SUD', `${ACT_CODE}|`, '']) {
    const reply = await ask(`GET Patient/p/$everything?_security=${encodeURIComponent(value)}`)
    t.equal(reply.status, 400, value)
    t.equal(reply.json.issue[0].expression[0], 'http._security', value)
    for (const { labels } of NOTES_KEPT_APART)
      for (const { code } of labels) t.ok(reply.json.issue[0].diagnostics.includes(code), code)
  }
  t.equal((await ask('GET Patient/p/$everything?_security:not=PSYTHPN')).status, 400)
  t.equal((await ask('GET Patient/never/$everything?_security=PSYTHPN')).status, 404)
})
