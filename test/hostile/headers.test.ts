// Headers that are no HTTP error, and yet bait: lists without end, quotes that never close, names of another world.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { attacked } from './attacked.ts'

t.setTimeout(600_000)

const PATIENT = '{"resourceType":"Patient","active":true}'
const JSON_TYPE = 'application/fhir+json'

t.test('what negotiates', async (t) => {
  const server = await attacked(t)
  const long = (text: string): string => text.repeat(Math.floor(30_000 / text.length))
  const values = [
    ...['*/*;q=0.1,', 'text/*,', 'application/*;q=0,', 'a/b,', ';', ',', '"', 'q=', '\\"', '/', '*'].map(
      long,
    ),
    `${long('a/b;')}q=1`,
    'application/fhir+json;q=NaN',
    'application/fhir+json;q=-1e999',
    'application/fhir+json;fhirVersion=constructor',
    '__proto__',
    'constructor/toString',
    'application/fhir+json\xe9',
  ]
  const headers = ['accept', 'accept-encoding', 'accept-charset', 'accept-language', 'prefer', 'content-type']
  headers.push('content-encoding', 'if-match', 'if-none-match', 'if-modified-since', 'if-none-exist', 'range')
  headers.push(
    'x-request-id',
    'x-forwarded-for',
    'x-http-method-override',
    'origin',
    'cookie',
    'authorization',
  )
  const tally = new Set<number>()
  for (const header of headers)
    for (const value of values) {
      const sent = { [header]: value }
      tally.add(
        (await server.attack(`${header}: ${value.slice(0, 40)}`, 'GET Patient/known', undefined, sent))
          .status,
      )
      const wrote = await server.attack(`${header}: ${value.slice(0, 40)}`, 'POST Patient', PATIENT, sent)
      tally.add(wrote.status)
      await server.attack(header, 'PUT Patient/other', '{"resourceType":"Patient","id":"other"}', sent)
    }
  for (const status of [200, 201, 400, 406, 415]) t.ok(tally.has(status), `${status} came about`)
  await server.survives()
})

t.test('an Accept header is read once, however long it is', async (t) => {
  const server = await attacked(t)
  for (let round = 0; round < 40; round++) {
    const accept = `${'*/*;q=0.1,'.repeat(3000)}application/fhir+xml`
    const reply = await server.attack('accept', 'GET Patient/known', undefined, { accept })
    t.match(reply.headers['content-type'], /^application\/fhir\+xml/)
  }
  await server.survives()
})

t.test('packed bodies', async (t) => {
  const server = await attacked(t, { http: { limits: { bodyBytes: 1_000_000 } } })
  const pack = { gzip: gzipSync, 'x-gzip': gzipSync, br: brotliCompressSync, deflate: deflateSync }
  for (const [encoding, packed] of Object.entries(pack)) {
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': encoding }
    const bomb = packed(Buffer.alloc(3_000_000, ' '))
    const good = packed(Buffer.from(PATIENT))
    const cases: readonly (readonly [status: number, name: string, body: Buffer, encoding?: string])[] = [
      [201, 'as it should be', good],
      [201, 'in capitals', good, encoding.toUpperCase()],
      [413, 'a bomb', bomb],
      [415, 'a bomb in a bomb', packed(bomb), `${encoding}, ${encoding}`],
      [400, 'a bomb in a bomb, told of once', packed(bomb.subarray(0, 100_000))],
      [400, 'cut off', good.subarray(0, -5)],
      [400, 'with more behind it', Buffer.concat([good, Buffer.from('more')])],
      [400, 'two in a row', Buffer.concat([good, good])],
      [400, 'not packed at all', Buffer.from(PATIENT)],
      [400, 'of one byte', Buffer.from([0x1f])],
      [400, 'of nothing', packed(Buffer.alloc(0))],
    ]
    for (const [status, name, body, told = encoding] of cases) {
      const reply = await server.attack(`${encoding} ${name}`, 'POST Patient', body, {
        ...headers,
        'content-encoding': told,
      })
      t.equal(reply.status, status, `${encoding} ${name}: ${reply.text.slice(0, 200)}`)
    }
    const flipped = Buffer.from(good)
    for (let at = 0; at < flipped.length; at++) {
      flipped[at] = (flipped[at] as number) ^ 0x55
      await server.attack(`${encoding}, byte ${at} another`, 'POST Patient', flipped, headers)
      flipped[at] = (flipped[at] as number) ^ 0x55
    }
  }
  for (const encoding of ['compress', 'zstd', 'gzip gzip', 'gzip;q=1', 'constructor', '__proto__', ',']) {
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': encoding }
    t.equal((await server.attack(encoding, 'POST Patient', PATIENT, headers)).status, 415, encoding)
  }
  await server.survives()
})

t.test('media types and charsets', async (t) => {
  const server = await attacked(t)
  const refused = [
    'utf-7',
    'utf-16',
    'utf-32',
    'iso-8859-1',
    'shift_jis',
    '"utf-8',
    'constructor',
    '__proto__',
  ]
  const types = [
    ...refused.map((charset) => `${JSON_TYPE}; charset=${charset}`),
    'text/plain',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/*',
    '*/*',
    '/',
    ';',
    'json',
    '',
    'application/json, application/xml',
    'application/fhir+json\xe9',
    'application/xml-patch+xml',
    'application/fhir+ndjson',
    'application/fhir+turtle',
    'a/__proto__',
    `${JSON_TYPE}; fhirVersion=5.0`,
    'a'.repeat(20_000),
  ]
  for (const type of types) {
    const reply = await server.attack(type.slice(0, 60), 'POST Patient', PATIENT, { 'content-type': type })
    t.equal(reply.status, 415, `${type.slice(0, 60)}: ${reply.text.slice(0, 100)}`)
  }
  for (const text of ['\ufeff<Patient xmlns="http://hl7.org/fhir"/>', PATIENT]) {
    const utf16 = Buffer.from(text, 'utf16le')
    const xml = text.includes('<') ? 'application/fhir+xml' : JSON_TYPE
    t.equal((await server.attack('UTF-16', 'POST Patient', utf16, { 'content-type': xml })).status, 400)
  }
  await server.survives()
})
