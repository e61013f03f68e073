// $generate-claim of a visit over HTTP: stored once, labelled as what it bills for, and told as FHIR tells it.
import t from 'tap'
import {
  ACT_CODE,
  billed,
  billingServer,
  type BillingServer,
  clinic,
  condition,
  consent,
  coverage,
  NOTE_WORDS,
  note,
  OURS,
  payer,
  performed,
  priced,
  purposes,
  visit,
} from '../practice.ts'
import { NOTE_KINDS } from '../../access/labels/rules.ts'
import { definitionOf, HCPCS } from '../rules/services.ts'

/** Codes of the issues, each with its element. */
// oxlint-disable-next-line no-explicit-any -- any answer
const told = (json: any): readonly string[] =>
  json.issue.map(
    // oxlint-disable-next-line no-explicit-any -- any issue
    ({ details, expression }: any) => `${String(details?.coding[0].code)} ${String(expression?.[0])}`,
  )

// oxlint-disable-next-line no-explicit-any -- any resource
const labelsOf = (json: any): readonly string[] =>
  // oxlint-disable-next-line no-explicit-any -- any label
  (json.meta.security ?? []).map(({ code }: any) => code).toSorted()

const ask = (server: BillingServer, path: string, parameter: readonly object[] = []) =>
  server.ask(`POST ${path}`, parameter.length === 0 ? undefined : { resourceType: 'Parameters', parameter })

t.test('once: 201 and its place, then 200 and the same', async (t) => {
  const server = await billingServer(t)
  await server.put(visit('v1'), note('v1'))
  const dry = await ask(server, 'Encounter/v1/$generate-claim?dryRun=true')
  t.equal(dry.status, 200)
  t.equal(dry.json.id, undefined)
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 0, 'nothing is stored by a dry run')
  const all = await Promise.all(Array.from({ length: 30 }, () => ask(server, 'Encounter/v1/$generate-claim')))
  t.same(all.map(({ status }) => status).toSorted(), [...Array.from({ length: 29 }, () => 200), 201])
  t.equal(new Set(all.map(({ text }) => text)).size, 1, 'thirty at once get one claim')
  const first = all.find(({ status }) => status === 201)
  t.match(first?.headers['location'], new RegExp(`/Claim/${first?.json.id}/_history/1$`))
  t.equal((await ask(server, 'Encounter/v1/$generate-claim')).text, first?.text, 'IDEM1')
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 1)
  const provenance = await server.ask(`GET Provenance?target=Claim/${first?.json.id}`)
  t.match(
    provenance.json.entry[0].resource.entity[0].what.reference,
    /^DocumentReference\/note-v1\/_history\/1$/,
  )
  t.notOk(first?.text.includes(NOTE_WORDS))
  t.notOk(provenance.text.includes(NOTE_WORDS))
  const again = await ask(server, 'Encounter/v1/$generate-claim', [{ name: 'issues', valueBoolean: true }])
  t.match(again.json, {
    resourceType: 'Parameters',
    parameter: [{ name: 'claim', resource: { id: first?.json.id } }],
  })
})

t.test('what is left out of it is told as often as it is asked for', async (t) => {
  const server = await billingServer(t)
  const extension = [performed('individual-psychotherapy', 45), performed('crisis-psychotherapy', 5)]
  await server.put(visit('v1', { more: { extension } }), note('v1'))
  const path = 'Encounter/v1/$generate-claim?issues=true'
  const [first, again] = [await ask(server, path), await ask(server, path)]
  t.match(told(first.json.parameter[1].resource), [/Encounter\.extension\[1\]$/])
  t.strictSame(again.json, first.json)
})

t.test('what stands against it is one answer of many issues', async (t) => {
  const server = await billingServer(t)
  await server.put(visit('v1', { minutes: 12, more: { status: 'arrived' } }))
  const reply = await ask(server, 'Encounter/v1/$generate-claim')
  t.equal(reply.status, 422)
  t.same(told(reply.json), [
    'visit-not-finished Encounter.status',
    'note-missing DocumentReference.context.encounter',
    'below-minimum Encounter.type[0]',
  ])
  t.equal((await ask(server, 'Encounter/never/$generate-claim')).status, 404)
  await server.ask('DELETE Encounter/v1')
  t.equal((await ask(server, 'Encounter/v1/$generate-claim')).status, 410, 'as a read')
  await server.put(visit('v2'), note('v2'))
  for (const [query, parameter] of [
    ['claimType=oral', 'claimType'],
    ['dryRun=perhaps', 'dryRun'],
    ['dryRun=true&submit=true', 'submit'],
    ['coverages=cov1', 'coverages'],
    ['coverage=cov1&coverage=cov1', 'coverage'],
  ] as const) {
    const refused = await ask(server, `Encounter/v2/$generate-claim?${query}`)
    t.equal(refused.status, 400, query)
    t.equal(refused.json.issue[0].expression[0], `http.${parameter}`)
  }
  for (const [query, problem] of [
    ['coverage=nobody', 'coverage-missing Coverage'],
    ['coverage=Patient/p1', 'coverage-missing Coverage'],
    ['coverage=http://elsewhere.test/Coverage/1', 'coverage-missing Coverage'],
    ['correctionOf=nothing', 'correction-of-another Claim'],
    ['claimType=institutional', 'claim-type-unfit Claim.type'],
  ] as const) {
    const refused = await ask(server, `Encounter/v2/$generate-claim?${query}`)
    t.equal(refused.status, 422, refused.text)
    t.ok(told(refused.json).includes(problem), `${query}: ${refused.text}`)
  }
  t.equal((await server.ask('GET Claim?_summary=count')).json.total, 0)
})

/** A clinic that is a Part 2 program, and what its payer wants to see on a claim. */
async function program(server: BillingServer): Promise<void> {
  await server.put(
    clinic({
      id: 'sud',
      extension: [{ url: `${OURS}part2-program`, valueBoolean: true }],
      type: undefined,
    }),
    condition('opioid', 'F11.20'),
    {
      ...priced(definitionOf('h0004'.toUpperCase()), '31.25'),
      id: 'own-h0004',
      url: 'https://clinic.test/ChargeItemDefinition/h0004',
      useContext: [
        {
          code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
          valueReference: { reference: 'Organization/payer1' },
        },
      ],
      extension: [
        ...(definitionOf('H0004')['extension'] as object[]),
        {
          url: `${OURS}service-modifier`,
          extension: [{ url: 'modifier', valueCoding: { system: HCPCS, code: 'HF' } }],
        },
      ] as never,
    },
    visit('s1', {
      kinds: ['counseling'],
      minutes: 60,
      more: { diagnosis: billed('opioid'), serviceProvider: { reference: 'Organization/sud' } },
    }),
    note('s1'),
  )
}

t.test('of a Part 2 program: by consent alone, and labelled', async (t) => {
  const server = await billingServer(t)
  await program(server)
  const without = await ask(server, 'Encounter/s1/$generate-claim')
  t.equal(without.status, 422)
  t.same(told(without.json), ['consent-missing Consent.provision'])
  t.match(without.json.issue[0].diagnostics, /no consent for payment is on file/)
  await server.put(consent('tpo', { type: 'permit', purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT') }))
  const reply = await ask(server, 'Encounter/s1/$generate-claim')
  t.equal(reply.status, 201, reply.text)
  t.match(reply.json.item[0], {
    productOrService: { coding: [{ code: 'H0004' }] },
    modifier: [{ coding: [{ code: 'HF' }] }],
    quantity: { value: 4 },
    net: { value: 125 },
  })
  for (const label of ['42CFRPart2', 'R', 'SUD']) t.ok(labelsOf(reply.json).includes(label), label)
  const provenance = await server.ask(`GET Provenance?target=Claim/${reply.json.id}`)
  t.ok(labelsOf(provenance.json.entry[0].resource).includes('42CFRPart2'))
  const sent = await ask(server, 'Encounter/s1/$generate-claim?submit=true')
  t.match(sent.json, { id: reply.json.id, status: 'active' }, sent.text.slice(0, 500))
  for (const label of ['42CFRPart2', 'R', 'SUD']) t.ok(labelsOf(sent.json).includes(label), `P2-2: ${label}`)
  t.match(Buffer.from(server.sent[0]?.bytes ?? []).toString(), /NTE\*ADD\*42 CFR PART 2 PROHIBITS/)
})

t.test('NOTE1: a psychotherapy note counts for nothing and is named nowhere', async (t) => {
  const server = await billingServer(t)
  const kept = (system: string, code: string) => ({ meta: { security: [{ system, code }] } })
  await server.put(
    visit('v1'),
    note('v1', 'p1', { id: 'kept-1', ...kept(ACT_CODE, 'PSYTHPN') }),
    note('v1', 'p1', { id: 'kept-2', ...kept(NOTE_KINDS, 'psychotherapy-notes') }),
  )
  t.same(told((await ask(server, 'Encounter/v1/$generate-claim')).json), [
    'note-missing DocumentReference.context.encounter',
  ])
  await server.put(note('v1'))
  const { json, text, status } = await ask(server, 'Encounter/v1/$generate-claim')
  t.equal(status, 201)
  const provenance = await server.ask(`GET Provenance?target=Claim/${json.id}`)
  for (const said of [text, provenance.text]) t.notMatch(said, /kept-|PSYTHPN|psychotherapy-notes/)
})

t.test('labels of notes and conditions that lines do not name reach the claim', async (t) => {
  const server = await billingServer(t)
  await server.put(
    visit('v1', {
      more: { diagnosis: undefined, meta: { security: [{ system: ACT_CODE, code: 'GDIS' }] } },
    }),
    condition('own', 'F33.1', 'p1', {
      encounter: { reference: 'Encounter/v1' },
      meta: { security: [{ system: ACT_CODE, code: 'SDV' }] },
    }),
    note('v1', 'p1', {
      meta: {
        security: [
          { system: ACT_CODE, code: 'HIV' },
          { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
        ],
      },
    }),
  )
  const { json, status } = await ask(server, 'Encounter/v1/$generate-claim')
  t.equal(status, 201)
  for (const label of ['GDIS', 'HIV', 'SDV', 'R']) t.ok(labelsOf(json).includes(label), label)
})

t.test('the coverage: named, or first by order', async (t) => {
  const server = await billingServer(t)
  await server.put(
    payer('payer2'),
    coverage('second', 'p1', { order: 3, payor: [{ reference: 'Organization/payer2' }] }),
    coverage('cov1', 'p1', { order: 2 }),
    coverage('ended', 'p1', { order: 1, period: { end: '2026-03-01' } }),
    visit('v1'),
    note('v1'),
  )
  t.equal(
    (await ask(server, 'Encounter/v1/$generate-claim')).json.insurance[0].coverage.reference,
    'Coverage/cov1',
  )
  const other = await ask(server, 'Encounter/v1/$generate-claim', [
    { name: 'coverage', valueReference: { reference: 'Coverage/second' } },
  ])
  t.equal(other.status, 201, 'another payer is another claim')
  t.match(other.json, {
    insurer: { reference: 'Organization/payer2' },
    insurance: [{ coverage: { reference: 'Coverage/second' } }],
  })
  t.same(told((await ask(server, 'Encounter/v1/$generate-claim?coverage=ended')).json), [
    'coverage-not-in-force Coverage.period',
    'billed-before Claim.item.encounter',
  ])
})
