// Claims of opioid treatment programs over HTTP: a bundle for each seven days, by the drug, with its add-ons.
import t from 'tap'
import { claimBundleOf } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { BASE, type BillingServer, coded, performed, priced } from '../practice.ts'
import { changed } from '../rules/services.ts'
import {
  askClaims,
  attended,
  daysFrom,
  dose,
  episode,
  linesOf,
  programServer,
  SNOMED,
  takeHome,
  told,
  toldOf,
  x12Of,
} from './programs.ts'
import { readAgain } from './x12.ts'

const opioid = { level: 'opioid-treatment-program' }
const diagnosis = [{ condition: { reference: 'Condition/opi' } }]

async function program(
  t: { teardown(work: () => unknown): void },
  { start = '2026-02-02', end, today = '2026-04-20' }: { start?: string; end?: string; today?: string } = {},
): Promise<BillingServer> {
  const server = await programServer(t, today)
  const over = end === undefined ? {} : { end }
  await server.put(episode({ ...opioid, start, ...over, more: { diagnosis } }))
  await server.put(...attended('ep1', 'intake', start, { location: 'opioid' }))
  return server
}

const doses = (days: readonly string[], drug = '6813', more = {}): Resource[] =>
  days.map((day) => dose(`dose-${day}`, day, drug, more))
const claimsOf = (bundle: { entry: { resource: Resource }[] }) => bundle.entry.map(({ resource }) => resource)

t.test('four weeks of methadone are four bundles under their first days', async (t) => {
  const server = await program(t)
  await server.put(...doses(daysFrom('2026-02-02', '2026-03-01')))
  const reply = await askClaims(server, 'ep1', '2026-02-02', '2026-03-01')
  t.equal(reply.status, 201)
  t.same(
    linesOf(reply.json),
    ['02-02 G2067 x1', '02-09 G2067 x1', '02-16 G2067 x1', '02-23 G2067 x1'],
    'OTP1',
  )
  t.same(reply.json.billablePeriod, { start: '2026-02-02', end: '2026-02-23' })
  t.match(reply.json, {
    type: { coding: [{ code: 'professional' }] },
    careTeam: [
      { provider: { reference: 'Organization/clinic1' }, role: { coding: [{ code: 'rendering' }] } },
    ],
    diagnosis: [{ diagnosisCodeableConcept: { coding: [{ code: 'F11.20' }] } }],
    item: [{ locationCodeableConcept: { coding: [{ code: '58' }] }, quantity: { value: 1, unit: 'UN' } }],
  })
  const provenance = await server.ask(`GET Provenance?target=Claim/${reply.json.id}`)
  t.match(provenance.text, /MedicationAdministration\/dose-2026-02-11\/_history\/1/)
  readAgain(t, await claimBundleOf(callerView(server.repository), reply.json, BASE))
  t.match(
    await x12Of(server, reply.json.id),
    /SV1\*HC:G2067[:A-Z0-9]*\*[\d.]+\*UN\*1\*\*\*1~DTP\*472\*D8\*20260216~/,
  )
})

t.test('no claim has weeks of two months, and no window makes a week twice', async (t) => {
  const server = await program(t, { start: '2026-02-04' })
  await server.put(...doses(daysFrom('2026-02-04', '2026-03-17')))
  const first = await askClaims(server, 'ep1', '2026-02-01', '2026-02-12')
  t.same(linesOf(first.json), ['02-04 G2067 x1', '02-11 G2067 x1'])
  const rest = await askClaims(server, 'ep1', '2026-02-01', '2026-03-15', '&issues=true')
  const [{ resource: bundle }, { resource: issues }] = rest.json.parameter
  t.same(claimsOf(bundle).map(linesOf), [
    ['02-18 G2067 x1', '02-25 G2067 x1'],
    ['03-04 G2067 x1', '03-11 G2067 x1'],
  ])
  t.match(toldOf(issues, 'days-billed-before'), new RegExp(`Claim/${first.json.id} .*2026-02-04, 2026-02-11`))
  const again = await askClaims(server, 'ep1', '2026-02-11', '2026-02-20')
  t.equal(again.status, 422)
  t.same(told(again.json), ['days-billed-before Claim.item.serviced'])
  t.equal((await askClaims(server, 'ep1', '2026-02-04', '2026-02-11')).json.id, first.json.id)
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 3)
})

t.test('a week without any service is not billed, one of a visit alone needs its note', async (t) => {
  const server = await program(t)
  await server.put(...doses(daysFrom('2026-02-16', '2026-02-18')))
  await server.put(...attended('ep1', 'talk', '2026-02-25', { location: 'opioid' }))
  const reply = await askClaims(server, 'ep1', '2026-02-09', '2026-03-08')
  t.same(linesOf(reply.json), ['02-16 G2067 x1', '02-23 G2074 x1'])
  await server.ask('DELETE DocumentReference/note-intake')
  const bare = await askClaims(server, 'ep1', '2026-02-02', '2026-02-08')
  t.same(told(bare.json), ['day-without-note DocumentReference.context.encounter'])
  t.match(toldOf(bare.json, 'day-without-note'), '2026-02-02')
  t.same(told((await askClaims(server, 'ep1', '2026-03-02', '2026-03-08')).json), [
    'period-without-days EpisodeOfCare.period',
  ])
})

t.test('doses to take home are three units in four weeks at most', async (t) => {
  const server = await program(t)
  await server.put(...doses(['2026-02-02', '2026-02-09', '2026-02-16', '2026-02-23', '2026-03-02']))
  await server.put(
    takeHome('take-1', '2026-02-02', 6),
    takeHome('take-2', '2026-02-09', 14),
    takeHome('take-3', '2026-02-16', 6),
    takeHome('take-4', '2026-03-02', 6),
  )
  const reply = await askClaims(server, 'ep1', '2026-02-02', '2026-03-08', '&issues=true')
  const [{ resource: bundle }, { resource: issues }] = reply.json.parameter
  t.same(claimsOf(bundle).map(linesOf), [
    [
      '02-02 G2067 x1',
      '02-02 G2078 x1',
      '02-09 G2067 x1',
      '02-09 G2078 x2',
      '02-16 G2067 x1',
      '02-23 G2067 x1',
    ],
    ['03-02 G2067 x1', '03-02 G2078 x1'],
  ])
  t.match(toldOf(issues, 'units-over-limit'), /G2078.*2026-02-16/)
})

t.test('intake and counseling of visits are add-ons of their week', async (t) => {
  const server = await program(t)
  await server.put(...doses(['2026-02-02', '2026-02-10']))
  const stated = (...extension: object[]) => ({ location: 'opioid', more: { extension } })
  await server.put(...attended('ep1', 'intake', '2026-02-02', stated(performed('opioid-program-intake'))))
  await server.put(
    ...attended('ep1', 'c1', '2026-02-10', stated(performed('opioid-program-more-counseling', undefined, 2))),
    ...attended('ep1', 'c2', '2026-02-12', stated(performed('opioid-program-more-counseling'))),
  )
  const reply = await askClaims(server, 'ep1', '2026-02-02', '2026-02-15')
  t.same(linesOf(reply.json), ['02-02 G2067 x1', '02-02 G2076 x1', '02-09 G2067 x1', '02-09 G2080 x3'])
})

t.test('drug, route and a clinician’s word choose the week', async (t) => {
  const server = await program(t)
  const by = (route: string) => ({ dosage: { route: coded(SNOMED, route), dose: { value: 8, unit: 'mg' } } })
  await server.put(
    dose('a', '2026-02-03', '1819', by('37839007')),
    dose('b', '2026-02-10', '1819', by('34206005')),
    ...doses(['2026-02-16', '2026-02-17']),
    ...['2026-02-18', '2026-02-19', '2026-02-20'].map((day) => dose(`x-${day}`, day, '1819', by('37839007'))),
    dose('e', '2026-02-24', '6813'),
    ...attended('ep1', 'implant', '2026-02-25', {
      location: 'opioid',
      kinds: ['opioid-program-week-implant-insertion'],
    }),
    dose('aspirin', '2026-02-26', '1191'),
  )
  const reply = await askClaims(server, 'ep1', '2026-02-02', '2026-03-01', '&issues=true')
  const [{ resource: claim }, { resource: issues }] = reply.json.parameter
  t.same(linesOf(claim), ['02-02 G2068 x1', '02-09 G2069 x1', '02-16 G2068 x1', '02-23 G2070 x1'])
  t.match(toldOf(issues, 'drugs-of-week'), /2026-02-16.*G2068/)
  await server.put(dose('f', '2026-03-03', '1819', { dosage: { dose: { value: 8, unit: 'mg' } } }))
  const unclear = await askClaims(server, 'ep1', '2026-03-02', '2026-03-08')
  t.same(told(unclear.json), ['drug-route-missing MedicationAdministration.dosage.route'])
  t.match(toldOf(unclear.json, 'drug-route-missing'), 'MedicationAdministration/f')
})

t.test('a week is billed when it is over, or the patient has left', async (t) => {
  const server = await program(t, { today: '2026-02-14' })
  await server.put(...doses(daysFrom('2026-02-02', '2026-02-12')))
  const reply = await askClaims(server, 'ep1', '2026-02-02', '2026-02-14', '&issues=true')
  t.same(linesOf(reply.json.parameter[0].resource), ['02-02 G2067 x1'])
  t.match(toldOf(reply.json.parameter[1].resource, 'period-not-over'), '2026-02-09')
  await server.put(episode({ ...opioid, start: '2026-02-02', end: '2026-02-12', more: { diagnosis } }))
  const last = await askClaims(server, 'ep1', '2026-02-09', '2026-02-14')
  t.same(linesOf(last.json), ['02-09 G2067 x1'])
})

t.test('a practice whose weeks all begin on Monday', async (t) => {
  const server = await program(t, { start: '2026-02-04' })
  const census = {
    extension: [
      { url: 'withinMonth', valueBoolean: true },
      { url: 'startsOn', valueCode: 'mon' },
    ],
  }
  for (const code of ['G2067', 'G2074']) {
    const id = `service-${code.toLowerCase()}`
    await server.put(priced(changed(code, { id }, { census: [census] }), '250.00'))
  }
  await server.put(...doses(daysFrom('2026-02-04', '2026-02-15')))
  const reply = await askClaims(server, 'ep1', '2026-02-01', '2026-02-15')
  t.same(linesOf(reply.json), ['02-02 G2067 x1', '02-09 G2067 x1'])
})
