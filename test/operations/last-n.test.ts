// Observation/$lastn: the newest of each code, codes joined by their codings, ties kept.
import t from 'tap'
import { startServer, type Reply } from '../rest/server.ts'

function ids(reply: Reply): string[] {
  return (reply.json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id)
}

const VITAL = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
}

interface Told {
  readonly codes?: readonly string[]
  readonly text?: string
  readonly when?: string
  readonly patient?: string
}

async function observe(
  { ask }: ReturnType<typeof startServer>,
  observations: Readonly<Record<string, Told>>,
): Promise<void> {
  for (const id of ['p', 'q']) await ask(`PUT Patient/${id}`, { resourceType: 'Patient', id })
  for (const [id, { codes, text, when, patient = 'p' }] of Object.entries(observations)) {
    const reply = await ask(`PUT Observation/${id}`, {
      resourceType: 'Observation',
      id,
      status: 'final',
      category: [VITAL],
      code: {
        ...(codes === undefined ? {} : { coding: codes.map((code) => ({ system: 'urn:c', code })) }),
        ...(text === undefined ? {} : { text }),
      },
      subject: { reference: `Patient/${patient}` },
      ...(when === undefined ? {} : { effectiveDateTime: when }),
    })
    if (reply.status !== 201) throw new Error(reply.text)
  }
}

t.test('the newest of each code, of this subject', async (t) => {
  const server = startServer(t)
  await observe(server, {
    a1: { codes: ['a'], when: '2024-01-01' },
    a3: { codes: ['a'], when: '2024-03-01' },
    a2: { codes: ['a'], when: '2024-02-01' },
    b1: { codes: ['b'], when: '2024-01-15' },
    other: { codes: ['a'], when: '2024-09-01', patient: 'q' },
  })
  const query = 'GET Observation/$lastn?patient=p&category=vital-signs'
  t.same(ids(await server.ask(query)), ['a3', 'b1'])
  t.same(ids(await server.ask(`${query}&max=2`)), ['a3', 'a2', 'b1'])
  t.same(ids(await server.ask(`${query}&max=10`)), ['a3', 'a2', 'a1', 'b1'])
  t.same(ids(await server.ask(`${query}&date=lt2024-03`)), ['a2', 'b1'])
  t.same(ids(await server.ask('GET Observation/$lastn?subject=Patient/p&code=urn:c|b')), ['b1'])
  t.same(ids(await server.ask('GET Observation/$lastn?patient=none&code=b')), [])
  const posted = await server.ask('POST Observation/$lastn', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueReference: { reference: 'Patient/p' } },
      { name: 'code', valueCoding: { system: 'urn:c', code: 'a' } },
      { name: 'max', valuePositiveInt: 1 },
    ],
  })
  t.same(ids(posted), ['a3'])
})

t.test('codes are equal by their codings, transitively; texts only as they are written', async (t) => {
  const groups = async (observations: Readonly<Record<string, Told>>): Promise<number> => {
    const fresh = startServer(t)
    await observe(fresh, observations)
    return ids(await fresh.ask('GET Observation/$lastn?patient=p&category=vital-signs')).length
  }
  t.equal(await groups({ 1: { codes: ['a'] }, 2: { codes: ['b'] }, 3: { codes: ['c'] } }), 3)
  t.equal(await groups({ 1: { codes: ['a'] }, 2: { codes: ['b'] }, 3: { codes: ['a', 'c'] } }), 2)
  t.equal(await groups({ 1: { codes: ['a'] }, 2: { codes: ['b'] }, 3: { codes: ['a', 'b'] } }), 1)
  t.equal(await groups({ 1: { text: 'textM' }, 2: { text: 'Text' }, 3: { text: 't e x t' } }), 3)
})

t.test('what ties with the last comes too', async (t) => {
  const server = startServer(t)
  await observe(server, {
    x: { codes: ['a'], when: '2024-01-01T10:00:00Z' },
    y: { codes: ['a'], when: '2024-01-01T12:00:00+02:00' },
    z: { codes: ['a'], when: '2024-01-01T09:00:00Z' },
  })
  const query = 'GET Observation/$lastn?patient=p&code=a'
  t.same(ids(await server.ask(query)).toSorted(), ['x', 'y'])
  t.same(ids(await server.ask(`${query}&max=2`)).toSorted(), ['x', 'y'])
  t.same(ids(await server.ask(`${query}&max=3`)).toSorted(), ['x', 'y', 'z'])
})

t.test('what is refused', async (t) => {
  const { ask } = startServer(t)
  for (const [query, says] of [
    ['code=a', 'subject'],
    ['patient=p', 'category'],
    ['patient=p&code=a&max=0', 'max'],
    ['patient=p&code=a&_sort=date', '_sort'],
    ['patient=p&code=a&nonsense=1', 'nonsense'],
  ] as const) {
    const reply = await ask(`GET Observation/$lastn?${query}`)
    t.equal(reply.status, 400, query)
    t.ok(reply.text.includes(says), reply.text)
  }
})
