// Claims of day programs over HTTP: a line for each day on which the patient came, as each payer wants it.
import t from 'tap'
import { claimBundleOf } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { BASE, billed, coded, note, priced, resource, visit } from '../practice.ts'
import { changed } from '../rules/services.ts'
import {
  askClaims,
  attended,
  daysFrom,
  episode,
  informationOf,
  linesOf,
  programServer,
  told,
  toldOf,
  x12Of,
} from './programs.ts'
import { readAgain } from './x12.ts'

const SUBSTANCE_USE = { level: 'intensive-outpatient-substance-use', start: '2026-03-02' }
const HOSPITAL = { level: 'partial-hospitalization', start: '2026-03-02' }
const CAME = ['2026-03-02', '2026-03-04', '2026-03-06', '2026-03-09', '2026-03-11', '2026-03-13']

const came = (days: readonly string[], minutes = 180): Resource[] =>
  days.flatMap((day) => attended('ep1', `v-${day}`, day, { minutes }))

/** For the payer of the practice alone. */
const useContext = [
  {
    code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
    valueReference: { reference: 'Organization/payer1' },
  },
]

t.test('a day of a program is its episode’s to bill, not the visit’s', async (t) => {
  const server = await programServer(t, '2026-03-20')
  const kinds = ['intensive-outpatient-substance-use-day']
  const more = { diagnosis: billed('dep') }
  await server.put(
    episode(SUBSTANCE_USE),
    ...attended('ep1', 'by-level', '2026-03-02', { more }),
    ...attended('ep1', 'by-kind', '2026-03-04', { minutes: 180, kinds, more }),
    ...attended('ep1', 'therapy', '2026-03-06', { minutes: 45, kinds: ['individual-psychotherapy'], more }),
  )
  const byLevel = await server.ask('POST Encounter/by-level/$generate-claim')
  t.equal(byLevel.status, 422)
  t.match(told(byLevel.json), [/^visit-of-period Encounter.type/])
  const warnings = async (id: string) => {
    const { json } = await server.ask(`POST Encounter/${id}/$generate-claim?dryRun=true&issues=true`)
    return json.parameter.slice(1).flatMap(({ resource: outcome }: { resource: object }) => told(outcome))
  }
  t.match(await warnings('by-kind'), [/^visit-of-period Encounter.type/])
  t.strictSame(await warnings('therapy'), [])
})

t.test('one line a day attended, by the level of care alone', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode(SUBSTANCE_USE), ...came(CAME))
  // A second visit of a day, one that did not take place, and one of another episode.
  await server.put(...attended('ep1', 'second', '2026-03-04', { minutes: 60 }))
  await server.put(...attended('ep1', 'no-show', '2026-03-05', { more: { status: 'cancelled' } }))
  await server.put(episode({ id: 'other', ...SUBSTANCE_USE }), ...attended('other', 'o', '2026-03-03'))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.equal(reply.status, 201)
  t.same(
    linesOf(reply.json),
    CAME.map((day) => `${day.slice(5)} 0906 H0015 x1`),
    'IOP1',
  )
  t.same(informationOf(reply.json), {
    typeofbill: '0762',
    admtype: '9',
    pointoforigin: '1',
    'discharge-status': '30',
  })
  t.same(reply.json.billablePeriod, { start: '2026-03-02', end: '2026-03-15' })
  t.match(reply.json.item[1], {
    quantity: { value: 1, unit: 'UN' },
    encounter: [{ reference: 'Encounter/second' }, { reference: 'Encounter/v-2026-03-04' }],
    extension: [{}, {}, { valuePositiveInt: 240 }],
  })
  t.match(reply.json.careTeam, [{ provider: { reference: 'Practitioner/physician1' } }])
  readAgain(t, await claimBundleOf(callerView(server.repository), reply.json, BASE))
  t.match(await x12Of(server, reply.json.id), /SV2\*0906\*HC:H0015\*[\d.]+\*UN\*1~/)

  await server.put(...came(['2026-03-16', '2026-03-18']), episode({ ...SUBSTANCE_USE, end: '2026-03-18' }))
  const last = await askClaims(server, 'ep1', '2026-03-16', '2026-03-20')
  t.match(informationOf(last.json), { typeofbill: '0764', 'discharge-status': '01' })
  t.same(last.json.billablePeriod, { start: '2026-03-16', end: '2026-03-18' })
})

t.test('days without notes, visits that are not finished, and days before that nobody billed', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode(SUBSTANCE_USE), ...came(CAME))
  await server.ask('DELETE DocumentReference/note-v-2026-03-04')
  await server.ask('DELETE DocumentReference/note-v-2026-03-13')
  const unsigned = note('v-2026-03-06', 'p1', { authenticator: undefined })
  delete unsigned['authenticator']
  await server.put(unsigned)
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.same(told(reply.json), ['day-without-note DocumentReference.context.encounter'])
  t.match(toldOf(reply.json, 'day-without-note'), '2026-03-04, 2026-03-06, 2026-03-13.')
  const later = await askClaims(server, 'ep1', '2026-03-09', '2026-03-12')
  t.same(told(later.json), ['days-before-not-billed start'])
  await server.put(
    visit('open', {
      day: '2026-03-10',
      more: { status: 'in-progress', episodeOfCare: [{ reference: 'EpisodeOfCare/ep1' }] },
    }),
  )
  const open = await askClaims(server, 'ep1', '2026-03-10', '2026-03-12')
  t.match(toldOf(open.json, 'visit-not-finished'), '2026-03-10')
})

t.test('a payer that wants so many minutes gets days of no less', async (t) => {
  const server = await programServer(t, '2026-03-20')
  const rule = changed(
    'H0015',
    { id: 'three-hours', url: 'urn:three-hours', useContext },
    {
      unit: [
        {
          extension: [
            { url: 'basis', valueCode: 'day' },
            { url: 'minMinutes', valuePositiveInt: 180 },
          ],
        },
      ],
    },
  )
  await server.put(priced(rule, '210.10'), episode(SUBSTANCE_USE))
  await server.put(...came(CAME.slice(0, 2)), ...came(CAME.slice(2, 3), 179), ...came(CAME.slice(3)))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15', '&issues=true')
  t.equal(reply.status, 200)
  const [{ resource: claim }, { resource: issues }] = reply.json.parameter
  t.same(
    linesOf(claim).map((line) => line.slice(0, 5)),
    CAME.filter((_, at) => at !== 2).map((day) => day.slice(5)),
  )
  t.match(toldOf(issues, 'below-minimum'), /180 minutes: 2026-03-06/)
})

t.test('a payer that wants a professional claim, and one that wants condition codes', async (t) => {
  const server = await programServer(t, '2026-03-20')
  const bill = { extension: [{ url: 'claim', valueCode: 'professional' }] }
  const medicaid = changed('H0015', { id: 'medicaid', url: 'urn:medicaid', useContext }, { bill: [bill] })
  await server.put(priced(medicaid, '180.00'), episode(SUBSTANCE_USE), ...came(CAME))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.equal(reply.status, 201)
  t.match(reply.json, {
    type: { coding: [{ code: 'professional' }] },
    careTeam: [{ role: { coding: [{ code: 'rendering' }] } }],
    item: [{ locationCodeableConcept: { coding: [{ code: '52' }] } }],
  })
  t.same(informationOf(reply.json), { claimFrequency: '1' })
  readAgain(t, await claimBundleOf(callerView(server.repository), reply.json, BASE))
  const unfit = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15', '&claimType=institutional')
  t.same(told(unfit.json), ['claim-type-unfit Claim.type'])

  const medicare = await programServer(t, '2026-03-20')
  const NUBC = 'https://www.nubc.org/CodeSystem/ConditionCodes'
  const condition = { extension: [{ url: 'code', valueCoding: { system: NUBC, code: '92' } }] }
  const pack = changed(
    'H0015',
    { id: 'medicare', url: 'urn:medicare', useContext },
    { condition: [condition] },
  )
  await medicare.put(priced(pack, '180.00'), episode(SUBSTANCE_USE), ...came(CAME))
  const told92 = await askClaims(medicare, 'ep1', '2026-03-01', '2026-03-15')
  t.equal(informationOf(told92.json)['info'], '92')
  t.match(await x12Of(medicare, told92.json.id), /HI\*BG:92~/)
})

t.test('therapy that was billed beside a day of a program comes with a warning', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode(HOSPITAL), ...came(['2026-03-02', '2026-03-03']))
  await server.put(
    visit('therapy', { day: '2026-03-03', kinds: ['individual-psychotherapy'] }),
    note('therapy'),
  )
  t.equal((await server.ask('POST Encounter/therapy/$generate-claim')).status, 201)
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-08', '&issues=true')
  const [{ resource: claim }, { resource: issues }] = reply.json.parameter
  t.same(linesOf(claim), ['03-02 0913 H0035 x1', '03-03 0913 H0035 x1'])
  t.match(toldOf(issues, 'excluded'), /90834 \(a payer denies it by 97\): 2026-03-03/, 'CONC1')
})

t.test('a month ends a claim where the rule says so', async (t) => {
  const server = await programServer(t, '2026-04-20')
  const census = {
    extension: [
      { url: 'counts', valueCode: 'attendance' },
      { url: 'withinMonth', valueBoolean: true },
    ],
  }
  const monthly = changed('H0015', { id: 'monthly', url: 'urn:monthly', useContext }, { census: [census] })
  const days = daysFrom('2026-03-30', '2026-04-02')
  await server.put(
    priced(monthly, '180.00'),
    episode({ ...SUBSTANCE_USE, start: '2026-03-30', end: '2026-04-02' }),
    ...came(days),
  )
  const dry = await askClaims(server, 'ep1', '2026-03-01', '2026-04-15', '&dryRun=true')
  t.equal(dry.status, 200)
  t.match(dry.json, { resourceType: 'Bundle', type: 'collection' })
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 0)
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-04-15')
  t.equal(reply.status, 200)
  const claims = reply.json.entry.map(({ resource: one }: { resource: Resource }) => one)
  t.same(claims.map(linesOf), [
    ['03-30 0906 H0015 x1', '03-31 0906 H0015 x1'],
    ['04-01 0906 H0015 x1', '04-02 0906 H0015 x1'],
  ])
  t.same(
    claims.map((one: Resource) => informationOf(one)['typeofbill']),
    ['0762', '0764'],
  )
  t.match(reply.json.entry[0].fullUrl, `${BASE}/Claim/${claims[0].id}`)
  t.equal((await askClaims(server, 'ep1', '2026-03-01', '2026-04-15')).text, reply.text, 'the same again')
})

t.test('what is marked as not billable is not counted', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode(SUBSTANCE_USE), ...came(CAME))
  await server.put(
    resource({
      resourceType: 'ChargeItem',
      id: 'free',
      status: 'not-billable',
      code: coded('urn:codes', 'x'),
      subject: { reference: 'Patient/p1' },
      context: { reference: 'Encounter/v-2026-03-06' },
    }),
  )
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.notOk(linesOf(reply.json).some((line) => line.startsWith('03-06')))
  t.equal(reply.json.item.length, 5)
})
