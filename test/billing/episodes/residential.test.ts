// Claims of residential stays over HTTP: midnights, leave, interim bills, and what stands against a claim.
import t from 'tap'
import { claimBundleOf } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { BASE, type BillingServer, coverage, NOTE_WORDS } from '../practice.ts'
import { readAgain } from './x12.ts'
import {
  askClaims,
  dailyNotes,
  daysFrom,
  episode,
  informationOf,
  linesOf,
  programServer,
  stay,
  told,
  toldOf,
  x12Of,
} from './programs.ts'

const resident = { level: 'residential-substance-use', service: 'residential-short-term-day' }
const nights = (first: string, last: string) =>
  daysFrom(first, last).map((day) => `${day.slice(5)} 1002 H0018 x1`)

async function stayed(
  t: { teardown(work: () => unknown): void },
  { end, today }: { end?: string; today: string },
): Promise<BillingServer> {
  const server = await programServer(t, today)
  const isOver = end === undefined ? {} : { end: end.slice(0, 10) }
  await server.put(episode({ ...resident, ...isOver }))
  await server.put(stay('ep1', end === undefined ? {} : { end }))
  await server.put(...dailyNotes('stay1', daysFrom('2026-03-03', today)))
  return server
}

t.test('a whole stay: seventeen midnights, the day of discharge not billed', async (t) => {
  const server = await stayed(t, { end: '2026-03-20T11:00:00-05:00', today: '2026-03-21' })
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-21')
  t.equal(reply.status, 201)
  const claim = reply.json
  t.same(linesOf(claim), nights('2026-03-03', '2026-03-19'))
  t.equal(claim.item.length, 17, 'RES1')
  t.same(informationOf(claim), {
    typeofbill: '0861',
    admissionperiod: '2026-03-03T10:00:00-06:00/2026-03-20T11:00:00-05:00',
    admtype: '3',
    pointoforigin: '1',
    'discharge-status': '01',
  })
  t.same(claim.billablePeriod, { start: '2026-03-03', end: '2026-03-20' })
  t.match(claim, {
    status: 'draft',
    type: { coding: [{ code: 'institutional' }] },
    careTeam: [
      { provider: { reference: 'Practitioner/physician1' }, role: { coding: [{ code: 'attending' }] } },
    ],
    item: [{ quantity: { value: 1, unit: 'DA' }, encounter: [{ reference: 'Encounter/stay1' }] }],
  })
  t.same(
    claim.diagnosis.map(({ type }: { type: { coding: { code: string }[] }[] }) => type[0]?.coding[0]?.code),
    ['principal', 'admitting'],
  )
  const cents = (amount: string | undefined) => Math.round(Number(amount) * 100)
  t.equal(cents(claim.total.value), 17 * cents(claim.item[0].unitPrice.value))
  t.notOk(reply.text.includes(NOTE_WORDS))

  t.equal((await askClaims(server, 'ep1', '2026-03-01', '2026-03-21')).text, reply.text, 'the same again')
  const narrower = await askClaims(server, 'ep1', '2026-03-03', '2026-03-20')
  t.equal(narrower.status, 200, 'the same days by another window')
  t.equal(narrower.json.id, claim.id)
  const part = await askClaims(server, 'ep1', '2026-03-05', '2026-03-07')
  t.equal(part.status, 422)
  t.same(told(part.json), ['days-billed-before Claim.item.serviced'])
  t.match(
    toldOf(part.json, 'days-billed-before'),
    new RegExp(`Claim/${claim.id} .*2026-03-05, 2026-03-06, 2026-03-07`),
  )

  const provenance = await server.ask(`GET Provenance?target=Claim/${claim.id}`)
  const made = provenance.json.entry[0].resource.entity.map(
    ({ what }: { what: { reference: string } }) => what.reference,
  )
  t.ok(made.includes('Encounter/stay1/_history/1'))
  t.equal(made.filter((one: string) => one.startsWith('DocumentReference/')).length, 17)
  t.notOk(provenance.text.includes(NOTE_WORDS))

  const bundle = await claimBundleOf(callerView(server.repository), claim, BASE)
  readAgain(t, bundle)
  const text = await x12Of(server, claim.id)
  t.match(text, /CLM\*[A-Z0-9]+\*[\d.]+\*\*\*86:A:1\*/)
  t.match(text, /CL1\*3\*1\*01~/)
  t.match(text, /DTP\*434\*RD8\*20260303-20260320~/)
  t.match(text, /SV2\*1002\*HC:H0018\*[\d.]+\*DA\*1~/)
})

t.test('a stay over three months is billed first, further and last', async (t) => {
  const server = await stayed(t, { today: '2026-04-01' })
  const march = await askClaims(server, 'ep1', '2026-03-01', '2026-03-31')
  t.equal(march.status, 201)
  t.same(linesOf(march.json), nights('2026-03-03', '2026-03-31'))
  t.equal(march.json.item.length, 29, 'RES2')
  t.match(informationOf(march.json), { typeofbill: '0862', 'discharge-status': '30' })
  t.equal(informationOf(march.json)['admissionperiod'], '2026-03-03T10:00:00-06:00/')
  readAgain(t, await claimBundleOf(callerView(server.repository), march.json, BASE))

  server.tick(60 * 86_400_000)
  await server.put(...dailyNotes('stay1', daysFrom('2026-04-01', '2026-05-09')))
  const early = await askClaims(server, 'ep1', '2026-05-01', '2026-05-31')
  t.equal(early.status, 422, 'payers take claims of a stay in their order')
  t.ok(told(early.json).includes('days-before-not-billed start'))
  const april = await askClaims(server, 'ep1', '2026-04-01', '2026-04-30')
  t.match(informationOf(april.json), { typeofbill: '0863', 'discharge-status': '30' })
  t.equal(april.json.item.length, 30)

  await server.put(episode({ ...resident, end: '2026-05-10' }))
  await server.put(stay('ep1', { end: '2026-05-10T09:00:00-05:00', disposition: 'aadvice' }))
  const may = await askClaims(server, 'ep1', '2026-05-01', '2026-05-31')
  t.equal(may.status, 201)
  t.match(informationOf(may.json), { typeofbill: '0864', 'discharge-status': '07' })
  t.same(may.json.billablePeriod, { start: '2026-05-01', end: '2026-05-10' })
  t.equal(may.json.item.length, 9)
  t.match(await x12Of(server, may.json.id), /CL1\*3\*1\*07~/)
})

t.test('leave has a revenue code of its own, and needs no note', async (t) => {
  const server = await programServer(t, '2026-03-15')
  await server.put(episode({ ...resident, end: '2026-03-12' }))
  const away = [
    { status: 'onleave', period: { start: '2026-03-06T16:00:00-06:00', end: '2026-03-08T17:00:00-05:00' } },
  ]
  await server.put(stay('ep1', { end: '2026-03-12T09:00:00-05:00', more: { statusHistory: away } }))
  const there = ['2026-03-03', '2026-03-04', '2026-03-05', ...daysFrom('2026-03-08', '2026-03-11')]
  await server.put(...dailyNotes('stay1', there))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-14')
  t.equal(reply.status, 201)
  t.same(linesOf(reply.json), [
    ...nights('2026-03-03', '2026-03-05'),
    '03-06 0183 not-applicable x1',
    '03-07 0183 not-applicable x1',
    ...nights('2026-03-08', '2026-03-11'),
  ])
  readAgain(t, await claimBundleOf(callerView(server.repository), reply.json, BASE))
  const text = await x12Of(server, reply.json.id)
  t.match(text, /SV2\*0183\*\*[\d.]+\*DA\*1~/)
})

t.test('what stands against a claim is told all at once, with its days', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(coverage('cov1', 'p1', { period: { start: '2026-03-05' } }))
  await server.put(
    episode({ ...resident, end: '2026-03-12', more: { diagnosis: [], careManager: undefined } }),
  )
  await server.put(
    stay('ep1', {
      end: '2026-03-12T09:00:00-05:00',
      more: { hospitalization: undefined, participant: undefined },
    }),
  )
  await server.put(...dailyNotes('stay1', ['2026-03-03', '2026-03-04', '2026-03-06', '2026-03-08']))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.equal(reply.status, 422)
  t.same(told(reply.json).toSorted(), [
    'coverage-not-in-force Coverage.period',
    'day-without-note DocumentReference.context.encounter',
    'diagnosis-missing Encounter.diagnosis',
    'discharge-status-missing Encounter.hospitalization.dischargeDisposition',
    'rendering-missing EpisodeOfCare.careManager',
  ])
  t.match(
    toldOf(reply.json, 'day-without-note'),
    '2026-03-05, 2026-03-07, 2026-03-09, 2026-03-10, 2026-03-11.',
  )
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 0)
  const covered = await askClaims(server, 'ep1', '2026-03-05', '2026-03-15')
  t.notOk(
    told(covered.json).some((one) => one.startsWith('coverage')),
    'from the first day that it pays',
  )
  t.notOk(
    told(covered.json).some((one) => one.startsWith('days-before')),
    'what it does not pay need not be billed',
  )
})

t.test('a stay that goes on is billed up to last night', async (t) => {
  const server = await stayed(t, { today: '2026-03-10' })
  const reply = await askClaims(server, 'ep1', '2026-03-03', '2026-03-10')
  t.same(told(reply.json), ['period-not-over end'])
  t.equal((await askClaims(server, 'ep1', '2026-03-03', '2026-03-11')).status, 400, 'tomorrow is not over')
  t.equal((await askClaims(server, 'ep1', '2026-03-03', '2026-03-09')).status, 201)
})

t.test('parameters', async (t) => {
  const server = await programServer(t, '2026-03-10')
  await server.put(episode(resident))
  const ask = (more: string) => server.ask(`POST EpisodeOfCare/ep1/$generate-claim${more}`)
  for (const wrong of [
    '',
    '?start=2026-03-03',
    '?start=2026-03-03&end=2026-03',
    '?start=2026-03-03&end=2026-03-01',
    '?start=2026-03-03&end=2026-03-09&claimType=pharmacy',
    '?start=2026-03-03&end=2026-03-09&since=2026-03-03',
  ])
    t.equal((await ask(wrong)).status, 400, wrong)
  t.equal((await ask('?start=2024-03-03&end=2026-03-09')).status, 422, 'at most a year')
  t.equal(
    (await server.ask('POST EpisodeOfCare/never/$generate-claim?start=2026-03-03&end=2026-03-09')).status,
    404,
  )
  t.same(told((await ask('?start=2026-03-03&end=2026-03-09')).json), [
    'period-without-days EpisodeOfCare.period',
  ])
})
