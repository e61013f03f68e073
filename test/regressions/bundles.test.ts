// Bundles that were once taken in spite of their faults, and faults that were told badly.
import t from 'tap'
import { startServer } from '../rest/server.ts'

const URN = 'urn:uuid:11111111-1111-4111-8111-111111111111'
const PATIENT = { resourceType: 'Patient' }
const POST = { method: 'POST', url: 'Patient' }
const bundle = (type: string, entry: readonly unknown[], more: object = {}): object => ({
  resourceType: 'Bundle',
  type,
  ...more,
  entry,
})

t.test('what is wrong with the Bundle itself', async (t) => {
  for (const type of ['batch', 'transaction'])
    for (const [more, expression] of [
      [{ total: 4 }, 'Bundle'],
      [{ link: 5 }, 'Bundle.link'],
      [{ timestamp: 'today' }, 'Bundle.timestamp'],
      [{ signature: {} }, 'Bundle.signature'],
      [{ meta: { profile: [1] } }, 'Bundle.meta.profile[0]'],
      [{ sorted: true }, 'Bundle'],
    ] as const) {
      const { ask } = startServer(t)
      const what = `${type} ${JSON.stringify(more)}`
      const { status, json } = await ask('POST ', bundle(type, [{ resource: PATIENT, request: POST }], more))
      t.equal(status, 400, what)
      t.equal(json.issue[0].expression[0], expression, what)
      t.equal((await ask('GET Patient?_summary=count')).json.total, 0, what)
    }
})

t.test('what is wrong with an entry', async (t) => {
  for (const [more, expression] of [
    [{ fullUrl: 5 }, 'Bundle.entry[1].fullUrl'],
    [{ fullUrl: '' }, 'Bundle.entry[1].fullUrl'],
    [{ fullUrl: 'http://x.test/Patient/1/_history/2' }, 'Bundle.entry[1]'],
    [{ link: {} }, 'Bundle.entry[1].link'],
    [
      { request: { ...POST, ifNoneExist: 'active=true', extension: [] } },
      'Bundle.entry[1].request.extension',
    ],
  ] as const) {
    const { ask } = startServer(t)
    const what = JSON.stringify(more)
    const entries = [
      { resource: PATIENT, request: POST },
      { resource: PATIENT, request: POST, ...more },
    ]
    const batch = await ask('POST ', bundle('batch', entries))
    t.equal(batch.status, 200, what)
    t.equal(batch.json.entry[0].response.status, '201', 'the other entry is not touched')
    t.equal(batch.json.entry[1].response.status, '400', what)
    t.equal(batch.json.entry[1].response.outcome.issue[0].expression[0], expression, what)
    const transaction = await ask('POST ', bundle('transaction', entries))
    t.equal(transaction.status, 400, what)
    t.equal(transaction.json.issue[0].expression[0], expression, what)
    t.equal((await ask('GET Patient?_summary=count')).json.total, 1, what)
  }
  const { ask } = startServer(t)
  for (const more of [{ search: { mode: 'match' } }, { response: { status: '200' } }])
    for (const type of ['batch', 'transaction']) {
      const { status } = await ask('POST ', bundle(type, [{ resource: PATIENT, request: POST, ...more }]))
      t.equal(status, 400, `${type} ${JSON.stringify(more)}`)
    }
})

t.test('bdl-7: entries with the same fullUrl', async (t) => {
  const { ask } = startServer(t)
  const version = (versionId: string): object => ({
    fullUrl: URN,
    resource: { ...PATIENT, meta: { versionId } },
    request: POST,
  })
  const read = { fullUrl: URN, request: { method: 'GET', url: 'Patient' } }
  for (const [type, entries, status] of [
    ['transaction', [version('1'), version('1')], 400],
    ['transaction', [version('1'), version('2')], 400],
    ['transaction', [version('1'), read], 400],
    ['batch', [version('1'), version('1')], 400],
    ['batch', [read, read], 400],
    ['batch', [version('1'), version('2')], 200],
    ['batch', [version('1'), { ...version('1'), fullUrl: `${URN.slice(0, -1)}2` }], 200],
  ] as const) {
    const reply = await ask('POST ', bundle(type, entries))
    t.equal(reply.status, status, `${type} ${JSON.stringify(entries)}: ${reply.text}`)
    if (status === 400) t.equal(reply.json.issue[0].expression[0], 'Bundle.entry[1].fullUrl')
  }
})

t.test('a single entry is named too, and so is the reference that is wrong', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p', active: true })
  await ask('PUT Patient/q', { resourceType: 'Patient', id: 'q', active: true })
  const group = (reference: string): object => ({
    resourceType: 'Group',
    type: 'person',
    actual: true,
    member: [{ entity: { reference: 'Patient/p' } }, { entity: { reference } }],
  })
  const observation = (reference: string): object => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    _status: { extension: [{ url: 'http://x.test', valueReference: { reference } }] },
  })
  const member = 'resource.member[1].entity.reference'
  const extension = 'resource.status.extension[0].value.reference'
  for (const [request, resource, status, place] of [
    [{ method: 'DELETE', url: 'Patient?active=true' }, undefined, 412, ''],
    [{ method: 'PUT', url: 'Patient/p', ifMatch: 'W/"7"' }, { ...PATIENT, id: 'p' }, 412, 'request.ifMatch'],
    [{ method: 'POST', url: 'Group' }, group('Patient/none'), 422, member],
    [{ method: 'POST', url: 'Group' }, group(URN), 400, member],
    [{ method: 'POST', url: 'Group' }, group('Patient?active=false'), 412, member],
    [{ method: 'POST', url: 'Group' }, group('Patient?active=true'), 412, member],
    [{ method: 'POST', url: 'Group' }, group('Patient?foo=true'), 400, member],
    [{ method: 'POST', url: 'Group' }, group('Patiant?active=true'), 400, member],
    [{ method: 'POST', url: 'Observation' }, observation('Patient/none'), 422, extension],
    [{ method: 'POST', url: 'Observation' }, observation(URN), 400, extension],
  ] as const) {
    const reply = await ask('POST ', bundle('transaction', [{ ...(resource && { resource }), request }]))
    const what = JSON.stringify(resource ?? request)
    t.equal(reply.status, status, `${what}: ${reply.text}`)
    const expected = place === '' ? 'Bundle.entry[0]' : `Bundle.entry[0].${place}`
    t.strictSame(reply.json.issue[0].expression, [expected], what)
  }
  const alone = await ask('POST Group', group('Patient/none'))
  t.strictSame(alone.json.issue[0].expression, ['Group.member[1].entity.reference'])
})

t.test(
  'what the server itself writes into a resource must be fit, even when validation only warns',
  async (t) => {
    const { ask } = startServer(t, { repository: { validation: 'warn' } })
    for (const id of ['a"b', 'a b', '', 'é', 'x'.repeat(65), 5, null, {}]) {
      const reply = await ask('PUT Patient?identifier=none', { resourceType: 'Patient', id })
      t.equal(reply.status, 400, JSON.stringify(id))
      t.strictSame(reply.json.issue[0].expression, ['Patient.id'])
    }
    for (const meta of ['abc', 5, true, null, [], [{}]]) {
      const reply = await ask('POST Patient', { resourceType: 'Patient', meta })
      t.equal(reply.status, 400, JSON.stringify(meta))
      t.strictSame(reply.json.issue[0].expression, ['Patient.meta'])
    }
    t.equal(
      (await ask('POST Patient', { resourceType: 'Patient', gender: 'x' })).status,
      201,
      'it does only warn',
    )
    t.equal((await ask('GET Patient?_summary=count')).json.total, 1)
  },
)

t.test('reads that would fill the memory are left to another Bundle', async (t) => {
  const { ask } = startServer(t)
  const data = Buffer.alloc(6 * 1024 * 1024).toString('base64')
  await ask('PUT Binary/b', { resourceType: 'Binary', id: 'b', contentType: 'image/png', data })
  const read = { request: { method: 'GET', url: 'Binary/b' } }
  const write = { resource: { ...PATIENT, id: 'w' }, request: { method: 'PUT', url: 'Patient/w' } }
  for (const type of ['batch', 'transaction']) {
    const { status, text } = await ask(
      'POST ',
      bundle(type, [...Array.from({ length: 40 }, () => read), write]),
    )
    t.equal(status, 200, type)
    const statuses = [...text.matchAll(/"response":\{"status":"(\d+)"/g)].map(([, it]) => it)
    t.equal(statuses.length, 41, type)
    t.ok(statuses.includes('422') && statuses.slice(0, 8).every((it) => it === '200'), `${type}: ${statuses}`)
    t.match(text, 'in another Bundle')
    t.ok(text.length < 300 * 1024 * 1024)
    t.equal(statuses[40], type === 'batch' ? '201' : '200', 'writes are done')
  }
})

t.test('a transaction may read the history of what it makes', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask(
    'POST ',
    bundle('transaction', [
      { request: { method: 'GET', url: 'Patient/new/_history' } },
      { resource: { ...PATIENT, id: 'new' }, request: { method: 'PUT', url: 'Patient/new' } },
    ]),
  )
  t.equal(reply.status, 200, reply.text)
  t.equal(reply.json.entry[0].resource.total, 1)
  const other = { request: { method: 'GET', url: 'Patient/other/_history' } }
  t.equal((await ask('POST ', bundle('transaction', [other]))).status, 404)
})

t.test('a JSON Patch in a Binary is base64 to the letter', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  const base64 = Buffer.from('[{"op":"add","path":"/active","value":true}]').toString('base64')
  for (const [data, status] of [
    [`${base64.slice(0, 8)}\n${base64.slice(8)}`, '200'],
    [base64.slice(0, -4), '400'],
    [base64.replace(/=*$/, ''), '400'],
    [`!${base64}`, '400'],
    [`${base64}====`, '400'],
    ['', '400'],
  ] as const) {
    const resource = { resourceType: 'Binary', contentType: 'application/json-patch+json', data }
    const entry = { resource, request: { method: 'PATCH', url: 'Patient/p' } }
    const { json } = await ask('POST ', bundle('batch', [entry]))
    t.equal(json.entry[0].response.status, status, JSON.stringify(data))
  }
})
