// Real sockets: slow and broken clients, too many at once, clients that leave, and an orderly end.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Store } from '../../src/store/index.ts'
import { startServer, type TestServer } from '../rest/server.ts'

async function listen({ app }: TestServer): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

async function open(port: number, sent: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(sent)
  return socket
}

function json(answer: string): { issue: { code: string }[]; resourceType: string } {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
}

/** Whether no request is at work, now or after some turns of the event loop. */
async function becomesIdle(server: TestServer): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await server.ask('GET /metrics')).text.includes('alcove_http_in_flight 0\n')) return true
    await new Promise((resolve) => setImmediate(resolve))
  }
  return false
}

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: alcove.test\r\n\r\n`

/** A store whose reads wait until they are let go. */
function gated(): { wrap: (store: Store) => Store; release: () => void; waiting: () => Promise<void> } {
  const gate = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  return {
    wrap: (store) => ({
      ...store,
      read: async (key, access) => {
        arrived.resolve()
        await gate.promise
        return store.read(key, access)
      },
    }),
    release: () => gate.resolve(),
    waiting: () => arrived.promise,
  }
}

t.test('a request that takes too long to arrive', async (t) => {
  const server = startServer(t, {
    http: { limits: { requestTimeoutMs: 100, headersTimeoutMs: 100, timeoutCheckMs: 20 } },
  })
  const port = await listen(server)
  for (const sent of [
    'GET /fhir/Patient HTTP/1.1\r\n',
    'POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a',
  ]) {
    const answer = await text(await open(port, sent))
    t.match(answer, /^HTTP\/1\.1 408 /)
    t.match(answer, /Connection: close/)
    t.equal(json(answer).issue[0]?.code, 'timeout')
  }
  t.ok(await becomesIdle(server))
})

t.test('what is not HTTP, and headers without end', async (t) => {
  const port = await listen(startServer(t))
  const nonsense = await text(await open(port, 'BLAH\r\n\r\n'))
  t.match(nonsense, /^HTTP\/1\.1 400 /)
  t.equal(json(nonsense).resourceType, 'OperationOutcome')
  const long = await text(
    await open(port, `GET /fhir/Patient?name=${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  )
  t.match(long, /^HTTP\/1\.1 431 /)
  t.match(long, /_search/)
})

t.test('an expectation that cannot be met', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap })
  const port = await listen(server)
  const expecting = 'GET /fhir/Patient HTTP/1.1\r\nHost: alcove.test\r\nExpect: more\r\n\r\n'
  const first = await text(await open(port, expecting))
  t.match(first, /^HTTP\/1\.1 417 [^]*Of expectations only/)

  const behind = await open(port, GET('/fhir/Patient/none') + expecting + GET('/fhir/Patient/none'))
  await gate.waiting()
  gate.release()
  const statuses = (await text(behind)).matchAll(/HTTP\/1\.1 (\d+)/g)
  t.same(
    Array.from(statuses, ([, status]) => status),
    ['404', '417'],
    'in its turn, and then the connection ends',
  )
  t.ok(await becomesIdle(server))
})

t.test('more requests at once than the limit', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap, http: { limits: { maxInFlight: 2 } } })
  const slow = [server.ask('GET Patient/a'), server.ask('GET Patient/b')]
  await gate.waiting()
  const third = await server.ask('GET Patient')
  t.equal(third.status, 503)
  t.equal(third.headers['retry-after'], '1')
  t.equal(third.json.issue[0].code, 'throttled')
  t.equal((await server.ask('GET /healthz')).status, 200, 'health is not counted')
  gate.release()
  t.same(
    (await Promise.all(slow)).map(({ status }) => status),
    [404, 404],
  )
  t.equal((await server.ask('GET Patient')).status, 200, 'the places are free again')
})

t.test('more bytes at once than the limit', async (t) => {
  const server = startServer(t, { http: { limits: { bodyBytes: 1000, bodyBytesInFlight: 1500 } } })
  const port = await listen(server)
  const head = 'POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/fhir+json\r\n'
  const body = JSON.stringify({ resourceType: 'Patient' }).padEnd(1000)
  const slow = await open(port, `${head}Content-Length: 1000\r\nConnection: close\r\n\r\n{`)
  for (let tries = 0; tries < 200; tries++) {
    if ((await server.ask('GET /metrics')).text.includes('body_bytes_in_flight 1000\n')) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const declared of [
    'Content-Length: 1000',
    'Transfer-Encoding: chunked',
    'Content-Encoding: gzip\r\nContent-Length: 20',
  ]) {
    const answer = await text(await open(port, `${head}${declared}\r\nConnection: close\r\n\r\n`))
    t.match(answer, /^HTTP\/1\.1 503 /, declared)
    t.match(answer, /Retry-After: 1/, declared)
  }
  t.equal((await server.ask('POST Patient', { resourceType: 'Patient' })).status, 201, 'a small one fits')
  slow.write(body.slice(1))
  t.match(await text(slow), /^HTTP\/1\.1 201 /)
  t.ok(await becomesIdle(server))
  t.equal((await server.ask('POST Patient', body)).status, 201, 'the room is free again')
})

t.test('a client that leaves gives its place back', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap, http: { limits: { maxInFlight: 1 } } })
  const port = await listen(server)
  const socket = await open(port, GET('/fhir/Patient/a'))
  await gate.waiting()
  socket.destroy()
  const upload = await open(
    port,
    'POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  )
  upload.destroy()
  t.ok(await becomesIdle(server))
  t.equal((await server.ask('GET Patient')).status, 200)
  gate.release()
})

t.test('close finishes what was accepted', async (t) => {
  const gate = gated()
  const server = startServer(t, { wrap: gate.wrap })
  const port = await listen(server)
  const working = await open(port, GET('/fhir/Patient/a'))
  const idle = await open(port, GET('/healthz'))
  await once(idle, 'data')
  await gate.waiting()

  let closed = false
  const closing = server.app.close().then(() => {
    closed = true
  })
  await once(idle, 'close')
  t.pass('idle connections are let go')
  const refused = connect(port, '127.0.0.1')
  const [error] = (await once(refused, 'error').catch((cause: unknown) => [cause])) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED', 'nothing new is accepted')
  t.equal(closed, false)
  gate.release()
  const answer = await text(working)
  t.match(answer, /^HTTP\/1\.1 404 /)
  t.match(answer, /Connection: close/)
  await closing
})

t.test('connections are kept', async (t) => {
  const port = await listen(startServer(t))
  const socket = await open(port, GET('/fhir/Patient/a'))
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 404 [^]*onnection: keep-alive/)
  socket.write(GET('/fhir/Patient/b'))
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 404 /)
  socket.destroy()
})
