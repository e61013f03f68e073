// More than the server can do, and clients that are greedy or slow: others are served, nothing grows or waits without end.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Asker, Store } from '../../src/store/index.ts'
import { startServer, type TestServer } from '../rest/server.ts'

t.setTimeout(120_000)

const GREEDY = '127.0.0.2'
const MODEST = '127.0.0.3'

async function listen({ app }: TestServer): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

async function open(port: number, sent: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  await once(socket, 'connect')
  if (sent !== '') socket.write(sent)
  return socket
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const LAST = 'Connection: close\r\n'

const statuses = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))

const ask = async (port: number, path: string, localAddress?: string): Promise<string> =>
  text(await open(port, get(path, LAST), localAddress))

async function metric(server: TestServer, name: string): Promise<number> {
  const { text: all } = await server.ask('GET /metrics')
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(all)?.[1])
}

/** Waits as long as it takes; the test's own timeout bounds it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A store whose reads of `Patient/slow` wait until they are let go. */
function gated(): { wrap: (store: Store) => Store; release: () => void; arrived: () => number } {
  const gate = Promise.withResolvers<void>()
  let arrived = 0
  return {
    wrap: (store) => ({
      ...store,
      read: async (key, access) => {
        if (key.id === 'slow') {
          arrived++
          await gate.promise
        }
        return store.read(key, access)
      },
    }),
    release: () => gate.resolve(),
    arrived: () => arrived,
  }
}

t.test('requests of one connection are done one after another', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap })
  const port = await listen(server)
  const body = '{"resourceType":"Patient","id":"p"}'
  const put = `PUT /fhir/Patient/p HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const socket = await open(
    port,
    get('/fhir/Patient/slow') + put + get('/fhir/Patient/p') + get('/fhir/Patient/p', LAST),
  )
  const answers = text(socket)
  await until(() => gate.arrived() === 1)
  t.equal((await server.ask('GET Patient/p')).status, 404, 'what is sent ahead has not begun')
  t.equal(await metric(server, 'alcove_http_in_flight'), 4)
  gate.release()
  t.same(statuses(await answers), [404, 201, 200, 200], 'each sees what those before it did')
  t.equal(await metric(server, 'alcove_http_in_flight'), 0)
})

t.test('one that announces a body of nothing takes its place before it is read', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap, http: { limits: { maxInFlight: 4 } } })
  const port = await listen(server)
  const remove = (more: string): string =>
    `DELETE /fhir/Patient/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: 0\r\n${more}\r\n`
  const socket = await open(port, get('/fhir/Patient/slow') + remove('').repeat(8) + remove(LAST))
  const answers = text(socket)
  await until(() => gate.arrived() === 1)
  await until(async () => (await metric(server, 'alcove_http_refused_total')) === 6)
  t.equal(await metric(server, 'alcove_http_in_flight'), 4)
  gate.release()
  t.same(statuses(await answers).toSorted(), [204, 204, 204, 404, 503, 503, 503, 503, 503, 503])
  t.equal(await metric(server, 'alcove_http_in_flight'), 0, 'and gives back no more than it took')
})

t.test('one that sends without end ahead of its answers', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap, http: { limits: { maxAhead: 8 } } })
  const port = await listen(server)
  const socket = await open(port, get('/fhir/Patient/slow') + get('/fhir/Patient/a').repeat(100))
  await until(() => gate.arrived() === 1)
  await until(async () => (await metric(server, 'alcove_http_in_flight')) === 9)
  t.match(await ask(port, '/fhir/Patient/a'), /^HTTP\/1\.1 404 /, 'others are served')

  socket.destroy()
  await until(async () => (await metric(server, 'alcove_http_in_flight')) === 0)
  t.pass('their places are free when its connection ends')
  const again = await open(
    port,
    get('/fhir/Patient/slow') + get('/fhir/Patient/a').repeat(20) + get('/fhir/Patient/a', LAST),
  )
  const answers = text(again)
  await until(() => gate.arrived() === 2)
  gate.release()
  t.same(
    statuses(await answers),
    [...Array.from({ length: 9 }, () => 404), 503],
    'beyond the bound 503, and the connection ends',
  )
})

t.test('no address takes up all places', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap, http: { limits: { maxInFlight: 64 } } })
  const port = await listen(server)
  const greedy = Array.from({ length: 80 }, () => ask(port, '/fhir/Patient/slow', GREEDY))
  await until(async () => (await metric(server, 'alcove_http_refused_total')) === 32)
  t.equal(await metric(server, 'alcove_http_in_flight'), 48)
  t.match(await ask(port, '/fhir/Patient/a', MODEST), /^HTTP\/1\.1 404 /)
  const refused = await ask(port, '/fhir/Patient/a', GREEDY)
  t.match(refused, /^HTTP\/1\.1 503 /)
  t.match(refused, /^Retry-After: 1\r$/m)
  gate.release()
  const told = (await Promise.all(greedy)).flatMap(statuses)
  t.equal(told.filter((status) => status === 404).length, 48, 'what was accepted is answered')
  t.match(await ask(port, '/fhir/Patient/a', GREEDY), /^HTTP\/1\.1 404 /, 'all is free again')
})

t.test('nor all connections', async (t) => {
  const server = startServer(t, { http: { limits: { maxConnections: 64 } } })
  const port = await listen(server)
  const silent = await Promise.all(Array.from({ length: 200 }, () => open(port, '', GREEDY)))
  await until(async () => (await metric(server, 'alcove_http_connections_refused_total')) === 152)
  t.equal(await metric(server, 'alcove_http_connections'), 48)
  t.match(await ask(port, '/fhir/Patient/a', MODEST), /^HTTP\/1\.1 404 /)
  for (const socket of silent) socket.destroy()
  await until(async () => (await metric(server, 'alcove_http_connections')) === 0)
  t.match(await ask(port, '/fhir/Patient/a', GREEDY), /^HTTP\/1\.1 404 /)
})

t.test('a connection that says nothing ends', async (t) => {
  const server = startServer(t, { http: { limits: { headersTimeoutMs: 100, timeoutCheckMs: 20 } } })
  const port = await listen(server)
  t.match(await text(await open(port, '')), /^HTTP\/1\.1 408 /)
  // One that does not even take that.
  const deaf = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(deaf, 'connect')
  await until(async () => (await metric(server, 'alcove_http_connections')) === 0)
  deaf.destroy()
})

/** So large that no system takes it all for a client that does not read. */
const LARGE = JSON.stringify({
  resourceType: 'Patient',
  id: 'large',
  photo: [{ contentType: 'image/png', data: 'AAAA'.repeat(4 * 1024 * 1024) }],
})

t.test('a client that does not take its answer', async (t) => {
  const server = startServer(t, {
    http: { limits: { sendGraceMs: 50, sendBytesPerSecond: 1024 * 1024 * 1024 } },
  })
  const port = await listen(server)
  t.equal((await server.ask('PUT Patient/large', LARGE)).status, 201)
  const socket = await open(port, get('/fhir/Patient/large'))
  socket.pause()
  await until(async () => (await metric(server, 'alcove_http_slow_clients_total')) === 1)
  t.equal(await metric(server, 'alcove_http_unsent_bytes'), 0, 'its answer is let go')
  socket.resume()
  socket.on('data', () => {})
  await once(socket, 'close')
  t.equal(statuses(await ask(port, '/fhir/Patient/large'))[0], 200, 'one that takes it has it')
})

t.test('answers that nobody takes are bounded, and the greediest pays', async (t) => {
  const server = startServer(t, { http: { limits: { unsentBytes: 40 * 1024 * 1024 } } })
  const port = await listen(server)
  t.equal((await server.ask('PUT Patient/large', LARGE)).status, 201)
  const modest = await open(port, get('/fhir/Patient/large', LAST), MODEST)
  modest.pause()
  await until(async () => (await metric(server, 'alcove_http_unsent_bytes')) > 0)
  const greedy: Socket[] = []
  for (let n = 1; n <= 6; n++) {
    const socket = await open(port, get('/fhir/Patient/large'), GREEDY)
    socket.pause()
    greedy.push(socket)
    await until(async () => {
      const cut = await metric(server, 'alcove_http_slow_clients_total')
      return (
        cut === Math.max(0, n - 1) && (await metric(server, 'alcove_http_unsent_bytes')) > 30 * 1024 * 1024
      )
    })
  }
  t.ok((await metric(server, 'alcove_http_unsent_bytes')) <= 40 * 1024 * 1024)
  modest.resume()
  t.ok((await text(modest)).endsWith('"}]}'), 'the modest one has all of it in the end')
  for (const socket of greedy) socket.destroy()
  await until(async () => (await metric(server, 'alcove_http_unsent_bytes')) === 0)
})

t.test('what cannot be answered in time', async (t) => {
  const askers: Asker[] = []
  const server = startServer(t, {
    http: { limits: { answerTimeoutMs: 50 } },
    wrap: (store) => ({
      ...store,
      search: (_query, _access, asker) => {
        askers.push(asker as Asker)
        return new Promise(() => {})
      },
      commit: (_commit, asker) => {
        askers.push(asker as Asker)
        return new Promise(() => {})
      },
    }),
  })
  // Only a server that listens lasts as long as that.
  await listen(server)
  const read = await server.ask('GET Patient')
  t.equal(read.status, 503)
  t.equal(read.json.issue[0].code, 'timeout')
  t.equal(read.headers['retry-after'], '5')
  const write = await server.ask('POST Patient', { resourceType: 'Patient' })
  t.equal(write.status, 503)
  t.match(write.json.issue[0].diagnostics, /not known/)
  t.same(
    askers.map(({ gone }) => gone),
    [true, true],
    'and the store need not do it any more',
  )
  t.equal(await metric(server, 'alcove_http_in_flight'), 0)
})

t.test('large bodies are worked on a few at a time, and the rest is not begun', async (t) => {
  let atWork = 0
  let most = 0
  const release = Promise.withResolvers<void>()
  const server = startServer(t, {
    wrap: (store) => ({
      ...store,
      commit: async (commit) => {
        most = Math.max(most, ++atWork)
        await release.promise
        atWork--
        return store.commit(commit)
      },
    }),
    http: { limits: { answerTimeoutMs: 3000, largeBodyBytesAtWork: 4_000_000 } },
  })
  const port = await listen(server)
  const body = Buffer.from(
    JSON.stringify({
      resourceType: 'Patient',
      photo: [{ contentType: 'image/png', data: 'AAAA'.repeat(400_000) }],
    }),
  )
  const post = `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n${LAST}\r\n`
  const answers = Array.from({ length: 6 }, async () => {
    const socket = await open(port, post)
    socket.write(body)
    return text(socket)
  })
  const late = (await Promise.all(answers)).filter((answer) =>
    /Nothing of this request was done/.test(answer),
  )
  t.ok(most <= 2, `${most} at a time`)
  t.ok(late.length >= 4, `${late.length} of 6 had to wait too long`)
  t.match(await ask(port, '/fhir/Patient/a'), /^HTTP\/1\.1 404 /, 'what is small is served meanwhile')
  release.resolve()
  await until(async () => (await metric(server, 'alcove_http_waiting')) === 0)
  t.equal((await server.ask('POST Patient', body)).status, 201, 'and there is room again')
})

t.test('a large body that stands behind another request takes no room from others', async (t) => {
  const { wrap, release, arrived } = gated()
  const server = startServer(t, {
    wrap,
    http: { limits: { largeBodyBytesAtWork: 4_000_000, answerTimeoutMs: 20_000 } },
  })
  const read: (() => number)[] = []
  server.app.server.on('connection', (socket: Socket) => read.push(() => socket.bytesRead))
  const port = await listen(server)
  const body = Buffer.alloc(3_000_000, ' ')
  const post = `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n${LAST}\r\n`
  const sent = get('/fhir/Patient/slow') + post
  const sockets: Socket[] = []
  for (let n = 1; n <= 3; n++) {
    const socket = await open(port, sent)
    sockets.push(socket)
    await until(() => arrived() === n)
    socket.write(body)
    await until(() => read[n - 1]?.() === sent.length + body.length)
  }
  t.equal((await server.ask('POST Patient', body)).status, 400, 'it is read, and is no resource')
  sockets[0]?.destroy()
  release()
  for (const socket of sockets.slice(1)) t.same(statuses(await text(socket)), [404, 400])
})

t.test('a large body whose client leaves before its turn leaves its room to others', async (t) => {
  const busy = Promise.withResolvers<void>()
  const server = startServer(t, {
    wrap: (store) => ({
      ...store,
      search: async (query, access) => {
        // Long enough for a line to form: the turn is over for all but reads.
        const end = performance.now() + 30
        while (performance.now() < end);
        busy.resolve()
        return store.search(query, access)
      },
    }),
    http: { limits: { largeBodyBytesAtWork: 4_000_000, answerTimeoutMs: 20_000 } },
  })
  const port = await listen(server)
  const body = Buffer.alloc(3_000_000, ' ')
  const post = `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n\r\n`
  const searches = Array.from({ length: 40 }, () => open(port, get('/fhir/Patient', LAST), GREEDY))
  const leaving = Array.from({ length: 4 }, async () => {
    const socket = await open(port, post, GREEDY)
    socket.write(body)
    return socket
  })
  await busy.promise
  for (const socket of await Promise.all(leaving)) socket.destroy()
  for (const socket of await Promise.all(searches)) await text(socket)
  await until(async () => (await metric(server, 'alcove_http_in_flight')) === 0)
  t.equal(await metric(server, 'alcove_http_large_body_bytes'), 0)
  t.equal((await server.ask('POST Patient', body)).status, 400, 'it is read, and is no resource')
})

t.test('the store is told that a client has left', async (t) => {
  const asked = Promise.withResolvers<Asker>()
  const server = startServer(t, {
    wrap: (store) => ({
      ...store,
      search: (_query, _access, asker) => {
        asked.resolve(asker as Asker)
        return new Promise(() => {})
      },
    }),
  })
  const port = await listen(server)
  const socket = await open(port, get('/fhir/Patient'), MODEST)
  const asker = await asked.promise
  t.equal(asker.name, MODEST)
  t.equal(asker.gone, false)
  const told = new Promise<void>((resolve) => asker.onGone(resolve))
  socket.destroy()
  await told
  t.equal(asker.gone, true)
})

t.test('reads by id do not wait behind many searches', async (t) => {
  let searches = 0
  const server = startServer(t, {
    wrap: (store) => ({
      ...store,
      search: (query, access) => {
        const end = performance.now() + 10
        while (performance.now() < end);
        searches++
        return store.search(query, access)
      },
    }),
  })
  const port = await listen(server)
  const many = await Promise.all(Array.from({ length: 150 }, () => open(port, '', GREEDY)))
  await until(async () => (await metric(server, 'alcove_http_connections')) === 150)
  const all = many.map(async (socket) => {
    socket.write(get('/fhir/Patient', LAST))
    return statuses(await text(socket))[0]
  })
  await until(() => searches > 0)
  const late = Array.from({ length: 40 }, () => open(port, get('/fhir/Patient?name=y', LAST), GREEDY))
  const reader = ask(port, '/fhir/Patient/a', GREEDY)
  const stranger = ask(port, '/fhir/Patient?name=x', MODEST)
  t.match(await reader, /^HTTP\/1\.1 404 /)
  t.ok(searches < 75, `a read of the same client is answered after ${searches} of 190 searches`)
  t.match(await stranger, /^HTTP\/1\.1 200 /)
  t.ok(searches < 100, `a search of another after ${searches}`)
  for (const socket of await Promise.all(late)) t.equal(statuses(await text(socket))[0], 200)
  t.same(new Set(await Promise.all(all)), new Set([200]), 'and all are answered in the end')
})
