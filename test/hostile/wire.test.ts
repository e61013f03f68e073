// What breaks HTTP itself, over bare sockets: requests within requests, headers that no parser should guess at, other
// protocols. Each is refused and cut off; nothing that hides in a body or behind a broken head is ever answered.
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { attacked, type Attacked } from './attacked.ts'
import { faultOf } from './judge.ts'

t.setTimeout(600_000)

const BODY = '{"resourceType":"Patient"}'
const SIZE = BODY.length
const CHUNKS = `${SIZE.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
const HIDDEN = 'GET /fhir/Patient/hidden HTTP/1.1\r\nHost: alcove.test\r\n\r\n'

function post(headers: string, body = BODY, version = '1.1'): string {
  return `POST /fhir/Patient HTTP/${version}\r\nHost: alcove.test\r\nContent-Type: application/fhir+json\r\n${headers}\r\n\r\n${body}`
}

function get(target: string, headers = 'Host: alcove.test\r\n', method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`
}

/** Refused and cut off: where a request ends cannot be told. */
const BROKEN: Readonly<Record<string, string | Buffer>> = {
  'a length and chunks': post('Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${HIDDEN}`),
  'chunks and a length': post(`Transfer-Encoding: chunked\r\nContent-Length: ${SIZE}`, CHUNKS),
  'two lengths': post(`Content-Length: ${SIZE}\r\nContent-Length: 5`, BODY + HIDDEN),
  'one length twice': post(`Content-Length: ${SIZE}\r\nContent-Length: ${SIZE}`),
  'a list of lengths': post(`Content-Length: ${SIZE}, ${SIZE}`),
  'a length with a sign': post(`Content-Length: +${SIZE}`),
  'a length below 0': post('Content-Length: -1'),
  'a length in hexadecimal': post('Content-Length: 0x1a'),
  'a length beyond all': post('Content-Length: 99999999999999999999999'),
  'a length of nothing': post('Content-Length:'),
  'a space before the colon': post(`Content-Length : ${SIZE}`),
  'an unknown coding': post('Transfer-Encoding: xchunked', `0\r\n\r\n${HIDDEN}`),
  'chunks that are not last': post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${HIDDEN}`),
  'chunks and identity': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    `0\r\n\r\n${HIDDEN}`,
  ),
  'chunks twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKS),
  'a coding behind a vertical tab': post('Transfer-Encoding: \vchunked', `0\r\n\r\n${HIDDEN}`),
  'a folded header': post(`X-Folded: a\r\n b\r\nContent-Length: ${SIZE}`),
  'a folded coding': post('Transfer-Encoding:\r\n chunked', `0\r\n\r\n${HIDDEN}`),
  'lines that end in LF alone': 'GET /fhir/Patient/known HTTP/1.1\nHost: alcove.test\n\n',
  'lines that end in CR alone': 'GET /fhir/Patient/known HTTP/1.1\rHost: alcove.test\r\r',
  'a line that ends in LF among others': `GET /fhir/Patient/a HTTP/1.1\r\nHost: alcove.test\r\nX: a\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a chunk of no size': post('Transfer-Encoding: chunked', `zz\r\n${BODY}\r\n0\r\n\r\n`),
  'a chunk of less than nothing': post('Transfer-Encoding: chunked', `-1\r\n${BODY}\r\n0\r\n\r\n`),
  'a chunk of more than all': post('Transfer-Encoding: chunked', `ffffffffffffffffff\r\n${BODY}`),
  'a chunk that is longer than it says': post('Transfer-Encoding: chunked', `5\r\n${BODY}\r\n0\r\n\r\n`),
  'chunks that end in LF': post('Transfer-Encoding: chunked', `1a\n${BODY}\n0\n\n`),
  'extensions of chunks without end': post(
    'Transfer-Encoding: chunked',
    `1a;${'a'.repeat(100_000)}\r\n${BODY}\r\n`,
  ),
  'a length in the trailers': post(
    'Transfer-Encoding: chunked',
    `1a\r\n${BODY}\r\n0\r\nContent-Length: 5\r\n\r\n${HIDDEN}`,
  ),
  'trailers without end': post(
    'Transfer-Encoding: chunked',
    `1a\r\n${BODY}\r\n0\r\n${'X: a\r\n'.repeat(9000)}`,
  ),
  'headers without end': `GET /fhir/Patient/known HTTP/1.1\r\nHost: alcove.test\r\n${'a: b\r\n'.repeat(9000)}`,
  'a URL without end': get(`/fhir/Patient?name=${'x'.repeat(40_000)}`),
  'a NUL in a header': get('/fhir/Patient/known', 'Host: alcove.test\r\nX: a\0b\r\n'),
  'a NUL in the URL': get('/fhir/Patient/\0'),
  'a header without a name': get('/fhir/Patient/known', 'Host: alcove.test\r\n: a\r\n'),
  'a header without a colon': get('/fhir/Patient/known', 'Host: alcove.test\r\nabc\r\n'),
  'a header of another name': get('/fhir/Patient/known', 'Host: alcove.test\r\n(X): a\r\n'),
  'a space in the URL': get('/fhir/Patient ?a'),
  'a URL without a slash': get('fhir/Patient'),
  'bytes beyond ASCII in the URL': get('/fhir/Patient?name=\xfc'),
  'a method in small letters': get('/fhir/Patient/known', undefined, 'get'),
  'a method of mixed letters': get('/fhir/Patient/known', undefined, 'Get'),
  'a method that nobody knows': get('/fhir/Patient/known', undefined, 'STEAL'),
  'another version': 'GET /fhir/Patient/known HTTP/3.0\r\nHost: alcove.test\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  TLS: Buffer.from('16030100c5010000c10303', 'hex'),
  SSH: 'SSH-2.0-OpenSSH_9.9\r\n',
  noise: Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 7919 + 5) % 256)),
  'a tunnel': 'CONNECT alcove.test:443 HTTP/1.1\r\nHost: alcove.test\r\n\r\n',
  'an expectation of nobody': post(`Expect: miracles\r\nContent-Length: ${SIZE}`),
}

/** HTTP, but nothing that may be had: each with the status that says so. */
const ODD: Readonly<Record<string, readonly [status: number, sent: string]>> = {
  'no host': [400, get('/fhir/Patient/known', '')],
  'two hosts': [400, get('/fhir/Patient/known', 'Host: alcove.test\r\nHost: other.test\r\n')],
  'the whole URL of another scheme': [404, get('ftp://alcove.test/fhir/Patient/known')],
  'two slashes and a host': [404, get('//other.test/fhir/Patient/known')],
  'an asterisk': [404, get('*')],
  'options of the whole server': [404, get('*', undefined, 'OPTIONS')],
  'a fragment': [404, get('/fhir/Patient#known')],
  'a backslash': [404, get('/fhir\\Patient')],
  'a way up': [404, get('/fhir/../../../etc/passwd')],
  'an escaped way up': [404, get('/fhir/%2e%2e/%2e%2e%2fetc/passwd')],
  'a way up from the root': [404, get('/%2e%2e%2f%2e%2e%2fetc/passwd')],
  'a way up to package.json': [404, get('/openapi.json/../package.json')],
  'an escape that is none': [400, get('/fhir/Patient/%zz')],
  'an escape of no character': [400, get('/%c0%ae%c0%ae/')],
  'a long segment': [404, get(`/fhir/Patient/${'a'.repeat(15_000)}`)],
  'parameters of a path': [404, get('/fhir/Patient;a=b')],
  'a method of WebDAV': [405, get('/fhir/Patient', undefined, 'PROPFIND')],
  'a method that echoes': [405, get('/fhir/Patient', undefined, 'TRACE')],
  'a method of queries': [405, get('/fhir/Patient', undefined, 'QUERY')],
  'a request for a socket': [
    404,
    'GET /fhir/Patient/none HTTP/1.1\r\nHost: alcove.test\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  ],
  'a request within a body that GET need not have': [
    404,
    `GET /fhir/Patient/none HTTP/1.1\r\nHost: alcove.test\r\nConnection: close\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  ],
  'an old client without a host': [404, 'GET /fhir/Patient/none HTTP/1.0\r\n\r\n'],
  'a prototype among the headers': [
    404,
    get('/fhir/Patient/none', 'Host: a\r\n__proto__: a\r\nconstructor: b\r\n'),
  ],
}

interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Everything that comes until the server cuts the connection off. */
async function answersTo(server: Attacked, sent: string | Buffer): Promise<readonly Answer[]> {
  const { port } = server.app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
  })
  // It may cut off what is still being sent.
  socket.on('error', () => {})
  socket.write(typeof sent === 'string' ? Buffer.from(sent, 'latin1') : sent)
  await once(socket, 'close')
  return received
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => part !== '')
    .map((part) => {
      const [head = '', body = ''] = part.split(/\r\n\r\n(.*)/s)
      return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body }
    })
}

t.test('what breaks HTTP', async (t) => {
  const server = await attacked(t)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  for (const [name, sent] of Object.entries(BROKEN)) {
    const answers = await answersTo(server, sent)
    t.equal(answers.length, 1, `${name}: one answer`)
    const [{ status, head, body } = { status: 0, head: '', body: '' }] = answers
    t.ok(status >= 400 && status < 500, `${name}: ${status}`)
    t.match(head, /connection: close/i, name)
    const fault = faultOf({ status, text: body, headers: {} }, sent.toString('latin1'))
    t.equal(fault, undefined, name)
  }
  await server.survives()
})

t.test('what is odd', async (t) => {
  const server = await attacked(t)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  for (const [name, [status, sent]] of Object.entries(ODD)) {
    const answers = await answersTo(server, sent)
    t.equal(answers.length, 1, `${name}: one answer`)
    t.equal(answers[0]?.status, status, name)
    t.equal(faultOf({ status, text: answers[0]?.body ?? '', headers: {} }, sent), undefined, name)
  }
  await server.survives()
})

t.test('what is within the rules is taken', async (t) => {
  const server = await attacked(t)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const close = 'Connection: close\r\n'
  const taken = {
    chunks: post(`${close}Transfer-Encoding: CHUNKED`, CHUNKS),
    'chunks with extensions': post(
      `${close}Transfer-Encoding: chunked`,
      `1a;a=b;c="d"\r\n${BODY}\r\n0\r\n\r\n`,
    ),
    trailers: post(`${close}Transfer-Encoding: chunked`, `1a\r\n${BODY}\r\n0\r\nX-Sum: a\r\n\r\n`),
    'a tab before the length': post(`${close}Content-Length:\t${SIZE}`),
    'an expectation': post(`${close}Expect: 100-continue\r\nContent-Length: ${SIZE}`),
  }
  for (const [name, sent] of Object.entries(taken)) {
    const answers = await answersTo(server, sent)
    t.equal(answers.at(-1)?.status, 201, name)
  }
  const whole = await answersTo(server, get('http://alcove.test/fhir/Patient/known'))
  t.equal(whole[0]?.status, 200, 'a whole URL')
  const several = await answersTo(server, HIDDEN.repeat(50) + get('/fhir/Patient/known'))
  t.same(
    several.map(({ status }) => status),
    [...Array.from({ length: 50 }, () => 404), 200],
    'each of many at once is answered, in order',
  )
  await server.survives()
})
