// batch and transaction: entries as requests, in order, on their own or all together.
import t from 'tap'
import { BASE, startServer } from './server.ts'

type Entry = Readonly<Record<string, unknown>>

const bundle = (type: string, ...entry: readonly unknown[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
})
const entry = (line: string, resource?: object, more: Entry = {}, fullUrl?: string): Entry => {
  const [method, url] = line.split(' ')
  return {
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(resource === undefined ? {} : { resource }),
    request: { method, url, ...more },
  }
}
const patient = (id?: string, more: object = {}): object => ({
  resourceType: 'Patient',
  ...(id === undefined ? {} : { id }),
  ...more,
})
const observation = (subject: string): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
})
const URN = 'urn:uuid:11111111-1111-4111-8111-111111111111'
const PATCH = {
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64'),
}

// oxlint-disable-next-line no-explicit-any -- bodies of every shape
const statuses = (json: any): string[] => json.entry.map((item: any) => item.response.status)

t.test('a batch answers every entry in its place', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', patient('p'))
  await ask('PUT Patient/q', patient('q'))
  const reply = await ask(
    'POST ',
    bundle(
      'batch',
      entry('GET Patient/p'),
      entry('POST Patient', patient()),
      entry('GET Patient/none'),
      entry('PUT Patient/r', patient('r')),
      entry('PUT Patient/r2', patient('other')),
      entry('DELETE Patient/q'),
      entry('PATCH Patient/p', PATCH),
      entry('GET Patient?_count=1&_sort=_lastUpdated'),
      entry('GET Patient/p/_history'),
      entry('GET metadata'),
      entry('POST Patiant', patient()),
      entry('PUT Patient/p', patient('p'), { ifMatch: 'W/"77"' }),
      entry('GET Patient/p', undefined, { ifNoneMatch: 'W/"2"' }),
      entry(`GET ${BASE}/Patient/p`),
      entry('GET /Patient/p'),
      entry('POST Patient', patient(), { ifNoneExist: '_id=p' }),
      entry('HEAD Patient/p'),
    ),
  )
  t.equal(reply.status, 200)
  t.equal(reply.json.type, 'batch-response')
  t.same(statuses(reply.json), [
    '200',
    '201',
    '404',
    '201',
    '400',
    '204',
    '200',
    '200',
    '200',
    '200',
    '404',
    '412',
    '304',
    '200',
    '200',
    '200',
    '200',
  ])
  const entries = reply.json.entry
  t.same(entries[0].resource, (await ask('GET Patient/p')).json)
  t.equal(entries[0].response.etag, 'W/"2"', 'reads come after writes')
  t.match(entries[1].response.location, new RegExp(`^${BASE}/Patient/id-\\d+/_history/1$`))
  t.equal(entries[1].response.etag, 'W/"1"')
  t.equal(entries[1].response.lastModified, '2026-01-31T08:00:00.123Z')
  t.notOk('resource' in entries[1], 'writes return minimal unless asked')
  t.equal(entries[2].response.outcome.issue[0].code, 'not-found')
  t.equal(entries[4].response.outcome.issue[0].expression[0], 'Bundle.entry[4].resource.id')
  t.equal(entries[6].response.etag, 'W/"2"')
  t.equal(entries[7].resource.type, 'searchset')
  t.equal(entries[8].resource.type, 'history')
  t.equal(entries[9].resource.resourceType, 'CapabilityStatement')
  t.equal(entries[11].response.outcome.issue[0].expression[0], 'Bundle.entry[11].request.ifMatch')
})

t.test('faulty entries of a batch do not touch the others', async (t) => {
  const { ask } = startServer(t)
  const faulty: readonly (readonly [unknown, string, string])[] = [
    [{}, '400', 'Bundle.entry[0].request'],
    [{ resource: patient() }, '400', 'Bundle.entry[0].request'],
    [{ request: { url: 'Patient' } }, '400', 'Bundle.entry[0].request.method'],
    [{ request: { method: 'get', url: 'Patient' } }, '400', 'Bundle.entry[0].request.method'],
    [{ request: { method: 'TRACE', url: 'Patient' } }, '400', 'Bundle.entry[0].request.method'],
    [{ request: { method: 'GET' } }, '400', 'Bundle.entry[0].request.url'],
    [{ request: { method: 'GET', url: 7 } }, '400', 'Bundle.entry[0].request.url'],
    [entry('GET https://other.test/fhir/Patient/1'), '400', 'Bundle.entry[0].request.url'],
    [entry('GET Patient/%zz'), '400', 'Bundle.entry[0].request.url'],
    [entry('GET urn:uuid:1'), '400', 'Bundle.entry[0].request.url'],
    [entry('GET Patient', patient()), '400', 'Bundle.entry[0].resource'],
    [entry('POST Patient'), '400', 'Bundle.entry[0]'],
    [entry('POST ', bundle('batch')), '400', 'Bundle.entry[0].request.url'],
    [entry('POST /', bundle('batch')), '400', 'Bundle.entry[0]'],
    [
      entry('GET Patient', undefined, { ifModifiedSince: 'today' }),
      '400',
      'Bundle.entry[0].request.ifModifiedSince',
    ],
    [{ ...entry('GET Patient'), resorce: {} }, '400', 'Bundle.entry[0]'],
    [entry('GET Patient', undefined, { verb: 'x' }), '400', 'Bundle.entry[0].request'],
    [
      entry('PATCH Patient/p', { ...PATCH, contentType: 'text/plain' }),
      '400',
      'Bundle.entry[0].resource.contentType',
    ],
    [entry('DELETE Patient/p/_history'), '405', 'Bundle.entry[0]'],
    [entry('GET Patient/p/$everything'), '404', 'Bundle.entry[0]'],
    [entry('GET Patient/p/$nothing'), '501', 'Bundle.entry[0]'],
  ]
  for (const [bad, status, expression] of faulty) {
    const what = JSON.stringify(bad)
    const reply = await ask('POST ', bundle('batch', bad, entry('POST Patient', patient())))
    t.equal(reply.status, 200, what)
    t.same(statuses(reply.json), [status, '201'], `${what}: ${reply.text}`)
    t.equal(reply.json.entry[0].response.outcome.issue[0].expression?.[0], expression, what)
  }
})

t.test('a failure of the server in one entry', async (t) => {
  const { ask, log } = startServer(t, {
    wrap: (store) => ({
      ...store,
      read: (key, access) =>
        key.id === 'broken' ? Promise.reject(new Error('secret detail')) : store.read(key, access),
      commit: (commit) => store.commit(commit),
    }),
  })
  await ask('PUT Patient/p', patient('p'))
  const reply = await ask('POST ', bundle('batch', entry('GET Patient/broken'), entry('GET Patient/p')))
  t.same(statuses(reply.json), ['500', '200'])
  t.notMatch(reply.text, /secret/)
  t.ok(log.some((line) => line.includes('"level":50')))
})

t.test('Bundles that are neither', async (t) => {
  const { ask } = startServer(t)
  for (const [body, expression] of [
    [bundle('collection', entry('GET Patient')), 'Bundle.type'],
    [{ resourceType: 'Bundle' }, 'Bundle.type'],
    [patient(), 'Bundle'],
    [[], 'Bundle'],
    [{ resourceType: 'Bundle', type: 'batch', entry: {} }, 'Bundle.entry'],
    [{ resourceType: 'Bundle', type: 'batch', entry: [] }, 'Bundle.entry'],
    [{ resourceType: 'Bundle', type: 'batch', entry: [1] }, 'Bundle.entry[0]'],
    [{ resourceType: 'Bundle', type: 'batch', entrys: [] }, 'Bundle'],
  ] as const) {
    const reply = await ask('POST ', body)
    t.equal(reply.status, 400, JSON.stringify(body))
    t.equal(reply.json.issue[0].expression[0], expression, JSON.stringify(body))
  }
  t.equal((await ask('POST ')).status, 400)
  t.equal((await ask('POST ', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415)
  for (const type of ['batch', 'transaction']) {
    const empty = await ask('POST ', { resourceType: 'Bundle', type })
    t.equal(empty.status, 200)
    t.equal(empty.json.type, `${type}-response`)
    t.notOk('entry' in empty.json)
  }
})

t.test('a transaction does all', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/gone', patient('gone'))
  await ask('PUT Patient/p', patient('p'))
  const reply = await ask(
    'POST ',
    bundle(
      'transaction',
      entry('GET Observation?subject=Patient/p2'),
      entry('POST Observation', observation(URN)),
      entry('POST Patient', patient(), {}, URN),
      entry('DELETE Patient/gone'),
      entry('PUT Patient/p2', patient('p2')),
      entry('POST Observation', observation('Patient/p2')),
      entry('PATCH Patient/p', PATCH),
      entry('GET Patient/p2'),
      entry('POST Patient', patient(), { ifNoneExist: '_id=p' }),
      entry('PUT Patient?_id=p3', patient('p3')),
    ),
  )
  t.equal(reply.status, 200, reply.text)
  t.equal(reply.json.type, 'transaction-response')
  t.same(statuses(reply.json), ['200', '201', '201', '204', '201', '201', '200', '200', '200', '201'])
  const entries = reply.json.entry
  t.equal(entries[0].resource.total, 1, 'GET comes after the writes')
  t.equal(entries[7].resource.id, 'p2')
  t.notOk('resource' in entries[1])
  const placed = entries[2].response.location.slice(BASE.length + 1).replace('/_history/1', '')
  const stored = await ask(`GET ${entries[1].response.location.slice(BASE.length + 1)}`)
  t.equal(stored.json.subject.reference, placed, 'references are rewritten')
  t.equal((await ask('GET Patient/gone')).status, 410)
})

t.test('Prefer in a transaction', async (t) => {
  const { ask } = startServer(t)
  const write = bundle('transaction', entry('POST Patient', patient()))
  const whole = await ask('POST ', write, { prefer: 'return=representation' })
  t.equal(whole.json.entry[0].resource.resourceType, 'Patient')
  const outcome = await ask('POST ', write, { prefer: 'return=OperationOutcome' })
  t.notOk('resource' in outcome.json.entry[0])
  t.equal(outcome.json.entry[0].response.outcome.resourceType, 'OperationOutcome')
  const minimal = await ask('POST ', write, { prefer: 'handling=strict' })
  t.same(Object.keys(minimal.json.entry[0]), ['response'])
})

t.test('a transaction does nothing when one entry fails', async (t) => {
  const good = entry('POST Patient', patient())
  for (const [bad, status, expression] of [
    [entry('POST Patient', patient(undefined, { gender: 'x' })), 400, 'Bundle.entry[1].resource.gender'],
    [entry('PUT Patient/a', patient('b')), 400, 'Bundle.entry[1].resource.id'],
    [entry('PUT Patient/p', patient('p'), { ifMatch: 'W/"9"' }), 412, 'Bundle.entry[1].request.ifMatch'],
    [entry('PUT Patient/p', patient('p'), { ifMatch: '9' }), 400, 'Bundle.entry[1].request.ifMatch'],
    [entry('PUT Patient/p', patient('p'), { ifNoneMatch: '*' }), 412, 'Bundle.entry[1].request.ifNoneMatch'],
    [entry('POST Observation', observation('Patient/none')), 422, 'Bundle.entry[1]'],
    [entry('POST Observation', observation(URN)), 400, 'Bundle.entry[1].resource'],
    [entry('PATCH Patient/none', PATCH), 404, 'Bundle.entry[1]'],
    [entry('GET Patient/none'), 404, 'Bundle.entry[1]'],
    [entry('GET Patient?foo=1'), 400, 'Bundle.entry[1].request'],
    [entry('POST Patiant', patient()), 400, 'Bundle.entry[1]'],
    [entry('POST Patient/p', patient()), 400, 'Bundle.entry[1]'],
    [entry('POST ', bundle('batch')), 400, 'Bundle.entry[1].request.url'],
    [entry('GET https://other.test/Patient'), 400, 'Bundle.entry[1].request.url'],
    [{ resource: patient() }, 400, 'Bundle.entry[1].request'],
    [entry('DELETE Patient'), 400, 'Bundle.entry[1]'],
  ] as const) {
    const { ask } = startServer(t)
    await ask('PUT Patient/p', patient('p'))
    const what = JSON.stringify(bad)
    const reply = await ask('POST ', bundle('transaction', good, bad))
    t.equal(reply.status, status, `${what}: ${reply.text}`)
    t.equal(reply.json.resourceType, 'OperationOutcome', what)
    t.ok(reply.json.issue[0].expression?.[0].startsWith(expression), `${what}: ${reply.text}`)
    t.equal((await ask('GET Patient?_total=accurate')).json.total, 1, `${what} writes nothing`)
  }
})

t.test('every faulty entry of a transaction is told', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask(
    'POST ',
    bundle(
      'transaction',
      {},
      entry('GET Foo/1'),
      entry('POST Patient', patient()),
      entry('PUT Patient/a', patient('b')),
    ),
  )
  t.equal(reply.status, 400)
  t.same(
    reply.json.issue.map((issue: { expression: string[] }) =>
      issue.expression[0]?.split('.').slice(0, 2).join('.'),
    ),
    ['Bundle.entry[0]', 'Bundle.entry[1]', 'Bundle.entry[3]'],
  )
})

t.test('entries that mean the same', async (t) => {
  const { ask } = startServer(t)
  const twice = await ask(
    'POST ',
    bundle(
      'transaction',
      entry('PUT Patient/p', patient('p')),
      entry('PUT Patient/p', patient('p', { active: true })),
    ),
  )
  t.equal(twice.status, 400)
  t.equal(twice.json.issue[0].code, 'duplicate')
  const named = await ask(
    'POST ',
    bundle(
      'transaction',
      entry('POST Patient', patient(), {}, URN),
      entry('POST Patient', patient(), {}, URN),
    ),
  )
  t.equal(named.status, 400)
  t.equal(named.json.issue[0].expression[0], 'Bundle.entry[1].fullUrl')
  const gone = await ask('POST ', bundle('transaction', entry('DELETE Patient/p'), entry('GET Patient/p')))
  t.equal(gone.status, 400)
  t.equal((await ask('GET Patient?_total=accurate')).json.total, 0)
})

t.test('decimals pass through a transaction', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask(
    'POST ',
    '{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"w"},"valueQuantity":{"value":1.00}},"request":{"method":"POST","url":"Observation"}}]}',
    { prefer: 'return=representation' },
  )
  t.match(reply.text, /"value":1\.00/)
})

t.test('a Bundle of more entries than are taken at once is refused whole', async (t) => {
  const { ask } = startServer(t)
  const one = entry('POST Basic', { resourceType: 'Basic', code: { text: 'one of many' } })
  for (const type of ['batch', 'transaction']) {
    const reply = await ask('POST /fhir', bundle(type, ...Array.from({ length: 5001 }, () => one)))
    t.equal(reply.status, 422)
    const [issue] = reply.json.issue
    t.match(issue, { code: 'too-costly', expression: ['Bundle.entry'] })
    t.match(issue.diagnostics, /5001 entries.*5000/)
  }
  t.equal((await ask('GET Basic?_summary=count')).json.total, 0)
})
