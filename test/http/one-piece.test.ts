// Answers as they come over a socket, where most are sent in one piece, against the same ones as Node's writeHead makes them.
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { startServer, type TestServer } from '../rest/server.ts'

const ORIGIN = 'https://app.example.org'
/** Of the connection, or of the moment. */
const NOT_COMPARED = new Set(['date', 'x-request-id', 'connection', 'keep-alive'])

interface Received {
  readonly status: number
  readonly version: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

async function listen({ app }: TestServer): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** Reads answers one after the other from a connection. */
class Reader {
  #bytes = Buffer.alloc(0) as Buffer
  #came = (): void => {}

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#came()
    })
  }

  async answer(hasBody = true): Promise<Received> {
    let end = -1
    while ((end = this.#bytes.indexOf('\r\n\r\n')) < 0) await this.#more()
    const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const at = line.indexOf(': ')
        return [line.slice(0, at).toLowerCase(), line.slice(at + 2)]
      }),
    )
    const [, version = '', status = ''] = /^HTTP\/(\d\.\d) (\d{3}) [\w ]+$/.exec(first) ?? []
    const length = hasBody ? Number(headers['content-length'] ?? 0) : 0
    while (this.#bytes.length < end + 4 + length) await this.#more()
    const body = this.#bytes.subarray(end + 4, end + 4 + length)
    this.#bytes = this.#bytes.subarray(end + 4 + length)
    return { status: Number(status), version, headers, body }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#came = resolve))
  }
}

async function open(port: number): Promise<{ socket: Socket; reader: Reader }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return { socket, reader: new Reader(socket) }
}

function request(
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
  version = '1.1',
): string {
  const lines = [`${line} HTTP/${version}`, 'Host: alcove.test']
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (body !== '') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

const compared = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      NOT_COMPARED.has(name) ? [] : [[name, String(value)]],
    ),
  )

const patient = (id: string, length: number): object => ({
  resourceType: 'Patient',
  id,
  name: [{ text: `Zoë ${id} ${'x'.repeat(length)}` }],
})

t.test('the same answers as Node makes them', async (t) => {
  const http = { corsOrigins: [ORIGIN] }
  const servers = [startServer(t, { http }), startServer(t, { http })] as const
  const [socketServer, injected] = servers
  for (const { ask } of servers)
    for (const [id, length] of [
      ['small', 10],
      ['medium', 2000],
      ['large', 100_000],
      ['gone', 0],
    ] as const)
      await ask(`PUT Patient/${id}`, patient(id, length))
  const { socket, reader } = await open(await listen(socketServer))
  const fhir = { 'Content-Type': 'application/fhir+json' }
  const cases: readonly (readonly [line: string, headers?: Record<string, string>, body?: string])[] = [
    ['GET /fhir/Patient/small'],
    ['GET /fhir/Patient/small', { 'X-Request-Id': 'mine' }],
    ['GET /fhir/Patient/medium', { 'Accept-Encoding': 'gzip' }],
    ['GET /fhir/Patient/medium', { 'Accept-Encoding': 'gzip', Origin: ORIGIN }],
    ['GET /fhir/Patient/small', { Origin: ORIGIN }],
    ['GET /fhir/Patient/small', { Origin: 'https://another.example.org' }],
    ['GET /fhir/Patient/large'],
    ['HEAD /fhir/Patient/small'],
    ['HEAD /fhir/Patient/large'],
    ['GET /fhir/Patient/small', { 'If-None-Match': 'W/"1"' }],
    ['GET /fhir/Patient/small', { Accept: 'application/fhir+xml' }],
    ['GET /fhir/Patient/small', { Accept: 'application/json' }],
    ['GET /fhir/Patient/small?_pretty=true&_summary=text'],
    ['GET /fhir/Patient/small/_history/1'],
    ['GET /fhir/Patient/none'],
    ['GET /fhir/Patient?name=Zo%C3%AB'],
    ['GET /fhir/Patient?nonsense=1'],
    ['GET /fhir/Patient/%zz'],
    ['POST /fhir/Patient', fhir, JSON.stringify(patient('', 10)).replace('"id":"",', '')],
    ['POST /fhir/Patient', { ...fhir, Prefer: 'return=minimal' }, '{"resourceType":"Patient"}'],
    ['POST /fhir/Patient', fhir, '{"resourceType":"Patient","nonsense":1}'],
    ['POST /fhir/Patient', fhir],
    ['PUT /fhir/Patient/small', fhir, JSON.stringify(patient('small', 11))],
    ['DELETE /fhir/Patient/gone'],
    ['GET /fhir/Patient/gone'],
    ['PATCH /fhir/metadata'],
    ['OPTIONS /fhir/Patient', { Origin: ORIGIN, 'Access-Control-Request-Method': 'PUT' }],
    ['GET /'],
    ['GET /healthz'],
    ['GET /nowhere'],
    ['POST /nowhere', fhir],
    ['GET /fhir/metadata'],
  ]
  for (const [line, headers = {}, body = ''] of cases) {
    const [method = '', url = ''] = line.split(' ')
    const name = `${line} ${JSON.stringify(headers)}`
    socket.write(request(line, headers, body))
    const received = await reader.answer(method !== 'HEAD')
    const reply = await injected.app.inject({
      method: method as 'GET',
      url,
      headers: { host: 'alcove.test', ...headers },
      ...(body === '' ? {} : { payload: body }),
    })
    t.equal(received.status, reply.statusCode, `${name}: status`)
    t.equal(received.version, '1.1')
    t.strictSame(compared(received.headers), compared(reply.headers as Record<string, string>), name)
    t.equal(received.body.toString('latin1'), reply.rawPayload.toString('latin1'), `${name}: body`)
    t.match(received.headers, { connection: 'keep-alive', 'keep-alive': 'timeout=72' }, name)
    t.match(received.headers['x-request-id'], headers['X-Request-Id'] ?? /^test-\w+$/, name)
    t.ok(Math.abs(Date.parse(String(received.headers['date'])) - Date.now()) < 60_000, name)
  }
  socket.destroy()
})

t.test('connections that are to end, and HTTP/1.0', async (t) => {
  const server = startServer(t)
  await server.ask('PUT Patient/a', patient('a', 10))
  const port = await listen(server)
  for (const [name, sent, keeps] of [
    ['closing', request('GET /fhir/Patient/a', { Connection: 'close' }), false],
    ['1.0', request('GET /fhir/Patient/a', {}, '', '1.0'), false],
    ['1.0, kept', request('GET /fhir/Patient/a', { Connection: 'keep-alive' }, '', '1.0'), true],
  ] as const) {
    const { socket, reader } = await open(port)
    const ended = once(socket, 'end')
    socket.write(sent)
    const { status, headers, body } = await reader.answer()
    t.equal(status, 200, name)
    t.match(body.toString(), 'Zoë a', name)
    t.equal(headers['connection'], keeps ? 'keep-alive' : 'close', name)
    if (keeps) {
      socket.write(sent)
      t.equal((await reader.answer()).status, 200, `${name}: asked again`)
      socket.destroy()
    } else await ended
  }
})

t.test('sent ahead, answered in order', async (t) => {
  const server = startServer(t)
  const ids = Array.from({ length: 30 }, (_, n) => `p-${n}`)
  for (const [n, id] of ids.entries()) await server.ask(`PUT Patient/${id}`, patient(id, n * 100))
  const { socket, reader } = await open(await listen(server))
  socket.write(ids.map((id) => request(`GET /fhir/Patient/${id}`)).join(''))
  for (const id of ids) t.match((await reader.answer()).body.toString(), `Zoë ${id} `)
  socket.destroy()
})

t.test('what a client has not taken yet is not written over by the answers of others', async (t) => {
  const server = startServer(t, { http: { limits: { maxAhead: 10_000, maxInFlight: 100_000 } } })
  const ids = Array.from({ length: 20 }, (_, n) => `q-${n}`)
  for (const id of ids) await server.ask(`PUT Patient/${id}`, patient(id, 30_000))
  await server.ask('PUT Patient/other', patient('other', 30_000))
  const port = await listen(server)
  const slow = await Promise.all(Array.from({ length: 3 }, () => open(port)))
  const asked = Array.from({ length: 600 }, (_, n) => ids[n % ids.length] as string)
  for (const { socket } of slow) {
    socket.pause()
    socket.write(asked.map((id) => request(`GET /fhir/Patient/${id}`)).join(''))
  }
  const { socket, reader } = await open(port)
  const unsent = async (): Promise<number> =>
    Number(/^alcove_http_unsent_bytes (\d+)$/m.exec((await server.ask('GET /metrics')).text)?.[1])
  let stood = 0
  for (let n = 0; n < 300; n++) {
    socket.write(request('GET /fhir/Patient/other'))
    t.match((await reader.answer()).body.toString(), 'Zoë other ')
    if (n % 10 === 0) stood = Math.max(stood, await unsent())
  }
  t.ok(stood > 0, 'some of it was not taken')
  for (const { socket, reader } of slow) {
    socket.resume()
    for (const id of asked) {
      const { body } = await reader.answer()
      const text = body.toString()
      if (!text.endsWith('x"}]}') || !text.includes(`Zoë ${id} `)) return t.fail(`${id} was written over`)
    }
    socket.destroy()
  }
  socket.destroy()
})

t.test(
  'Bundles, whose memory is let go of once they are sent, come whole to whoever takes them late',
  async (t) => {
    const server = startServer(t, { http: { limits: { maxAhead: 10_000, maxInFlight: 100_000 } } })
    const ids = Array.from({ length: 20 }, (_, n) => `r-${n}`)
    for (const id of ids) await server.ask(`PUT Patient/${id}`, patient(id, 12_000))
    const port = await listen(server)
    const urls = ['_count=1', '_count=2', '_count=10', '_count=20', '_id=r-7', '_id=r-3,r-4,r-5'].map(
      (query) => `/fhir/Patient?${query}`,
    )
    const asked = Array.from({ length: 240 }, (_, n) => urls[n % urls.length] as string)
    const entriesOf = (text: string): string => JSON.stringify((JSON.parse(text) as { entry: unknown }).entry)
    const expected = new Map<string, string>()
    for (const url of urls) expected.set(url, entriesOf((await server.app.inject(url)).payload))
    const opened = await Promise.all(Array.from({ length: 4 }, () => open(port)))
    const [leaving, ...slow] = opened
    for (const { socket } of opened) {
      socket.pause()
      socket.write(asked.map((url) => request(`GET ${url}`)).join(''))
    }
    const { socket, reader } = await open(port)
    for (let n = 0; n < 200; n++) {
      // What was let go of too early would be written over by these.
      const url = urls[n % urls.length] as string
      socket.write(request(`GET ${url}`))
      const { body } = await reader.answer()
      if (entriesOf(body.toString()) !== expected.get(url)) return t.fail(`${url} came otherwise`)
      if (n === 100) leaving?.socket.destroy()
    }
    for (const late of slow) {
      late.socket.resume()
      for (const url of asked) {
        const { body } = await late.reader.answer()
        if (entriesOf(body.toString()) !== expected.get(url)) return t.fail(`${url} came otherwise, late`)
      }
      late.socket.destroy()
    }
    socket.write(request('HEAD /fhir/Patient?_count=20'))
    t.equal((await reader.answer(false)).status, 200)
    socket.write(request('GET /fhir/Patient?_count=20', { 'Accept-Encoding': 'gzip' }))
    const packed = await reader.answer()
    t.equal(entriesOf(gunzipSync(packed.body).toString()), expected.get('/fhir/Patient?_count=20'))
    socket.destroy()
  },
)

t.test('a small answer that is not taken counts for all the memory that it keeps', async (t) => {
  const server = startServer(t, { http: { limits: { maxAhead: 10_000, maxInFlight: 100_000 } } })
  await server.ask('PUT Patient/small', patient('small', 5_000))
  const { socket } = await open(await listen(server))
  socket.pause()
  socket.write(request('GET /fhir/Patient/small').repeat(4_000))
  const unsent = async (): Promise<number> =>
    Number(/^alcove_http_unsent_bytes (\d+)$/m.exec((await server.ask('GET /metrics')).text)?.[1])
  let stands = 0
  while ((stands = await unsent()) === 0) await new Promise(setImmediate)
  t.equal(stands, 32 * 1024)
  socket.destroy()
  while ((await unsent()) > 0) await new Promise(setImmediate)
  t.pass('and for nothing when its client has left')
})

t.test('packed answers unpack to the plain ones', async (t) => {
  const server = startServer(t)
  await server.ask('PUT Patient/a', patient('a', 3000))
  const { socket, reader } = await open(await listen(server))
  socket.write(request('GET /fhir/Patient/a'))
  const plain = await reader.answer()
  socket.write(request('GET /fhir/Patient/a', { 'Accept-Encoding': 'gzip' }))
  const packed = await reader.answer()
  t.equal(packed.headers['content-encoding'], 'gzip')
  t.equal(gunzipSync(packed.body).toString(), plain.body.toString())
  socket.destroy()
})
