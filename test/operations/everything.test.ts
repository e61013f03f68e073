// $everything: the compartment and what supports it, by care date, type and time, in pages; and nobody else's record.
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { careDateParameters } from '../../src/operations/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { BASE, startServer, type Reply, type TestServer } from '../rest/server.ts'

function names(reply: Reply): string[] {
  return (reply.json.entry ?? [])
    .map(
      ({ resource }: { resource: { resourceType: string; id: string } }) =>
        `${resource.resourceType}/${resource.id}`,
    )
    .toSorted()
}

function modes(reply: Reply, mode: string): string[] {
  return (reply.json.entry ?? [])
    .filter(({ search }: { search: { mode: string } }) => search.mode === mode)
    .map(
      ({ resource }: { resource: { resourceType: string; id: string } }) =>
        `${resource.resourceType}/${resource.id}`,
    )
    .toSorted()
}

function link(reply: Reply, relation: string): string | undefined {
  return reply.json.link.find((entry: { relation: string }) => entry.relation === relation)?.url
}

const CODE = { coding: [{ system: 'urn:c', code: 'x' }] }
const AMBULATORY = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }

/** Two patients; their records refer to shared supporters, and once to each other. */
async function practice(t: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = startServer(t)
  const put = async (resource: { resourceType: string; id: string } & Record<string, unknown>) => {
    const { resourceType, id } = resource
    const reply = await server.ask(`PUT ${resourceType}/${id}`, resource)
    if (reply.status !== 201) throw new Error(reply.text)
    server.tick(1000)
  }
  await put({ resourceType: 'Organization', id: 'org', name: 'Practice' })
  await put({ resourceType: 'Practitioner', id: 'doc' })
  await put({ resourceType: 'Medication', id: 'med' })
  await put({ resourceType: 'Patient', id: 'a', managingOrganization: { reference: 'Organization/org' } })
  await put({ resourceType: 'Patient', id: 'b' })
  for (const [id, patient, period] of [
    ['ea', 'a', { start: '2024-01-10', end: '2024-01-20' }],
    ['eb', 'b', { start: '2024-06-01', end: '2024-06-02' }],
  ] as const)
    await put({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: AMBULATORY,
      subject: { reference: `Patient/${patient}` },
      participant: [{ individual: { reference: 'Practitioner/doc' } }],
      period,
    })
  for (const [id, patient, when] of [
    ['o1', 'a', '2024-01-15'],
    ['o2', 'a', '2024-03-15'],
    ['o3', 'b', '2024-06-01'],
  ] as const)
    await put({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: CODE,
      subject: { reference: `Patient/${patient}` },
      encounter: { reference: `Encounter/e${patient}` },
      effectiveDateTime: when,
    })
  await put({
    resourceType: 'MedicationRequest',
    id: 'mr',
    status: 'active',
    intent: 'order',
    medicationReference: { reference: 'Medication/med' },
    subject: { reference: 'Patient/a' },
    authoredOn: '2024-02-01',
  })
  // A is named in a letter about B: A's record has the letter, and not B's.
  await put({
    resourceType: 'Communication',
    id: 'letter',
    status: 'completed',
    subject: { reference: 'Patient/b' },
    recipient: [{ reference: 'Patient/a' }],
  })
  return server
}

t.test('of one Patient', async (t) => {
  const { ask } = await practice(t)
  const reply = await ask('GET Patient/a/$everything')
  t.equal(reply.status, 200)
  t.equal(reply.json.type, 'searchset')
  t.same(modes(reply, 'match'), [
    'Communication/letter',
    'Encounter/ea',
    'MedicationRequest/mr',
    'Observation/o1',
    'Observation/o2',
    'Patient/a',
  ])
  t.same(modes(reply, 'include'), ['Medication/med', 'Organization/org', 'Practitioner/doc'])
  t.equal(link(reply, 'self'), `${BASE}/Patient/a/$everything`)
  t.equal(link(reply, 'next'), undefined)
  const posted = await ask('POST Patient/a/$everything', {
    resourceType: 'Parameters',
    parameter: [{ name: '_type', valueCode: 'Observation' }],
  })
  t.same(names(posted), ['Observation/o1', 'Observation/o2'])
})

t.test('by type, care date and time of writing', async (t) => {
  const { ask } = await practice(t)
  const found = async (query: string) => names(await ask(`GET Patient/a/$everything?${query}`))
  t.same(await found('_type=Observation,Practitioner'), ['Observation/o1', 'Observation/o2'])
  t.same(await found('_type=Encounter&_type=Practitioner'), ['Encounter/ea', 'Practitioner/doc'])
  t.same(await found('_type=Observation&start=2024-02'), ['Observation/o2'])
  t.same(await found('_type=Observation,Encounter,MedicationRequest&end=2024-01'), [
    'Encounter/ea',
    'Observation/o1',
  ])
  t.same(
    await found('_type=Encounter&start=2024-01-15'),
    ['Encounter/ea'],
    'a stay that reaches into the period',
  )
  t.same(await found('_type=Encounter&start=2024-01-21'), [])
  t.ok((await found('start=2030')).includes('Patient/a'), 'what has no date is in scope')
  t.same(await found('_since=2026-01-31T08:00:10.123Z&_type=Communication,MedicationRequest,Observation'), [
    'Communication/letter',
    'MedicationRequest/mr',
  ])
})

t.test('pages show one moment, each resource of the compartment once', async (t) => {
  const { ask } = await practice(t)
  const whole = modes(await ask('GET Patient/a/$everything'), 'match')
  const seen: string[] = []
  let reply = await ask('GET Patient/a/$everything?_count=2')
  for (let page = 0; page < 10; page++) {
    seen.push(...modes(reply, 'match'))
    const next = link(reply, 'next')
    if (next === undefined) break
    if (page === 0) {
      await ask('DELETE Observation/o1')
      await ask('PUT Communication/new', {
        resourceType: 'Communication',
        id: 'new',
        status: 'completed',
        subject: { reference: 'Patient/a' },
      })
    }
    reply = await ask(`GET ${next.slice(BASE.length + 1)}`)
    t.equal(reply.status, 200)
  }
  t.same(seen.toSorted(), whole)
  t.equal((await ask('GET Patient/a/$everything?_summary=count')).json.total, whole.length)
})

t.test('of every Patient, and of an Encounter', async (t) => {
  const { ask } = await practice(t)
  t.same(modes(await ask('GET Patient/$everything'), 'match'), [
    'Communication/letter',
    'Encounter/ea',
    'Encounter/eb',
    'MedicationRequest/mr',
    'Observation/o1',
    'Observation/o2',
    'Observation/o3',
    'Patient/a',
    'Patient/b',
  ])
  const encounter = await ask('GET Encounter/ea/$everything')
  t.same(modes(encounter, 'match'), ['Encounter/ea', 'Observation/o1', 'Observation/o2'])
  t.same(modes(encounter, 'include'), ['Patient/a', 'Practitioner/doc'])
})

t.test('what is refused', async (t) => {
  const { ask } = await practice(t)
  for (const [line, status, says] of [
    ['GET Patient/none/$everything', 404, 'not known'],
    ['GET Patient/a/$everything?_type=Patiant', 400, 'Did you mean Patient?'],
    ['GET Patient/a/$everything?start=soon', 400, 'date'],
    ['GET Patient/a/$everything?_since=2024', 400, 'instant'],
    ['GET Patient/a/$everything?_cuont=1', 400, "Did you mean '_count'"],
    ['GET Patient/a/$everything?_count=-1', 400, 'whole number'],
    ['GET Patient/a/$everything?start=2024&start=2025', 400, 'more than once'],
    ['GET Encounter/ea/$everything?start=2024', 400, 'not known here'],
    ['GET Patient/a/$everything?_cursor=nonsense', 400, '_cursor'],
  ] as const) {
    const reply = await ask(line)
    t.equal(reply.status, status, line)
    t.ok(reply.text.includes(says), `${line}: ${reply.text}`)
  }
  t.equal(
    (await ask('GET Patient/a/$everything?_cuont=1', undefined, { prefer: 'handling=lenient' })).status,
    200,
  )
  await ask('DELETE Patient/b')
  t.equal((await ask('GET Patient/b/$everything')).status, 410)
})

t.test('care dates are date parameters of their types', async (t) => {
  const search = createSearch({ definitions: loadDefinitions(), baseUrl: BASE })
  for (const [type, params] of Object.entries(careDateParameters()))
    for (const param of params) t.equal(search.parameters(type).get(param)?.type, 'date', `${type}.${param}`)
})
