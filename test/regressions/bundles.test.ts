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
