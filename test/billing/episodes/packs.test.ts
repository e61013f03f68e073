// What payers want otherwise of stays, by definitions of their own and nothing else.
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { claimBundleOf, generateForEpisode, savePlan } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { BASE, type BillingServer, billingWorld, coverage, KINDS, priced } from '../practice.ts'
import { changed } from '../rules/services.ts'
import {
  askClaims,
  dailyNotes,
  daysFrom,
  episode,
  informationOf,
  linesOf,
  programParts,
  programServer,
  stay,
  told,
  toldOf,
} from './programs.ts'
import { readAgain } from './x12.ts'

const resident = { level: 'residential-substance-use', service: 'residential-short-term-day' }
const useContext = [
  {
    code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
    valueReference: { reference: 'Organization/payer1' },
  },
]
const leave = { url: 'leave', valueCoding: { system: KINDS, code: 'therapeutic-leave-day' } }
const midnight = { url: 'counts', valueCode: 'midnight' }

function pack(code: string, elements: JsonObject, extensions: Record<string, JsonObject[]> = {}): Resource {
  const made = changed(
    code,
    { id: `pack-${code}`, url: `urn:pack-${code}`, useContext, ...elements },
    extensions,
  )
  return priced(made, '321.09')
}

async function stayed(
  t: { teardown(work: () => unknown): void },
  ...packs: readonly Resource[]
): Promise<BillingServer> {
  const server = await programServer(t, '2026-05-25')
  await server.put(...packs, episode({ ...resident, end: '2026-03-12' }))
  const away = [
    { status: 'onleave', period: { start: '2026-03-06T16:00:00-06:00', end: '2026-03-09T17:00:00-05:00' } },
  ]
  await server.put(stay('ep1', { end: '2026-03-12T09:00:00-05:00', more: { statusHistory: away } }))
  await server.put(...dailyNotes('stay1', daysFrom('2026-03-03', '2026-03-12')))
  return server
}

const daysOf = (claim: object) => linesOf(claim).map((line) => line.slice(0, 5))

t.test('the day of discharge', async (t) => {
  const census = { extension: [midnight, leave, { url: 'dischargeDay', valueBoolean: true }] }
  const server = await stayed(t, pack('H0018', {}, { census: [census] }))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.equal(linesOf(reply.json).at(-1), '03-12 1002 H0018 x1')
  t.equal(reply.json.item.length, 10)
})

t.test('leave that is paid for some days of a year, or not at all', async (t) => {
  const limit = {
    extension: [
      { url: 'units', valuePositiveInt: 2 },
      { url: 'days', valuePositiveInt: 365 },
    ],
  }
  const limited = await stayed(t, pack('0183', {}, { limit: [limit] }))
  const two = await askClaims(limited, 'ep1', '2026-03-01', '2026-03-20', '&issues=true')
  const lines = linesOf(two.json.parameter[0].resource)
  t.same(
    lines.filter((line) => line.includes('0183')),
    ['03-06 0183 not-applicable x1', '03-07 0183 not-applicable x1'],
  )
  t.match(toldOf(two.json.parameter[1].resource, 'units-over-limit'), '2026-03-08')

  const retired = await stayed(t, pack('0183', { status: 'retired' }))
  const none = await askClaims(retired, 'ep1', '2026-03-01', '2026-03-20', '&issues=true')
  t.equal(none.json.parameter[0].resource.item.length, 6)
  t.match(toldOf(none.json.parameter[1].resource, 'no-rule'), '2026-03-06, 2026-03-07, 2026-03-08')

  const unsaid = await stayed(t, pack('H0018', {}, { census: [{ extension: [midnight] }] }))
  const left = await askClaims(unsaid, 'ep1', '2026-03-01', '2026-03-20', '&issues=true')
  t.equal(left.json.parameter[0].resource.item.length, 6)
  t.match(toldOf(left.json.parameter[1].resource, 'leave-not-billed'), '2026-03-06, 2026-03-07, 2026-03-08')
})

t.test('a professional claim has the days alone', async (t) => {
  const server = await stayed(t)
  const reply = await askClaims(
    server,
    'ep1',
    '2026-03-01',
    '2026-03-20',
    '&claimType=professional&issues=true',
  )
  const [{ resource: claim }, { resource: issues }] = reply.json.parameter
  t.equal(claim.item.length, 6)
  t.match(claim.item[0], {
    quantity: { unit: 'UN' },
    locationCodeableConcept: { coding: [{ code: '55' }] },
  })
  t.match(toldOf(issues, 'leave-not-billed'), '2026-03-06, 2026-03-07, 2026-03-08')
  readAgain(t, await claimBundleOf(callerView(server.repository), claim, BASE))
  const away = await stayed(t)
  const nothing = await askClaims(away, 'ep1', '2026-03-06', '2026-03-08', '&claimType=professional')
  t.same(told(nothing.json), [
    'nothing-billed EpisodeOfCare.type',
    'leave-not-billed Encounter.statusHistory',
  ])
})

t.test('a claim a month, and no notes', async (t) => {
  const census = {
    extension: [
      midnight,
      { url: 'withinMonth', valueBoolean: true },
      { url: 'withoutNote', valueBoolean: true },
    ],
  }
  const server = await programServer(t, '2026-05-25')
  await server.put(pack('H0018', {}, { census: [census] }), episode({ ...resident, end: '2026-05-02' }))
  await server.put(stay('ep1', { end: '2026-05-02T09:00:00-05:00' }))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-05-10')
  const claims = reply.json.entry.map(({ resource }: { resource: Resource }) => resource)
  t.same(
    claims.map((claim: Resource) => [
      claim['billablePeriod'],
      informationOf(claim)['typeofbill'],
      daysOf(claim).length,
    ]),
    [
      [{ start: '2026-03-03', end: '2026-03-31' }, '0862', 29],
      [{ start: '2026-04-01', end: '2026-04-30' }, '0863', 30],
      [{ start: '2026-05-01', end: '2026-05-02' }, '0864', 1],
    ],
  )
})

t.test('another house has another bill, and a step down another code', async (t) => {
  const server = await programServer(t, '2026-05-25')
  await server.put(episode({ level: 'residential-psychiatric', end: '2026-03-08' }))
  const type = [{ coding: [{ system: KINDS, code: 'residential-long-term-day' }] }]
  await server.put(
    stay('ep1', { id: 's1', end: '2026-03-06T09:00:00-06:00' }),
    stay('ep1', {
      id: 's2',
      start: '2026-03-06T09:30:00-06:00',
      end: '2026-03-08T10:00:00-05:00',
      more: { type },
    }),
  )
  await server.put(
    ...dailyNotes('s1', daysFrom('2026-03-03', '2026-03-05')),
    ...dailyNotes('s2', ['2026-03-06', '2026-03-07']),
  )
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(linesOf(reply.json), [
    '03-03 1001 H0018 x1',
    '03-04 1001 H0018 x1',
    '03-05 1001 H0018 x1',
    '03-06 1001 H0019 x1',
    '03-07 1001 H0019 x1',
  ])
})

t.test('a payer that does not take the code, and a code without a price', async (t) => {
  const server = await stayed(t, pack('H0018', { status: 'retired' }))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.equal(reply.status, 422)
  t.same(told(reply.json), ['program-missing EpisodeOfCare.type'])
  const free = changed('H0018', { id: 'free', url: 'urn:free', useContext })
  const unpriced = await stayed(t, free)
  const asked = await askClaims(unpriced, 'ep1', '2026-03-01', '2026-03-20')
  t.same(told(asked.json), ['price-missing ChargeItemDefinition.propertyGroup.priceComponent'])
})

t.test('a stay of more than a year goes on being billed in parts', async (t) => {
  const census = { extension: [midnight, { url: 'withoutNote', valueBoolean: true }] }
  const made = await billingWorld()
  await made.put(...programParts, pack('H0018', {}, { census: [census] }))
  await made.put(coverage('cov1', 'p1', { period: { start: '2024-12-01' } }))
  await made.put(
    episode({ ...resident, start: '2025-01-01' }),
    stay('ep1', { start: '2025-01-01T10:00:00-06:00' }),
  )
  const bills: (string | undefined)[] = []
  for (const [start, end, asked] of [
    ['2025-01-01', '2025-01-31', '2025-02-02'],
    ['2025-02-01', '2026-03-31', '2026-04-02'],
    ['2026-04-01', '2026-04-30', '2026-05-02'],
  ] as const) {
    const now = Date.parse(`${asked}T12:00:00Z`)
    const found = await generateForEpisode(made.view(), made.parts, { episodeId: 'ep1', start, end, now })
    t.same(found.refusals, [])
    for (const { plan, name, claim } of found.claims) {
      if (plan !== undefined) await savePlan(made.repository, plan, name, now)
      bills.push(informationOf(claim)['typeofbill'])
    }
  }
  t.same(bills, ['0862', '0863', '0863'])
})
