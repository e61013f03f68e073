// $revenue over HTTP: what it takes, what it refuses and how it is asked for as a picture.
import t from 'tap'
import { claim } from '../billing/revenue/written-claims.ts'
import { revenueServer } from '../billing/revenue/revenue-server.ts'
import { resource } from '../billing/practice.ts'
import { startServer } from '../rest/server.ts'

const LINE = { code: '90834', date: '2026-04-10', cents: 12_345 }

t.test('the last twelve months when no period is given; by GET, HEAD and POST', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  const on = (id: string, date: string) => claim({ id, lines: [{ ...LINE, date, cents: 100 }] })
  await server.put(on('a', '2025-06-30'), on('b', '2025-07-01'), on('c', '2026-06-30'), on('d', '2026-07-01'))
  const told = await server.revenue()
  t.equal(told.total['charged'], '2.00')
  t.same(told.reply.json.parameter[0].valuePeriod, { start: '2025-07-01', end: '2026-06-30' })
  t.equal((await server.revenue('?end=2026-07-01')).total['charged'], '2.00', 'from the first of August')
  t.equal((await server.revenue('?start=2025&end=2026')).total['charged'], '4.00')
  t.equal((await server.ask('HEAD $revenue')).status, 200)
  const posted = await server.ask('POST $revenue', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'start', valueDate: '2025' },
      { name: 'end', valueDate: '2025' },
      { name: 'group', valueCode: 'month' },
      { name: 'group', valueCode: 'payer' },
    ],
  })
  t.equal(posted.status, 200, posted.text)
  t.match(posted.text, /"name":"month","valueDate":"2025-06"\},\{"name":"payer"/)
  t.match(posted.text, /"value":1\.00/)
})

t.test('what it refuses, it names', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  for (const [query, words] of [
    ['start=2026-13', /start.*must be a date/],
    ['start=2026-01-01T00:00:00Z', /start.*must be a date/],
    ['start=', /start.*no value/],
    ['end=2025&start=2026', /end.*before start/],
    ['start=2026&start=2025', /start.*more than once/],
    ['group=week', /group.*payer, month, clinician, code/],
    ['group=month&group=month', /group.*twice/],
    ['payer=Patient/p1', /payer.*Organization/],
    ['payer=http://elsewhere.example/Organization/1', /payer.*Organization/],
    ['clinician=Patient/p1', /clinician.*Practitioner/],
    [`payer=x${'&payer=x'.repeat(20)}`, /payer.*more than 20/],
    ['groups=month', /groups.*Did you mean 'group'/],
  ] as const) {
    const { status, text } = await server.ask(`GET $revenue?${query}`)
    t.equal(status, 400, `${query}: ${text}`)
    t.match(text, words)
  }
  const plain = startServer(t)
  t.equal((await plain.ask('GET $revenue')).status, 501)
})

t.test('a claim that cannot be read is named, and all others count', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  await server.put(
    claim({ id: 'good', lines: [LINE] }),
    claim({
      id: 'bad',
      lines: [LINE],
      more: { item: undefined, total: { value: 1.000_01, currency: 'USD' } },
    }),
  )
  const told = await server.revenue('?start=2026')
  t.equal(told.total['claims'], 1)
  t.match(told.reply.json.parameter.at(-1), {
    name: 'unreadable',
    part: [
      { name: 'count', valueUnsignedInt: 1 },
      { name: 'claim', valueReference: { reference: 'Claim/bad' } },
    ],
  })
})

t.test('no digit is lost, however long an amount is', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  const amounts = ['90071992547409930.0001', '0.1', '0.20', '1e-1', '123456789012.3456', '-0.0100']
  for (const [at, amount] of amounts.entries()) {
    const made = claim({ id: `c${at}`, lines: [{ ...LINE, cents: 777_777 }] })
    const reply = await server.ask(`PUT Claim/c${at}`, JSON.stringify(made).replaceAll('7777.77', amount))
    t.equal(reply.status, 201, reply.text)
  }
  const { text } = (await server.revenue('?start=2026')).reply
  t.match(text, /"name":"charged","valueMoney":\{"value":90072116004198942\.7357,/)
})

t.test('as a picture', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  await server.put(
    resource({ resourceType: 'Organization', id: 'payer9', name: '<script>&"Mutual"' }),
    claim({ id: 'a', lines: [LINE] }),
    claim({ id: 'b', payer: 'payer9', lines: [LINE] }),
  )
  const byAccept = await server.ask('GET $revenue?group=payer', undefined, { accept: 'image/svg+xml' })
  const byFormat = await server.ask('GET $revenue?group=payer&_format=image/svg%2Bxml')
  t.equal(byAccept.status, 200)
  t.equal(byAccept.headers['content-type'], 'image/svg+xml')
  t.equal(byAccept.text, byFormat.text)
  t.match(byAccept.text, /^<svg /)
  t.match(byAccept.text, /Harbor Health Plan/)
  t.notMatch(byAccept.text, /<script/)
  t.notMatch(byAccept.text, /Lake-p1/, 'it names no patient')
})
