// What HTTP adds to FHIR: formats, encodings, limits, errors, CORS, ids, logs, metrics, health.
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { FhirError } from '../../src/fhir/index.ts'
import type { Store } from '../../src/store/index.ts'
import { BASE, startServer } from '../rest/server.ts'

const PATIENT = { resourceType: 'Patient', id: 'p', name: [{ family: 'Geheim' }] }
const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

t.test('the format of the answer', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  for (const [accept, format, expected] of [
    [undefined, undefined, 'application/fhir+json'],
    ['*/*', undefined, 'application/fhir+json'],
    ['application/*', undefined, 'application/fhir+json'],
    ['application/fhir+json', undefined, 'application/fhir+json'],
    ['application/json', undefined, 'application/json'],
    ['text/json', undefined, 'text/json'],
    ['Application/JSON; charset=utf-8', undefined, 'application/json'],
    [HTML, undefined, 'application/xml'],
    ['application/fhir+xml', undefined, 'application/fhir+xml'],
    ['application/xml', undefined, 'application/xml'],
    ['text/xml; charset=utf-8', undefined, 'text/xml'],
    ['application/xml+fhir', undefined, 'application/fhir+xml'],
    ['application/fhir+xml, application/fhir+json;q=0.5', undefined, 'application/fhir+xml'],
    ['application/fhir+xml;q=0.5, application/fhir+json', undefined, 'application/fhir+json'],
    ['application/fhir+xml, application/fhir+json', undefined, 'application/fhir+xml'],
    ['application/fhir+xml, */*', undefined, 'application/fhir+xml'],
    ['*/*, application/fhir+xml;q=0.9', undefined, 'application/fhir+json'],
    ['application/*;q=0.1, text/*;q=0.2', undefined, 'text/json'],
    ['*/*;q=0.3, application/xml;q=0.4, application/*;q=0.2', undefined, 'application/xml'],
    ['application/*;q=0, */*', undefined, 'text/json'],
    [
      'application/fhir+json;q=0, application/json;q=0, text/*;q=0, */*;q=0.1',
      undefined,
      'application/fhir+xml',
    ],
    ['application/json;q=0.4, application/fhir+json;q=0.5', undefined, 'application/fhir+json'],
    ['application/fhir+json; fhirVersion=4.0', undefined, 'application/fhir+json'],
    ['application/fhir+json; fhirVersion=3.0', undefined, 406],
    ['application/fhir+json;q=0', undefined, 406],
    ['application/fhir+json;q=0, */*', undefined, 'application/json'],
    ['*/*;q=0', undefined, 406],
    ['application/fhir+xml;q=0', undefined, 406],
    ['application/fhir+xml; fhirVersion=5.0', undefined, 406],
    ['xml', undefined, 406],
    ['text/html', undefined, 406],
    ['nonsense', undefined, 406],
    ['application/fhir+xml', 'json', 'application/fhir+json'],
    ['text/html', 'application/fhir%2Bjson', 'application/fhir+json'],
    [undefined, 'application/fhir+json', 'application/fhir+json'],
    [undefined, 'application/json', 'application/json'],
    [undefined, 'text/json', 'text/json'],
    ['application/json', 'xml', 'application/fhir+xml'],
    [undefined, 'application/fhir%2Bxml', 'application/fhir+xml'],
    [undefined, 'application/fhir+xml', 'application/fhir+xml'],
    [undefined, 'application/xml', 'application/xml'],
    [undefined, 'text/xml', 'text/xml'],
    [undefined, 'ttl', 406],
    [undefined, '', 406],
  ] as const) {
    const what = `Accept: ${accept}, _format=${format}`
    const path = format === undefined ? 'Patient/p' : `Patient/p?_format=${format}`
    const reply = await ask(`GET ${path}`, undefined, accept === undefined ? {} : { accept })
    t.equal(reply.status, expected === 406 ? 406 : 200, what)
    t.equal(
      reply.headers['content-type'],
      `${expected === 406 ? 'application/fhir+json' : expected}; charset=utf-8`,
      what,
    )
    if (expected === 406)
      t.match(reply.json.issue[0].diagnostics, /application\/fhir\+json|fhirVersion must be 4\.0/, what)
  }
})

t.test('_pretty', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  const plain = await ask('GET Patient/p?_pretty=false')
  const pretty = await ask('GET Patient/p?_pretty=true')
  t.same(pretty.json, plain.json)
  t.match(pretty.text, /^\{\n {2}"resourceType": "Patient",\n/)
  t.match((await ask('GET Patient?_pretty=true')).text, /\n {2}"type": "searchset"/)
  t.match((await ask('GET Patient/none?_pretty=true')).text, /\n {2}"issue"/)
  t.match(
    (
      await ask('POST Patient/_search', '_pretty=true', {
        'content-type': 'application/x-www-form-urlencoded',
      })
    ).text,
    /\n {2}"type"/,
  )
  t.equal((await ask('GET Patient/p?_pretty=maybe')).status, 400)
})

t.test('the format of the body', async (t) => {
  const { ask } = startServer(t)
  const text = JSON.stringify({ resourceType: 'Patient' })
  for (const [type, status] of [
    ['application/fhir+json', 201],
    ['application/fhir+json; charset=utf-8', 201],
    ['application/fhir+json;charset=UTF-8;fhirVersion=4.0', 201],
    ['application/json', 201],
    ['text/json', 201],
    ['APPLICATION/JSON', 201],
    ['application/fhir+json; charset=iso-8859-1', 415],
    ['application/fhir+json; fhirVersion=5.0', 415],
    ['application/fhir+xml', 400],
    ['application/xml', 400],
    ['application/xml-patch+xml', 415],
    ['application/xhtml+xml', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json-patch+json', 415],
    ['application', 415],
    ['', 415],
  ] as const) {
    const reply = await ask('POST Patient', text, { 'content-type': type })
    t.equal(reply.status, status, `${type}: ${reply.text}`)
    if (status === 415) t.match(reply.json.issue[0].diagnostics, /json|UTF-8|fhirVersion/, type)
  }
})

t.test('malformed JSON is placed by line and column, not quoted', async (t) => {
  const { ask } = startServer(t)
  for (const [body, says] of [
    ['{"resourceType":"Patient",\n  "name": Geheim}', /[Ll]ine 2, column 11/],
    ['{"resourceType":"Patient"', /[Ll]ine 1, column 26/],
    ['{"active":true,"active":false}', /[Ll]ine 1.*twice/],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
  ] as const) {
    const reply = await ask('POST Patient', body)
    t.equal(reply.status, 400)
    t.equal(reply.json.issue[0].code, 'structure')
    t.match(reply.json.issue[0].diagnostics, says)
    t.notMatch(reply.text, /Geheim/)
  }
})

t.test('packed bodies', async (t) => {
  const { ask } = startServer(t, { http: { limits: { bodyBytes: 100_000 } } })
  const text = Buffer.from(JSON.stringify({ resourceType: 'Patient' }))
  for (const [encoding, body, status] of [
    ['gzip', gzipSync(text), 201],
    ['x-gzip', gzipSync(text), 201],
    ['deflate', deflateSync(text), 201],
    ['br', brotliCompressSync(text), 201],
    ['identity', text, 201],
    ['GZIP', gzipSync(text), 201],
    ['gzip', text, 400],
    ['zstd', text, 415],
    ['gzip, gzip', gzipSync(gzipSync(text)), 415],
    ['gzip', gzipSync(Buffer.alloc(10_000_000, ' ')), 413],
    ['br', brotliCompressSync(Buffer.alloc(10_000_000, ' ')), 413],
  ] as const) {
    const reply = await ask('POST Patient', body, { 'content-encoding': encoding })
    t.equal(reply.status, status, `${encoding} ${status}: ${reply.text}`)
  }
  const large = await ask('POST Patient', Buffer.alloc(100_001, ' '))
  t.equal(large.status, 413)
  t.equal(large.json.issue[0].code, 'too-long')
  t.match(large.json.issue[0].diagnostics, /97 KiB/)
})

t.test('packed answers', async (t) => {
  const { ask, app } = startServer(t)
  await ask('PUT Patient/p', { ...PATIENT, name: [{ family: 'x'.repeat(5000) }] })
  await ask('PUT Patient/small', { resourceType: 'Patient', id: 'small' })
  const plain = await ask('GET Patient/p')
  t.equal(plain.headers['content-encoding'], undefined)
  t.match(plain.headers.vary, /Accept-Encoding/)
  for (const [accept, packed] of [
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['*', true],
    ['br;q=1, gzip;q=0.2', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['br', false],
    ['identity', false],
  ] as const) {
    const headers = { 'accept-encoding': accept }
    const reply = await app.inject({ url: '/fhir/Patient/p', headers })
    t.equal(reply.headers['content-encoding'], packed ? 'gzip' : undefined, accept)
    t.equal((packed ? gunzipSync(reply.rawPayload) : reply.rawPayload).toString(), plain.text, accept)
    t.equal(reply.headers['content-length'], String(reply.rawPayload.length), accept)
    t.equal(reply.headers.etag, 'W/"1"', accept)
  }
  const small = await ask('GET Patient/small', undefined, { 'accept-encoding': 'gzip' })
  t.equal(small.headers['content-encoding'], undefined, 'small bodies are not worth it')
})

t.test('what the server fails at is told to the log alone', async (t) => {
  const failing = (error: unknown) => (store: Store) => ({ ...store, read: () => Promise.reject(error) })
  const server = startServer(t, { wrap: failing(new TypeError('about Geheim at /home/x.ts')) })
  const reply = await server.ask('GET Patient/p')
  t.equal(reply.status, 500)
  t.same(reply.json, {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: 'exception',
        diagnostics: 'The server failed. Its log says more under the X-Request-Id of this answer.',
      },
    ],
  })
  const line = server.log.map((text) => JSON.parse(text)).find(({ level }) => level === 50)
  t.equal(line.requestId, reply.headers['x-request-id'])
  t.equal(line.error, 'TypeError')
  t.ok(line.stack.length > 0)

  const syntax = startServer(t, {
    wrap: failing(new SyntaxError('Unexpected token G, "Geheim" is not JSON')),
  })
  await syntax.ask('GET Patient/p')
  t.notMatch(syntax.log.join(''), /Geheim/)

  const overloaded = new FhirError('overloaded', 'Try again.', { retryAfterSeconds: 7, detail: 'queue' })
  const busy = await startServer(t, { wrap: failing(overloaded) }).ask('GET Patient/p')
  t.equal(busy.status, 503)
  t.equal(busy.headers['retry-after'], '7')
  t.notMatch(busy.text, /queue/)
})

t.test('who may ask is decided before anything is read', async (t) => {
  const { ask } = startServer(t, {
    http: {
      repositoryFor: () => {
        throw new FhirError('forbidden', 'A token is needed.')
      },
    },
  })
  t.equal((await ask('GET Patient/p')).status, 403)
  t.equal((await ask('GET /healthz')).status, 200)
})

t.test('request ids', async (t) => {
  const { ask } = startServer(t)
  const own = await ask('GET Patient')
  t.match(own.headers['x-request-id'], /^test-\w+$/)
  t.not((await ask('GET Patient')).headers['x-request-id'], own.headers['x-request-id'])
  for (const [sent, kept] of [
    ['3f1c.A_b:c-9', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['a b', false],
    ['<b>', false],
    ['', false],
  ] as const) {
    const reply = await ask('GET Patient', undefined, { 'x-request-id': sent })
    t.equal(reply.headers['x-request-id'] === sent, kept, sent)
  }
  t.ok((await ask('GET Foo')).headers['x-request-id'], 'on errors too')
})

t.test('the log has a line a request, and no patient data', async (t) => {
  const { ask, log } = startServer(t)
  await ask('PUT Patient/geheim-1', { ...PATIENT, id: 'geheim-1' })
  await ask('GET Patient/geheim-1?_elements=name')
  await ask('GET Patient?family=Geheim')
  await ask('GET Geheim/geheim-1')
  await ask('POST Patient', '{"name": Geheim')
  await ask('GET /geheim')
  t.equal(log.length, 6)
  t.notMatch(log.join(''), /geheim/i)
  const lines = log.map((text) => JSON.parse(text))
  t.same(
    lines.map(({ request, status }) => `${request} ${status}`),
    [
      'PUT /fhir/Patient/:id 201',
      'GET /fhir/Patient/:id 200',
      'GET /fhir/Patient 200',
      'GET - 404',
      'POST /fhir/Patient 400',
      'GET - 404',
    ],
  )
  for (const line of lines) {
    t.equal(typeof line.ms, 'number')
    t.ok(line.bytes > 0)
    t.match(line.requestId, /^test-/)
  }
})

t.test('metrics', async (t) => {
  const { ask } = startServer(t, {
    http: { gauges: () => [{ name: 'alcove_store_queued_commits', help: 'Commits that wait.', value: 3 }] },
  })
  await ask('PUT Patient/p', PATIENT)
  await ask('GET Patient/p')
  await ask('GET Patient/q')
  await ask('GET Nonsense/q')
  const reply = await ask('GET /metrics')
  t.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  for (const sample of [
    'alcove_http_requests_total{interaction="read",type="Patient",status="2xx"} 1',
    'alcove_http_requests_total{interaction="read",type="Patient",status="4xx"} 1',
    'alcove_http_requests_total{interaction="other",type="",status="4xx"} 1',
    'alcove_http_request_duration_seconds_count{interaction="read"} 2',
    'alcove_http_request_duration_seconds_bucket{interaction="read",le="+Inf"} 2',
    'alcove_http_in_flight 0',
    'alcove_store_queued_commits 3',
  ])
    t.ok(reply.text.split('\n').includes(sample), sample)
  const syntax = /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [\d.e+-]+)$/
  for (const line of reply.text.trimEnd().split('\n')) t.match(line, syntax)
  const buckets = [
    ...reply.text.matchAll(/duration_seconds_bucket\{interaction="read",le="[^"]+"\} (\d+)/g),
  ].map(([, count]) => Number(count))
  t.same(
    buckets,
    buckets.toSorted((a, b) => a - b),
    'buckets add up',
  )
})

t.test('health and readiness', async (t) => {
  let ready = false
  const { ask } = startServer(t, { http: { ready: () => ready } })
  t.equal((await ask('GET /healthz')).status, 200)
  t.equal((await ask('GET /readyz')).status, 503)
  ready = true
  t.equal((await ask('GET /readyz')).status, 200)
})

t.test('the page at the root', async (t) => {
  const { ask } = startServer(t)
  const { status, headers, text } = await ask('GET /')
  t.equal(status, 200)
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.ok(text.includes(`href="${BASE}/metadata?_pretty=true"`))
  t.match(text, /curl /)
  t.notMatch(text, /<script|<img|<link|@import/)
})

t.test('further documents', async (t) => {
  const documents = new Map([
    ['/openapi.json', { mediaType: 'application/json', body: () => Buffer.from('{"a":1}') }],
  ])
  const { ask } = startServer(t, { http: { documents } })
  const reply = await ask('GET /openapi.json')
  t.equal(reply.text, '{"a":1}')
  t.equal(reply.headers['content-type'], 'application/json')
  t.equal((await ask('HEAD /openapi.json')).headers['content-length'], '7')
})

t.test('security headers stand on every answer', async (t) => {
  const { ask } = startServer(t)
  for (const line of [
    'GET Patient',
    'GET Patient/none',
    'GET Foo',
    'GET /',
    'GET /metrics',
    'DELETE Patient/x',
    'GET /none',
  ]) {
    const { headers } = await ask(line)
    t.equal(headers['x-content-type-options'], 'nosniff', line)
    t.equal(headers['x-frame-options'], 'DENY', line)
    t.equal(headers['referrer-policy'], 'no-referrer', line)
    t.equal(headers['cache-control'], 'no-store', line)
    t.equal(headers.server, undefined, line)
    t.equal(headers['x-powered-by'], undefined, line)
  }
})

t.test('the names by which it may be addressed', async (t) => {
  const { ask } = startServer(t, { http: { allowedHosts: ['localhost', '127.0.0.1', '::1'] } })
  for (const [host, status] of [
    ['localhost', 200],
    ['LocalHost:8080', 200],
    ['127.0.0.1:8080', 200],
    ['[::1]:8080', 200],
    ['[::1]', 200],
    ['evil.example:8080', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example:80', 403],
    ['::1', 403],
  ] as const)
    for (const path of ['Patient', '/metrics', '/none']) {
      const reply = await ask(`GET ${path}`, undefined, { host })
      t.equal(reply.status, status === 200 && path === '/none' ? 404 : status, `${host} ${path}`)
      if (status === 403) t.equal(reply.json.issue[0].code, 'forbidden')
    }
  const any = startServer(t)
  t.equal((await any.ask('GET Patient', undefined, { host: 'anything.example' })).status, 200)
})

t.test('CORS', async (t) => {
  const app = 'https://app.example.org'
  const preflight = { origin: app, 'access-control-request-method': 'PUT' }
  const none = startServer(t)
  t.equal(
    (await none.ask('GET Patient', undefined, { origin: app })).headers['access-control-allow-origin'],
    undefined,
  )
  t.equal(
    (await none.ask('OPTIONS Patient/p', undefined, preflight)).headers['access-control-allow-origin'],
    undefined,
  )

  const { ask } = startServer(t, { http: { corsOrigins: [app] } })
  for (const line of ['GET Patient', 'GET Patient/none', 'GET Foo']) {
    const { headers } = await ask(line, undefined, { origin: app })
    t.equal(headers['access-control-allow-origin'], app, line)
    t.match(
      headers['access-control-expose-headers'],
      /ETag, Location, Content-Location, Last-Modified, X-Request-Id/,
      line,
    )
    t.match(headers.vary, /Origin/, line)
  }
  const allowed = await ask('OPTIONS Patient/p', undefined, preflight)
  t.equal(allowed.status, 204)
  t.equal(allowed.headers['access-control-allow-origin'], app)
  t.match(allowed.headers['access-control-allow-methods'], /PUT/)
  t.match(allowed.headers['access-control-allow-headers'], /If-Match/)
  const stranger = await ask('GET Patient', undefined, { origin: 'https://evil.example' })
  t.equal(stranger.headers['access-control-allow-origin'], undefined)
  t.match(stranger.headers.vary, /Origin/)

  const any = startServer(t, { http: { corsOrigins: '*' } })
  t.equal(
    (await any.ask('GET Patient', undefined, { origin: app })).headers['access-control-allow-origin'],
    '*',
  )
})
