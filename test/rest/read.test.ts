// read, vread, their conditions, and the errors of routing.
import t from 'tap'
import { BASE, START, startServer } from './server.ts'

const PATIENT = { resourceType: 'Patient', id: 'p', active: true, name: [{ family: 'Chalmers' }] }
const LAST_MODIFIED = 'Sat, 31 Jan 2026 08:00:00 GMT'

t.test('read answers with the stored bytes, version and time', async (t) => {
  const { ask } = startServer(t)
  const text =
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"w"},"valueQuantity":{"value":1.00},"_status":{"extension":[{"url":"http://x.test/y","valueDecimal":0.10}]}}'
  await ask('PUT Observation/o', text)
  const reply = await ask('GET Observation/o')
  t.equal(reply.status, 200)
  t.equal(reply.headers.etag, 'W/"1"')
  t.equal(reply.headers['last-modified'], LAST_MODIFIED)
  t.equal(reply.headers['content-type'], 'application/fhir+json; charset=utf-8')
  t.equal(reply.headers['content-length'], String(Buffer.byteLength(reply.text)))
  t.equal(
    reply.text,
    text.replace(
      '"id":"o",',
      `"id":"o","meta":{"versionId":"1","lastUpdated":"${new Date(START).toISOString()}"},`,
    ),
  )
})

t.test('HEAD answers as GET without the body', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  for (const path of [
    'Patient/p',
    'Patient/p/_history/1',
    'Patient',
    'Patient/p/_history',
    'metadata',
    '/healthz',
    '/',
  ]) {
    const [get, head] = [await ask(`GET ${path}`), await ask(`HEAD ${path}`)]
    t.equal(head.status, get.status, path)
    t.equal(head.headers.etag, get.headers.etag, path)
    t.equal(head.headers['content-length'], get.headers['content-length'], path)
    t.equal(head.text, '', path)
  }
  const missing = await ask('HEAD Patient/none')
  t.equal(missing.status, 404)
  t.equal(missing.text, '')
})

t.test('versions', async (t) => {
  const { ask, tick } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  tick(5000)
  await ask('PUT Patient/p', { ...PATIENT, active: false })
  t.equal((await ask('GET Patient/p/_history/1')).json.active, true)
  const second = await ask('GET Patient/p/_history/2')
  t.equal(second.json.active, false)
  t.equal(second.headers.etag, 'W/"2"')
  t.equal(second.headers['last-modified'], 'Sat, 31 Jan 2026 08:00:05 GMT')
  await ask('DELETE Patient/p')
  t.equal((await ask('GET Patient/p/_history/2')).status, 200, 'old versions outlive the deletion')
  for (const [path, status, code] of [
    ['Patient/p', 410, 'deleted'],
    ['Patient/p/_history/3', 410, 'deleted'],
    ['Patient/p/_history/4', 404, 'not-found'],
    ['Patient/p/_history/x', 404, 'not-found'],
    ['Patient/q', 404, 'not-found'],
    ['Patient/q/_history/1', 404, 'not-found'],
    ['Observation/p', 404, 'not-found'],
  ] as const) {
    const reply = await ask(`GET ${path}`)
    t.equal(reply.status, status, path)
    t.equal(reply.json.resourceType, 'OperationOutcome', path)
    t.equal(reply.json.issue[0].code, code, path)
  }
})

t.test('conditional read', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  for (const [headers, status] of [
    [{ 'if-none-match': 'W/"1"' }, 304],
    [{ 'if-none-match': '"1"' }, 304],
    [{ 'if-none-match': 'W/"7", W/"1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': 'W/"2"' }, 200],
    [{ 'if-none-match': '1' }, 400],
    [{ 'if-none-match': 'W/"1" W/"2"' }, 400],
    [{ 'if-modified-since': LAST_MODIFIED }, 304],
    [{ 'if-modified-since': 'Sat, 31 Jan 2026 08:00:01 GMT' }, 304],
    [{ 'if-modified-since': 'Sat, 31 Jan 2026 07:59:59 GMT' }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-none-match': 'W/"2"', 'if-modified-since': LAST_MODIFIED }, 200],
    [{ 'if-none-match': 'W/"1"', 'if-modified-since': 'Sat, 31 Jan 2026 07:59:59 GMT' }, 304],
  ] as const)
    for (const path of ['Patient/p', 'Patient/p/_history/1']) {
      const reply = await ask(`GET ${path}`, undefined, headers)
      const what = `${path} ${JSON.stringify(headers)}`
      t.equal(reply.status, status, what)
      if (status === 304) {
        t.equal(reply.text, '', what)
        t.equal(reply.headers.etag, 'W/"1"', what)
        t.equal(reply.headers['last-modified'], LAST_MODIFIED, what)
        t.equal(reply.headers['content-type'], undefined, what)
      }
      if (status === 400) t.equal(reply.json.issue[0].expression[0], 'http.if-none-match', what)
    }
})

t.test('what no interaction answers', async (t) => {
  const { ask } = startServer(t)
  for (const [line, status, says] of [
    ['GET Patiant/1', 404, 'did you mean Patient?'],
    ['GET patient/1', 404, 'did you mean Patient?'],
    ['GET Patiant', 404, 'did you mean Patient?'],
    ['GET Xy%3Cscript%3E/1', 404, 'no resource type of that name'],
    ['GET Resource/1', 404, 'no resource type'],
    ['GET Patient/a_b', 404, 'an id is'],
    [`GET Patient/${'x'.repeat(65)}`, 404, 'an id is'],
    ['PUT Patient/a_b', 400, 'an id is'],
    ['GET Patient/1/_history/1/2', 404, 'No interaction'],
    ['GET Patient//1', 404, 'No interaction'],
    ['GET _metadata', 404, 'No interaction'],
    ['GET Patient/1/Obs', 404, 'no resource type'],
    ['GET Observation/1/Patient', 404, 'no compartment'],
    ['GET Patient/1/Observation/1', 404, 'No interaction'],
    ['GET Observation/$everything', 501, 'Patient/[id]/$everything'],
    ['GET Observation/1/$lastn', 501, 'Observation/$lastn'],
    ['GET Patient/$nothing', 501, '$nothing'],
    ['GET $export', 501, '$export'],
    ['GET Patient/%E0%A4%A', 400, '%'],
    ['GET Patient/1%2F2', 404, 'an id is'],
    ['GET Patient?name=%zz', 400, '%'],
    ['GET /else', 404, BASE],
    ['GET /fhirx/Patient', 404, BASE],
  ] as const) {
    const reply = await ask(line)
    t.equal(reply.status, status, line)
    t.equal(reply.json.resourceType, 'OperationOutcome', line)
    t.ok(reply.json.issue[0].diagnostics.includes(says), `${line}: ${reply.json.issue[0].diagnostics}`)
    t.notMatch(reply.text, /script|node_modules|\.ts:/, line)
  }
})

t.test('methods that are not offered name those that are', async (t) => {
  const { ask } = startServer(t)
  for (const [line, allow] of [
    ['POST Patient/1', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT metadata', 'GET, HEAD'],
    ['DELETE Patient/1/_history', 'GET, HEAD'],
    ['DELETE Patient/1/_history/1', 'GET, HEAD'],
    ['PUT Patient/1/_history/1', 'GET, HEAD'],
    ['GET Patient/_search', 'POST'],
    ['PUT ', 'POST, GET, HEAD'],
    ['PUT Patient/1/Observation', 'GET, HEAD'],
    ['GET Patient/1/Observation/_search', 'POST'],
    ['PUT Patient/$everything', 'GET, HEAD, POST'],
    ['POST _history', 'GET, HEAD'],
  ] as const) {
    const reply = await ask(line)
    t.equal(reply.status, 405, line)
    t.equal(reply.headers.allow, allow, line)
    t.equal(reply.json.issue[0].code, 'not-supported', line)
  }
  for (const [path, allow] of [
    ['Patient', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['Patient/1', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
  ] as const) {
    const reply = await ask(`OPTIONS ${path}`)
    t.equal(reply.status, 204)
    t.equal(reply.headers.allow, allow)
  }
})

t.test('a slash at the end does no harm', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  t.equal((await ask('GET Patient/p/')).status, 200)
  t.equal((await ask('GET Patient/')).json.total, 1)
  t.equal((await ask('POST /fhir/', { resourceType: 'Bundle', type: 'batch' })).status, 200)
})

t.test('parameters that read does not know', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', PATIENT)
  const strict = await ask('GET Patient/p?name=x&_count=3')
  t.equal(strict.status, 400)
  t.same(
    strict.json.issue.map((issue: { expression: string[] }) => issue.expression[0]),
    ['http.name', 'http._count'],
  )
  t.equal((await ask('GET Patient/p?name=x', undefined, { prefer: 'handling=lenient' })).status, 200)
})
