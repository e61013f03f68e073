// Whatever is asked, in whatever combination: never a failure of the server, and every refusal is an OperationOutcome.
import fc from 'fast-check'
import t from 'tap'
import { startServer } from '../rest/server.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const SEGMENTS = [
  'Patient',
  'Observation',
  'Bundle',
  'Binary',
  'Foo',
  'metadata',
  '_history',
  '_search',
  '$validate',
  'p',
  'a.b-c',
  'x'.repeat(70),
  '1',
  '2',
  '0',
  '99999999999999999999',
  '-1',
  '%00',
  '%C3%BC',
  '%2F',
  '%',
  '..',
  '*',
  '',
  '__proto__',
  'constructor',
]
const NAMES = [
  '_id',
  'name',
  'family',
  'birthdate',
  'identifier',
  'subject',
  'value-quantity',
  '_lastUpdated',
  '_count',
  '_sort',
  '_include',
  '_total',
  '_summary',
  '_elements',
  '_format',
  '_pretty',
  '_cursor',
  '_since',
  '_at',
  '_tag',
  'name:exact',
  'subject:Patient',
  'subject.name',
  '__proto__',
  'toString',
  '',
]
const VALUES = [
  'p',
  'a,b',
  'a\\,b',
  'gt2020',
  'ge2020-13',
  '5',
  '-5',
  '1e400',
  'lt5.0||kg',
  '|',
  'a|',
  '|b',
  '%',
  '%20',
  '+',
  'true',
  'json',
  'xml',
  'text',
  'count',
  'name',
  'Patient/p',
  'http://x.test/y|1',
  '2026-01-31T08:00:00Z',
  'Observation:subject',
  '*',
  '-_lastUpdated',
  'accurate',
  '__proto__',
  '\u{1f600}',
  '%F0%9F%98%80',
  '',
]
const HEADERS = [
  ['if-match', 'W/"1"'],
  ['if-match', '*'],
  ['if-match', 'x'],
  ['if-none-match', '*'],
  ['if-none-match', '"'],
  ['if-modified-since', 'Sat, 31 Jan 2026 08:00:00 GMT'],
  ['if-none-exist', 'identifier=a'],
  ['if-none-exist', '?'],
  ['prefer', 'return=minimal'],
  ['prefer', 'return=OperationOutcome, handling=lenient'],
  ['prefer', '=;,='],
  ['accept', 'application/json'],
  ['accept', ';;;'],
  ['accept', 'text/html'],
  ['accept-encoding', 'gzip'],
  ['accept-encoding', ';q='],
  ['content-type', 'application/json-patch+json'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'text/plain'],
  ['content-type', ';'],
  ['content-encoding', 'gzip'],
  ['x-request-id', 'abc'],
] as const
const PATIENT = { resourceType: 'Patient', id: 'p', name: [{ family: 'F' }] }
const BODIES: readonly string[] = [
  ...[
    PATIENT,
    {
      resourceType: 'Observation',
      id: 'p',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/p' },
    },
    { resourceType: 'Patient', name: 5, contact: null, __proto: 1 },
    { resourceType: '__proto__' },
    {
      resourceType: 'Parameters',
      parameter: [{ name: 'operation', part: [{ name: 'type', valueCode: 'delete' }] }],
    },
    [{ op: 'replace', path: '/name/0/family', value: 'G' }],
    [{ op: 'move', path: '/__proto__/x', from: '/name' }],
    [[[]]],
    {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ resource: PATIENT, request: { method: 'PUT', url: 'Patient/p' } }],
    },
    {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: '/?%' } },
        { request: { method: 'GET', url: 'Patient/__proto__' } },
      ],
    },
    {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: '', resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
      ],
    },
    {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: null, request: { method: 'POST', url: 'Patient' } }],
    },
    {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: 'Patient?_id=p' } }],
    },
  ].map((body) => JSON.stringify(body)),
  'name=F&_count=1',
  '',
  '{',
  'null',
  '"x"',
  '1.00',
  '{"__proto__":{"a":1}}',
  `${'['.repeat(5000)}`,
]

const request = fc.record({
  method: fc.constantFrom(...METHODS),
  segments: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        [],
        ['Patient'],
        ['Patient', 'p'],
        ['Patient', '_search'],
        ['Patient', 'p', '_history'],
      ),
    },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 4 }) },
  ),
  query: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), {
    maxLength: 3,
    size: 'xsmall',
  }),
  headers: fc.array(fc.constantFrom(...HEADERS), { maxLength: 3 }),
  body: fc.oneof(fc.constant(undefined), fc.constant(JSON.stringify(PATIENT)), fc.constantFrom(...BODIES)),
})

t.test('any request', async (t) => {
  const { ask, log } = startServer(t)
  const tally = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(request, async ({ method, segments, query, headers, body }) => {
      const path =
        segments.join('/') +
        (query.length === 0
          ? ''
          : `?${query.map(([n, v]) => `${n}=${encodeURI(v).replaceAll('%25', '%')}`).join('&')}`)
      const reply = await ask(`${method} ${path}`, body, Object.fromEntries(headers))
      tally.set(reply.status, (tally.get(reply.status) ?? 0) + 1)
      const isRefused = reply.status >= 400
      if (reply.status >= 500 && reply.status !== 501) throw new Error(`${reply.status}: ${log.at(-2)}`)
      if (isRefused && method !== 'HEAD' && reply.headers['content-encoding'] === undefined) {
        if (reply.json.resourceType !== 'OperationOutcome') throw new Error(reply.text)
        for (const { diagnostics } of reply.json.issue)
          if (typeof diagnostics !== 'string' || diagnostics === '') throw new Error(reply.text)
      }
    }),
    { seed: 20260131, numRuns: 3000 },
  )
  for (const status of [200, 201, 204, 400, 404, 405, 406, 415, 501])
    t.ok(tally.has(status), `${status} came about`)
})
