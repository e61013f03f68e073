// search of a type: Bundles, links, pages and their sealed cursors, totals, POST _search.
import t from 'tap'
import { createPageLinks } from '../../src/rest/index.ts'
import { BASE, startServer, type Reply, type TestServer } from './server.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function fill({ ask, tick }: TestServer, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await ask(`PUT Patient/p${n}`, { resourceType: 'Patient', id: `p${n}`, name: [{ family: `Family${n}` }] })
    tick(1000)
  }
}

function link(reply: Reply, relation: string): string | undefined {
  return reply.json.link.find((entry: { relation: string }) => entry.relation === relation)?.url
}

function ids(reply: Reply): string[] {
  return (reply.json.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id)
}

/** A page link as `ask` takes it. */
function follow(url: string | undefined): string {
  return `GET ${url?.slice(BASE.length + 1)}`
}

t.test('a searchset is spliced from the stored bytes', async (t) => {
  const server = startServer(t)
  await fill(server, 2)
  const reply = await server.ask('GET Patient?family=family1')
  t.equal(reply.status, 200)
  t.equal(reply.headers['content-type'], 'application/fhir+json; charset=utf-8')
  const stored = await server.ask('GET Patient/p1')
  t.ok(reply.text.includes(`"resource":${stored.text}`))
  t.same(reply.json, {
    resourceType: 'Bundle',
    type: 'searchset',
    timestamp: '2026-01-31T08:00:02.123Z',
    total: 1,
    link: [
      { relation: 'self', url: `${BASE}/Patient?family=family1` },
      { relation: 'first', url: `${BASE}/Patient?family=family1` },
    ],
    entry: [{ fullUrl: `${BASE}/Patient/p1`, resource: stored.json, search: { mode: 'match' } }],
  })
  const none = await server.ask('GET Patient?family=nobody')
  t.equal(none.json.total, 0)
  t.notOk('entry' in none.json, 'FHIR has no empty arrays')
})

t.test('pages', async (t) => {
  const server = startServer(t)
  await fill(server, 7)
  for (const size of [1, 2, 3, 7, 8]) {
    const seen: string[] = []
    let reply = await server.ask(`GET Patient?_sort=_lastUpdated&_count=${size}`)
    t.equal(reply.json.total, size >= 7 ? 7 : undefined, 'a total when it costs nothing')
    for (let page = 0; page < 20; page++) {
      t.equal(reply.status, 200)
      t.ok(ids(reply).length <= size)
      seen.push(...ids(reply))
      t.equal(link(reply, 'first'), `${BASE}/Patient?_sort=_lastUpdated&_count=${size}`)
      const next = link(reply, 'next')
      if (next === undefined) break
      const following = await server.ask(follow(next))
      t.equal(link(following, 'self'), next, 'self is the page itself')
      reply = following
    }
    t.same(seen, ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'], `pages of ${size}`)
  }
  t.equal((await server.ask('GET Patient?_count=2&_total=accurate')).json.total, 7)
  const countOnly = await server.ask('GET Patient?_count=0&_total=accurate')
  t.equal(countOnly.json.total, 7)
  t.same(ids(countOnly), [])
})

t.test('a page has 20 matches unless said, and 1000 at most', async (t) => {
  const server = startServer(t)
  await fill(server, 25)
  t.equal(ids(await server.ask('GET Patient')).length, 20)
  t.equal(ids(await server.ask('GET Patient?_count=24')).length, 24)
  t.equal((await server.ask('GET Patient?_count=5000')).status, 200)
  t.equal((await server.ask('GET Patient?_count=-1')).status, 400)
  t.equal((await server.ask('GET Patient?_count=x')).status, 400)
})

t.test('a cursor holds for its own search alone', async (t) => {
  const server = startServer(t)
  await fill(server, 4)
  const first = await server.ask('GET Patient?_count=2')
  const next = new URL(link(first, 'next') as string)
  const cursor = next.searchParams.get('_cursor') as string
  t.equal((await server.ask(follow(next.href))).status, 200)
  const broken = [
    `Patient?_count=2&_cursor=${cursor.slice(0, -2)}AA`,
    `Patient?_count=2&_cursor=A${cursor.slice(1)}`,
    `Patient?_count=2&_cursor=${cursor}A`,
    `Patient?_count=2&_cursor=`,
    `Patient?_count=2&_cursor=.`,
    `Patient?_count=3&_cursor=${cursor}`,
    `Patient?_count=2&family=f&_cursor=${cursor}`,
    `Practitioner?_count=2&_cursor=${cursor}`,
    `Patient?_count=2&_cursor=${cursor}&_cursor=${cursor}`,
    `Patient/_history?_count=2&_cursor=${cursor}`,
  ]
  for (const path of broken) {
    const reply = await server.ask(`GET ${path}`)
    t.equal(reply.status, 400, path)
    t.match(reply.json.issue[0].diagnostics, /_cursor/, path)
  }
  const history = await server.ask('GET Patient/_history?_count=2')
  const historyCursor = new URL(link(history, 'next') as string).searchParams.get('_cursor')
  t.equal((await server.ask(`GET Patient?_count=2&_cursor=${historyCursor}`)).status, 400)
})

t.test('a seal is of scope, cursor and secret', async (t) => {
  const links = createPageLinks(Buffer.alloc(32, 1))
  const sealed = links.seal('scope', 'cursor')
  t.equal(links.open('scope', sealed), 'cursor')
  t.throws(() => links.open('scope2', sealed), { code: 'invalid-search' })
  t.throws(() => createPageLinks(Buffer.alloc(32, 2)).open('scope', sealed), { code: 'invalid-search' })
  t.not(links.seal('ab', 'c'), links.seal('a', 'bc'))
})

t.test('POST _search', async (t) => {
  const server = startServer(t)
  await fill(server, 3)
  const reply = await server.ask('POST Patient/_search?_count=1', 'family=family&_sort=-_lastUpdated', FORM)
  t.equal(reply.status, 200)
  t.same(ids(reply), ['p3'])
  t.match(link(reply, 'self'), /\/Patient\?.*family=family/, 'links are of GET')
  t.same(ids(await server.ask(follow(link(reply, 'next')))), ['p2'])
  t.equal((await server.ask('POST Patient/_search', 'family=x&foo=1', FORM)).status, 400)
  t.equal((await server.ask('POST Patient/_search', { family: 'x' })).status, 415)
  t.equal((await server.ask('POST Patient/_search')).json.total, 3, 'no parameters at all')
  t.equal((await server.ask('POST Patient', 'family=x', FORM)).status, 415)
  const encoded = await server.ask('POST Patient/_search', 'family=F%61mily1+', FORM)
  t.same(ids(encoded), ['p1'])
})

t.test('unknown and malformed parameters', async (t) => {
  const server = startServer(t)
  await fill(server, 2)
  const strict = await server.ask('GET Patient?famly=x&birthdate=never')
  t.equal(strict.status, 400)
  t.equal(strict.json.issue.length, 2)
  t.match(strict.json.issue[0].diagnostics, /famly/)
  t.match(strict.json.issue[1].diagnostics, /birthdate/)
  const lenient = await server.ask('GET Patient?famly=x&family=family2', undefined, {
    prefer: 'handling=lenient',
  })
  t.equal(lenient.status, 200)
  t.same(ids(lenient), ['p2'])
  t.equal(link(lenient, 'self'), `${BASE}/Patient?family=family2`, 'self shows what was really used')
})

t.test('includes', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p' })
  for (const id of ['a', 'b'])
    await ask(`PUT Observation/${id}`, {
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/p' },
    })
  const reply = await ask('GET Observation?_include=Observation:subject')
  t.equal(reply.json.total, 2, 'included resources do not count')
  t.same(
    reply.json.entry.map((entry: { search: { mode: string } }) => entry.search.mode),
    ['match', 'match', 'include'],
  )
  t.equal(reply.json.entry[2].fullUrl, `${BASE}/Patient/p`)
})
