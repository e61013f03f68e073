// Claims and answers that somebody wrote by hand make no money, hide none, and keep nothing else from being read.
import t from 'tap'
import { checkClaim, importX12, previewClaim } from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { ACT_CODE, billingWorld, coded, consent, NOW, resource } from '../practice.ts'
import { remittanceWorld, sentClaim, type MadeClaim } from '../remittance/claims.ts'
import { claimStatus, file, payment } from '../remittance/files.ts'
import { professionalClaim } from '../submission/claims.ts'
import { submit } from '../submission/sending.ts'

const PART_2 = { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } }
const SELF_PAY = { coding: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] }
const restriction = () => consent('k', undefined, { policyRule: SELF_PAY, category: [SELF_PAY] })
const prior = (id: string) => [
  {
    claim: { reference: `Claim/${id}` },
    relationship: coded('http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', 'prior'),
    reference: { value: 'ICN' },
  },
]
const first = (claim: Resource) => (claim['item'] as unknown as [object])[0]

t.test('a claim that says that it is a void tells no payer what it may not be told', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1', { frequency: '8', more: PART_2 }))
  const [withoutConsent] = await submit(world, ['c1'])
  t.equal(withoutConsent?.outcome, 'refused')
  await world.put(restriction(), professionalClaim('c2', { frequency: '8' }))
  const [restricted] = await submit(world, ['c2'])
  t.equal(restricted?.outcome, 'refused')
  await world.put({ ...professionalClaim('c3'), status: 'active' } as unknown as Resource)
  const more = { related: prior('c3') }
  await world.put(professionalClaim('c4', { frequency: '8', day: '2026-02-01', more }))
  const [ofOtherDays] = await submit(world, ['c4'])
  t.equal(ofOtherDays?.outcome, 'refused')
  t.equal(world.sent.length, 0)
  await world.put(professionalClaim('c4', { frequency: '8', day: '2026-02-27', more }))
  const [takingBack] = await submit(world, ['c4'])
  t.equal(takingBack?.outcome, 'sent', 'what was sent before the patient paid is taken back')
})

t.test('amounts in another currency are no dollars', async (t) => {
  const world = await billingWorld()
  const yen = { value: 131.07, currency: 'JPY' }
  const claim = professionalClaim('c1')
  await world.put(
    professionalClaim('c1', { more: { item: [{ ...first(claim), unitPrice: yen, net: yen }], total: yen } }),
  )
  const [result] = await submit(world, ['c1'])
  t.equal(result?.outcome, 'refused')
  t.match(JSON.stringify(result?.issues), /not in USD/)
  t.equal(world.sent.length, 0)
})

/** As somebody writes an answer to a claim by hand. */
const written = ({ id }: MadeClaim, amount: object): Resource =>
  resource({
    resourceType: 'ClaimResponse',
    id: 'written',
    status: 'active',
    type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
    use: 'claim',
    patient: { reference: 'Patient/p1' },
    created: '2026-03-10',
    insurer: { reference: 'Organization/payer1' },
    request: { reference: `Claim/${id}` },
    outcome: 'complete',
    total: [{ category: coded('http://terminology.hl7.org/CodeSystem/adjudication', 'benefit'), amount }],
  })

for (const amount of [
  { value: 0.000_01, currency: 'USD' },
  { value: 1e30, currency: 'USD' },
  { value: 100, currency: 'JPY' },
])
  t.test(`an answer of ${JSON.stringify(amount)} keeps no payment from being read`, async (t) => {
    const [one, other] = [sentClaim('one', { cents: [10_000] }), sentClaim('other', { cents: [20_000] })]
    const world = await remittanceWorld(one.claim, other.claim)
    const plain = await remittanceWorld(one.claim, other.claim)
    await world.put(written(one, amount))
    const denied = [{ group: 'CO', reason: '197', cents: 20_000 }]
    const bytes = file([
      payment({
        trace: 'E1',
        claims: [
          { control: one.control, charged: 10_000, paid: 10_000 },
          { control: other.control, charged: 20_000, paid: 0, adjustments: denied },
        ],
      }),
    ])
    const [report, expected] = await Promise.all(
      [world, plain].map(({ repository, view, parts }) => importX12(repository, view, parts, bytes, NOW)),
    )
    t.same(report, expected)
    t.same((await world.all('Task')).length, (await plain.all('Task')).length)
    t.ok((await world.all('Task')).length > 0, 'the denial is to be worked on')
  })

t.test('a number that hundreds of claims have taken keeps no other claim from being paid', async (t) => {
  const [one, other] = [sentClaim('one', { cents: [10_000] }), sentClaim('other', { cents: [20_000] })]
  const world = await remittanceWorld(one.claim, other.claim)
  for (let at = 0; at < 1001; at += 143)
    await world.put(
      ...Array.from({ length: 143 }, (_, more): Resource => ({ ...one.claim, id: `taken-${at + more}` })),
    )
  const bytes = file([
    payment({
      trace: 'E1',
      claims: [
        { control: one.control, charged: 10_000, paid: 10_000 },
        { control: other.control, charged: 20_000, paid: 20_000 },
      ],
    }),
  ])
  const report = await importX12(world.repository, world.view, world.parts, bytes, NOW)
  t.same(report.claims, { paid: 1 })
  t.same(report.unmatched, [{ set: '835', controlNumber: one.control }], 'nobody guesses which is meant')
})

t.test('a claim that says that it replaces itself is not cancelled when it is taken on', async (t) => {
  const one = sentClaim('one', { cents: [10_000] })
  const itself = sentClaim('one', { cents: [10_000], replaces: one })
  const world = await remittanceWorld(itself.claim)
  const bytes = file([claimStatus('R', [{ control: itself.control, accepted: true, number: 'ICN' }])])
  await importX12(world.repository, world.view, world.parts, bytes, NOW)
  const [claim] = await world.all('Claim')
  t.equal(claim?.['status'], 'active')
})

t.test('a claim of more lines than any payer takes is not compared with itself', async (t) => {
  const world = await billingWorld()
  const claim = professionalClaim('c1')
  const item = Array.from({ length: 1000 }, (_, at) => ({ ...first(claim), sequence: at + 1 }))
  const many = { ...claim, item } as unknown as Resource
  await t.rejects(checkClaim(world.view(), world.parts, many, NOW), { code: 'too-costly' })
})

t.test('a claim of a hundred thousand notes is told of, or refused', async (t) => {
  const world = await billingWorld()
  const claim = professionalClaim('c1', { more: PART_2 })
  const notes = Array.from({ length: 130_000 }, (_, at) => ({ sequence: at + 1, category: { text: 'n' } }))
  const many = { ...claim, supportingInfo: notes } as unknown as Resource
  const text = await previewClaim(world.view(), world.parts, many, NOW)
  t.match(text, /NTE\*ADD\*42 CFR PART 2/)
})
