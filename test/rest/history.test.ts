// history of an instance, a type and the system.
import t from 'tap'
import { BASE, startServer, type Reply, type TestServer } from './server.ts'

function story(reply: Reply): string[] {
  return (reply.json.entry ?? []).map(
    ({
      request,
      response,
    }: {
      request: { method: string; url: string }
      response: { status: string; etag: string }
    }) => `${request.method} ${request.url} ${response.status} ${response.etag}`,
  )
}

async function live({ ask, tick }: TestServer): Promise<void> {
  const steps: readonly (readonly [string, object?])[] = [
    ['POST Patient', { resourceType: 'Patient' }],
    ['PUT Patient/id-1', { resourceType: 'Patient', id: 'id-1', active: true }],
    ['PUT Group/g', { resourceType: 'Group', id: 'g', type: 'person', actual: true }],
    ['DELETE Patient/id-1'],
    ['PUT Patient/id-1', { resourceType: 'Patient', id: 'id-1', active: false }],
  ]
  for (const [line, body] of steps) {
    await ask(line, body)
    tick(10_000)
  }
}

const ALL = [
  'PUT Patient/id-1 201 W/"4"',
  'DELETE Patient/id-1 204 W/"3"',
  'PUT Group/g 201 W/"1"',
  'PUT Patient/id-1 200 W/"2"',
  'POST Patient 201 W/"1"',
]
const PATIENTS = ALL.filter((line) => line.includes('Patient'))

t.test('newest first, deletions without a resource', async (t) => {
  const server = startServer(t)
  await live(server)
  t.same(story(await server.ask('GET _history')), ALL)
  t.same(story(await server.ask('GET Patient/_history')), PATIENTS)
  const reply = await server.ask('GET Patient/id-1/_history')
  t.same(story(reply), PATIENTS)
  t.equal(reply.json.type, 'history')
  t.equal(reply.json.total, 4)
  t.notOk('resource' in reply.json.entry[1])
  t.equal(reply.json.entry[0].fullUrl, `${BASE}/Patient/id-1`)
  t.equal(reply.json.entry[0].resource.meta.versionId, '4')
  t.equal(reply.json.entry[1].response.lastModified, '2026-01-31T08:00:30.123Z')
  t.ok(reply.text.includes(`"resource":${(await server.ask('GET Patient/id-1/_history/2')).text}`))
})

t.test('a patch is told as one', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p' })
  await ask('PATCH Patient/p', [{ op: 'add', path: '/active', value: true }], {
    'content-type': 'application/json-patch+json',
  })
  t.same(story(await ask('GET Patient/p/_history')), ['PATCH Patient/p 200 W/"2"', 'PUT Patient/p 201 W/"1"'])
})

t.test('limits', async (t) => {
  const server = startServer(t)
  await live(server)
  for (const [query, lines] of [
    ['_since=2026-01-31T08:00:30.123Z', ALL.slice(0, 2)],
    ['_since=2026-01-31T08:00:30.124Z', ALL.slice(0, 1)],
    ['_since=2026-01-31T09:00:20.123%2B01:00', ALL.slice(0, 3)],
    ['_since=2027-01-01T00:00:00Z', []],
    ['_at=2026-01-31T08:00:15Z', ['PUT Patient/id-1 200 W/"2"']],
    ['_at=2026', ALL],
    ['_count=0', []],
  ] as const) {
    const reply = await server.ask(`GET _history?${query}`)
    t.equal(reply.status, 200, `${query} ${reply.text}`)
    t.same(story(reply), lines, query)
  }
  for (const query of [
    '_since=2026',
    '_since=x',
    '_at=2026-02-30',
    '_count=x',
    '_count=-1',
    '_count=1&_count=2',
    'name=x',
    '_sort=_lastUpdated',
    '_since=2026-01-31T08:00:30+01:00',
  ]) {
    const reply = await server.ask(`GET Patient/_history?${query}`)
    t.equal(reply.status, 400, query)
    t.equal(reply.json.issue[0].expression[0], `http.${query.split('=')[0]}`, query)
  }
  t.equal(
    (await server.ask('GET Patient/_history?name=x', undefined, { prefer: 'handling=lenient' })).status,
    200,
  )
})

t.test('pages', async (t) => {
  const server = startServer(t)
  await live(server)
  for (const path of ['_history', 'Patient/_history', 'Patient/id-1/_history']) {
    const seen: string[] = []
    let line: string | undefined = `GET ${path}?_count=2`
    for (let page = 0; line !== undefined && page < 9; page++) {
      const reply: Reply = await server.ask(line)
      t.equal(reply.status, 200)
      seen.push(...story(reply))
      const next = reply.json.link.find(({ relation }: { relation: string }) => relation === 'next')?.url
      line = next === undefined ? undefined : `GET ${next.slice(BASE.length + 1)}`
    }
    t.same(seen, path === '_history' ? ALL : PATIENTS, path)
  }
  const first = await server.ask('GET Patient/_history?_count=2')
  const next: string = first.json.link.find(({ relation }: { relation: string }) => relation === 'next').url
  t.equal(
    (await server.ask(`GET ${next.slice(BASE.length + 1).replace('Patient/', '')}`)).status,
    400,
    'another scope',
  )
})

t.test('an instance that never was, and one that is gone', async (t) => {
  const { ask } = startServer(t)
  t.equal((await ask('GET Patient/none/_history')).status, 404)
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p' })
  await ask('DELETE Patient/p')
  const gone = await ask('GET Patient/p/_history')
  t.equal(gone.status, 200)
  t.equal(gone.json.total, 2)
  t.same(story(await ask('GET Group/_history')), [])
})
