// Bodies as they come over a socket: in whatever pieces, of whatever length, and not to their end.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { DirectRequest } from '../../src/http/whole-body.ts'
import { startServer, type TestServer } from '../rest/server.ts'
import { LONG } from '../runs.ts'

async function open({ app }: TestServer): Promise<Socket> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect({
    port: (app.server.address() as AddressInfo).port,
    host: '127.0.0.1',
    noDelay: true,
  })
  await once(socket, 'connect')
  return socket
}

/** Reads until so many answers have come, of which each has a body; the text of all. */
async function answers(socket: Socket, count: number): Promise<string> {
  let all = ''
  while (all.split('HTTP/1.1 ').length <= count || !/\}\n?$/.test(all))
    all += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1')
  return all
}

const head = (id: string, ...headers: readonly string[]): string =>
  [
    `PUT /fhir/Patient/${id} HTTP/1.1`,
    'Host: alcove.test',
    'Content-Type: application/fhir+json',
    ...headers,
    '',
    '',
  ].join('\r\n')

const patient = (id: string, family: string): string =>
  JSON.stringify({ resourceType: 'Patient', id, name: [{ family }] })

function withLength(id: string, body: string | Buffer, ...headers: readonly string[]): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(head(id, `Content-Length: ${bytes.length}`, ...headers)), bytes])
}

/** In chunks of so many characters, with a trailer behind them. */
function inChunks(id: string, body: string, length: number): Buffer {
  const chunks: string[] = []
  for (let at = 0; at < body.length; at += length) {
    const chunk = body.slice(at, at + length)
    chunks.push(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`)
  }
  return Buffer.from(
    `${head(id, 'Transfer-Encoding: chunked', 'Trailer: X-End')}${chunks.join('')}0\r\nX-End: yes\r\n\r\n`,
  )
}

/** The same numbers from the same seed, from 0 to below the bound. */
function numbers(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

t.test('bodies in whatever pieces they come', async (t) => {
  const server = startServer(t)
  for (let seed = 1; seed <= (LONG ? 200 : 20); seed++) {
    const next = numbers(seed)
    const families = ['Ä', 'B'.repeat(1 + next(5_000)), 'Çelik', 'D'].map((name) => `${name}${seed}`)
    const requests = families.map((family, n) => {
      const body = patient(`p${n}`, family)
      const kind = next(3)
      if (kind === 0) return withLength(`p${n}`, body)
      if (kind === 1) return withLength(`p${n}`, gzipSync(body), 'Content-Encoding: gzip')
      return inChunks(`p${n}`, body, 1 + next(700))
    })
    const sent = Buffer.concat(requests)
    const socket = await open(server)
    const received = answers(socket, families.length)
    for (let at = 0; at < sent.length; ) {
      const length = 1 + next(next(2) === 0 ? 30 : 3_000)
      socket.write(sent.subarray(at, at + length))
      at += length
      for (let turns = next(3); turns > 0; turns--) await setImmediate()
    }
    t.notMatch(await received, /HTTP\/1\.1 [^2]/, `seed ${seed}`)
    socket.destroy()
    for (const [n, family] of families.entries())
      t.equal((await server.ask(`GET Patient/p${n}`)).json.name[0].family, family, `seed ${seed}`)
  }
})

t.test('where Node has no way to end a request that is not read, as 22 has none', async (t) => {
  const shadow = { value: undefined, configurable: true }
  Object.defineProperty(DirectRequest.prototype, '_dumpAndCloseReadable', shadow)
  t.teardown(() => Reflect.deleteProperty(DirectRequest.prototype, '_dumpAndCloseReadable'))
  const socket = await open(startServer(t))
  const received = answers(socket, 2)
  socket.write(withLength('p', patient('p', 'A')))
  socket.write(inChunks('p', patient('p', 'B'), 10))
  t.match(await received, /^HTTP\/1\.1 201 [^]*HTTP\/1\.1 200 /)
  socket.destroy()
})

t.test('a body of nothing is none', async (t) => {
  const server = startServer(t)
  const socket = await open(server)
  const received = answers(socket, 2)
  socket.write(head('p', 'Content-Length: 0'))
  socket.write(inChunks('p', '', 1))
  t.match(await received, /^HTTP\/1\.1 400 [^]*The body is empty[^]*HTTP\/1\.1 400 [^]*The body is empty/)
  socket.destroy()
})

t.test('a body that is too large', async (t) => {
  const server = startServer(t, { http: { limits: { bodyBytes: 1_000 } } })
  const large = patient('p', 'A'.repeat(2_000))
  for (const [sent, name] of [
    [head('p', 'Content-Length: 2000'), 'by what is announced'],
    [withLength('p', large), 'with what is announced'],
    [inChunks('p', large, 100), 'by what has come'],
    [inChunks('p', large, 100).subarray(0, 1_500), 'before all has come'],
  ] as const) {
    const socket = await open(server)
    socket.write(sent)
    const answer = await text(socket)
    t.match(answer, /^HTTP\/1\.1 413 [^]*larger than/, name)
    t.match(answer, /\r\nConnection: close\r\n/i, name)
    t.equal(answer.split('HTTP/1.1 ').length, 2, 'once')
  }
  t.equal((await server.ask('GET Patient/p')).status, 404)
})

t.test('whoever leaves within a body has sent nothing', async (t) => {
  const server = startServer(t)
  for (const sent of [withLength('p', patient('p', 'A')), inChunks('p', patient('p', 'A'), 10)]) {
    const socket = await open(server)
    socket.write(sent.subarray(0, -8))
    socket.end()
    await text(socket)
  }
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  t.equal((await server.ask('GET Patient/p')).status, 404)
  t.match((await server.ask('GET /metrics')).text, 'alcove_http_in_flight 0\n')
})

t.test('what is answered before its body has come', async (t) => {
  const server = startServer(t, { http: { allowedHosts: ['alcove.test'] } })
  const socket = await open(server)
  const sent = Buffer.from(withLength('p', patient('p', 'A')).toString().replace('alcove.test', 'other.test'))
  socket.write(sent.subarray(0, -8))
  t.match(await answers(socket, 1), /^HTTP\/1\.1 403 /)
  socket.write(sent.subarray(-8))
  socket.write('GET /nowhere HTTP/1.1\r\nHost: alcove.test\r\n\r\n')
  t.match(await answers(socket, 1), /^HTTP\/1\.1 404 /, 'what comes behind it is answered')
  socket.destroy()
  t.equal((await server.ask('GET Patient/p', undefined, { host: 'alcove.test' })).status, 404)
})
