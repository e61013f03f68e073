// What stands beside a claim of a program: corrections, authorizations, consents, edits, other claims and other callers.
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { ACT_CODE, type BillingServer, coded, coverage, payer, priced, resource } from '../practice.ts'
import { changed } from '../rules/services.ts'
import {
  askClaims,
  attended,
  dailyNotes,
  daysFrom,
  dose,
  episode,
  informationOf,
  linesOf,
  programServer,
  stay,
  told,
  toldOf,
} from './programs.ts'

const resident = { level: 'residential-substance-use', service: 'residential-short-term-day' }
const OURS_TERMS = 'https://alcove.health/fhir/CodeSystem/billing-terms'
const useContext = [
  { code: { system: OURS_TERMS, code: 'payer' }, valueReference: { reference: 'Organization/payer1' } },
]

async function stayed(t: { teardown(work: () => unknown): void }, more?: object): Promise<BillingServer> {
  const server = await programServer(t, '2026-03-25')
  await server.put(episode({ ...resident, end: '2026-03-20' }))
  await server.put(stay('ep1', { end: '2026-03-20T11:00:00-05:00', ...(more === undefined ? {} : { more }) }))
  await server.put(...dailyNotes('stay1', daysFrom('2026-03-03', '2026-03-20')))
  return server
}

/** The payer has taken the claim on, and given it a number. */
async function accept(server: BillingServer, claim: Resource, number: string): Promise<void> {
  await server.put({ ...claim, status: 'active' })
  await server.put(
    resource({
      resourceType: 'ClaimResponse',
      id: `answer-${number}`,
      identifier: [{ system: 'urn:payer-numbers', value: number }],
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'institutional'),
      use: 'claim',
      patient: { reference: 'Patient/p1' },
      created: '2026-03-24',
      insurer: { reference: 'Organization/payer1' },
      request: { reference: `Claim/${claim['id']}` },
      outcome: 'queued',
    }),
  )
}

t.test('the edits find no error in what is made', async (t) => {
  const server = await stayed(t)
  const made = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  const checked = await server.ask(`POST Claim/${made.json.id}/$check`)
  const errors = (json: { issue: { severity: string }[] }) =>
    json.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')
  t.same(errors(checked.json), [])
  await server.put(episode({ id: 'ep2', level: 'opioid-treatment-program', start: '2026-02-02' }))
  await server.put(
    ...attended('ep2', 'intake', '2026-02-02', { location: 'opioid' }),
    ...daysFrom('2026-02-02', '2026-02-15').map((day) => dose(`d-${day}`, day)),
  )
  const weeks = await askClaims(server, 'ep2', '2026-02-02', '2026-02-15')
  t.same(errors((await server.ask(`POST Claim/${weeks.json.id}/$check`)).json), [])
  const sent = await askClaims(server, 'ep2', '2026-02-02', '2026-02-09', '&submit=true')
  t.equal(sent.status, 200, 'it was there, and is sent now')
  t.equal(sent.json.status, 'active')
  t.equal(server.sent.length, 1)
})

t.test('a correction is for the same days, and only of what the payer took on', async (t) => {
  const server = await stayed(t)
  const first = (await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')).json
  const correct = (more = '') =>
    server.ask(`POST EpisodeOfCare/ep1/$generate-claim?correctionOf=Claim/${first.id}${more}`)
  t.same(told((await correct()).json), ['correction-not-accepted ClaimResponse.identifier'])
  await accept(server, first, 'ICN77')
  const other = await correct('&start=2026-03-04&end=2026-03-20')
  t.same(told(other.json), ['correction-of-another Claim.billablePeriod'])

  const away = [
    { status: 'onleave', period: { start: '2026-03-06T16:00:00-06:00', end: '2026-03-07T17:00:00-06:00' } },
  ]
  await server.put(stay('ep1', { end: '2026-03-20T11:00:00-05:00', more: { statusHistory: away } }))
  const reply = await correct()
  t.equal(reply.status, 201)
  t.match(informationOf(reply.json), { typeofbill: '0867', 'discharge-status': '01' })
  t.match(reply.json.related, [{ claim: { reference: `Claim/${first.id}` }, reference: { value: 'ICN77' } }])
  t.ok(linesOf(reply.json).includes('03-06 0183 not-applicable x1'))
  t.equal(reply.json.item.length, 17)
  t.equal((await correct()).json.id, reply.json.id, 'once')
  const window = await askClaims(server, 'ep1', '2026-03-05', '2026-03-06')
  t.match(toldOf(window.json, 'days-billed-before'), `Claim/${reply.json.id}`)
})

t.test('authorized days are counted', async (t) => {
  const server = await stayed(t)
  const required = { extension: [{ url: 'required', valueBoolean: true }] }
  const pack = changed(
    'H0018',
    { id: 'authorized', url: 'urn:authorized', useContext },
    { authorization: [required] },
  )
  await server.put(priced(pack, '400.00'))
  const missing = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(told(missing.json), ['authorization-missing EpisodeOfCare.type'])
  const authorized = (units: number, end: string): Resource[] => [
    resource({
      resourceType: 'Claim',
      id: 'asked',
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'institutional'),
      use: 'preauthorization',
      patient: { reference: 'Patient/p1' },
      created: '2026-03-01',
      insurer: { reference: 'Organization/payer1' },
      provider: { reference: 'Organization/clinic1' },
      priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
      item: [{ sequence: 1, productOrService: pack['code'] }],
    }),
    resource({
      resourceType: 'ClaimResponse',
      id: 'granted',
      status: 'active',
      type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'institutional'),
      use: 'preauthorization',
      patient: { reference: 'Patient/p1' },
      created: '2026-03-02',
      insurer: { reference: 'Organization/payer1' },
      request: { reference: 'Claim/asked' },
      outcome: 'complete',
      preAuthRef: 'AUTH778',
      preAuthPeriod: { start: '2026-03-01', end },
      item: [
        {
          itemSequence: 1,
          adjudication: [{ category: coded(OURS_TERMS, 'authorized-units'), value: units }],
        },
      ],
    }),
  ]
  await server.put(...authorized(16, '2026-03-31'))
  const short = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(told(short.json), ['authorization-exceeded EpisodeOfCare.type'], 'seventeen nights by sixteen units')
  await server.put(...authorized(17, '2026-03-15'))
  const early = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(told(early.json), ['authorization-missing EpisodeOfCare.type'], 'not on the last days')
  await server.put(...authorized(17, '2026-03-31'))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(reply.json.insurance[0].preAuthRef, ['AUTH778'])
})

t.test('a stay under 42 CFR Part 2 needs a consent for payment, and its label is on the claim', async (t) => {
  const label = { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } }
  const server = await stayed(t, label)
  const refused = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.same(told(refused.json), ['consent-missing Consent.provision'])
  await server.put(
    resource({
      resourceType: 'Consent',
      id: 'c1',
      status: 'active',
      scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [coded(ACT_CODE, '42CFRPart2CD')],
      patient: { reference: 'Patient/p1' },
      dateTime: '2026-03-03',
      policyRule: coded(ACT_CODE, '42CFRPart2CD'),
      provision: { type: 'permit' },
    }),
  )
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.equal(reply.status, 201)
  const stored = (await server.ask(`GET Claim/${reply.json.id}`)).json
  t.ok(stored.meta.security.some(({ code }: JsonObject) => code === '42CFRPart2'))
})

t.test('another payer is billed by itself', async (t) => {
  const server = await stayed(t)
  await server.put(
    payer('payer2'),
    coverage('cov2', 'p1', { payor: [{ reference: 'Organization/payer2' }], order: 2 }),
  )
  const one = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  const other = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20', '&coverage=cov2')
  t.equal(other.status, 201)
  t.not(one.json.id, other.json.id)
  t.match(informationOf(other.json), { typeofbill: '0861' })
})

t.test('a readmission is another stay, and a transfer is none', async (t) => {
  const server = await programServer(t, '2026-03-25')
  await server.put(episode({ ...resident, end: '2026-03-20' }))
  await server.put(
    stay('ep1', { id: 's1', end: '2026-03-06T09:00:00-06:00' }),
    stay('ep1', {
      id: 's2',
      start: '2026-03-06T09:30:00-06:00',
      end: '2026-03-08T10:00:00-05:00',
      disposition: 'other-hcf',
    }),
    stay('ep1', { id: 's3', start: '2026-03-15T10:00:00-05:00', end: '2026-03-18T10:00:00-05:00' }),
  )
  await server.put(
    ...dailyNotes('s1', daysFrom('2026-03-03', '2026-03-05')),
    ...dailyNotes('s2', daysFrom('2026-03-06', '2026-03-07')),
    ...dailyNotes('s3', daysFrom('2026-03-15', '2026-03-17')),
  )
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  const claims = reply.json.entry.map(({ resource: one }: { resource: Resource }) => one)
  t.same(
    claims.map((claim: Resource) => [
      linesOf(claim).length,
      informationOf(claim)['typeofbill'],
      informationOf(claim)['discharge-status'],
    ]),
    [
      [5, '0861', '70'],
      [3, '0861', '01'],
    ],
  )
})

t.test('asked for overlapping windows at one time, no day is billed twice', async (t) => {
  const server = await stayed(t)
  await server.put(episode({ id: 'ep2', level: 'opioid-treatment-program', start: '2026-02-02' }))
  await server.put(
    ...attended('ep2', 'intake', '2026-02-02', { location: 'opioid' }),
    ...daysFrom('2026-02-02', '2026-03-01').map((day) => dose(`d-${day}`, day)),
  )
  const windows = [3, 4, 5, 6, 7, 8, 9, 10].map((day) => `2026-03-${String(day + 10)}`)
  const asked = await Promise.all([
    ...windows.map((end) => askClaims(server, 'ep1', '2026-03-03', end)),
    ...windows.map((end) => askClaims(server, 'ep2', '2026-02-02', end.replace('-03-', '-02-'))),
    askClaims(server, 'ep2', '2026-02-09', '2026-03-01'),
  ])
  for (const { status } of asked) t.ok([200, 201, 409, 422].includes(status), String(status))
  const stored = await server.ask('GET Claim?_count=100')
  const days = (stored.json.entry ?? []).flatMap(({ resource: claim }: { resource: Resource }) =>
    linesOf(claim).map((line) =>
      line
        .split(' ')
        .filter((word) => word !== 'x1')
        .join(' '),
    ),
  )
  t.equal(new Set(days).size, days.length, 'each day and code once')
  t.ok(
    days.some((day: string) => day.includes('H0018')),
    'the first of them is left',
  )
  t.ok(days.some((day: string) => day.includes('G2067')))
})

t.test('what the caller may not see is not there', async (t) => {
  const server = await stayed(t)
  await server.ask('DELETE Encounter/stay1')
  t.same(told((await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')).json), [
    'period-without-days EpisodeOfCare.period',
  ])
  await server.ask('DELETE EpisodeOfCare/ep1')
  t.equal((await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')).status, 410)
})

t.test('notes that the law keeps apart are no notes of a day, and nothing tells of them', async (t) => {
  const server = await stayed(t)
  const kept = { meta: { security: [{ system: ACT_CODE, code: 'PSYTHPN' }] } }
  await server.put({ ...dailyNotes('stay1', ['2026-03-06'])[0], ...kept, id: 'kept-1' } as Resource)
  await server.ask('DELETE DocumentReference/note-stay1-2026-03-06')
  const refused = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.match(toldOf(refused.json, 'day-without-note'), '2026-03-06.')
  await server.put(...dailyNotes('stay1', ['2026-03-06']))
  const reply = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.equal(reply.status, 201)
  const provenance = await server.ask(`GET Provenance?target=Claim/${reply.json.id}`)
  for (const said of [reply.text, provenance.text]) t.notMatch(said, /kept-1|PSYTHPN/)
})

t.test('a restriction of who pays in full for one visit of a program stands against its claim', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode({ level: 'intensive-outpatient-substance-use', start: '2026-03-02' }))
  await server.put(...['2026-03-02', '2026-03-04'].flatMap((day) => attended('ep1', `v-${day}`, day)))
  await server.put(
    resource({
      resourceType: 'Consent',
      id: 'paid',
      status: 'active',
      scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [coded('http://loinc.org', '59284-0')],
      patient: { reference: 'Patient/p1' },
      dateTime: '2026-03-04',
      policyRule: coded(ACT_CODE, 'HIPAASelfPay'),
      provision: {
        type: 'deny',
        data: [{ meaning: 'instance', reference: { reference: 'Encounter/v-2026-03-04' } }],
      },
    }),
  )
  t.same(told((await askClaims(server, 'ep1', '2026-03-01', '2026-03-08')).json), [
    'self-pay Consent.provision',
  ])
  t.equal((await askClaims(server, 'ep1', '2026-03-01', '2026-03-03')).status, 201, 'the other day is billed')
})
