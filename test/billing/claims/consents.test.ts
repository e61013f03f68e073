// Which consents let a payer be told of a visit under 42 CFR Part 2, and which restrictions keep one from it.
import t from 'tap'
import { generateForEncounter } from '../../../src/billing/index.ts'
import {
  ACT_CODE,
  consent,
  purposes,
  billingWorld,
  type BillingWorld,
  DAY,
  NOW,
  note,
  payer,
  resource,
  visit,
} from '../practice.ts'

async function billedOf({ view, parts }: BillingWorld, encounterId: string): Promise<string> {
  const { refusals } = await generateForEncounter(view(), parts, { encounterId, now: NOW })
  return refusals.map(({ details }) => details?.code).join()
}

t.test('which consents permit, and which deny', async (t) => {
  const world = await billingWorld()
  await world.put(
    visit('s1', { more: { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } } }),
    note('s1'),
  )
  const permit = { type: 'permit', purpose: purposes('HPAYMT') }
  const role = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'PRCP' }],
  }
  const payers = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PAYOR' }] }
  const general = {
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-auth' }],
    },
  }
  const cases: readonly [what: string, isBilled: boolean, ...consents: ReturnType<typeof consent>[]][] = [
    ['for payment', true, consent('c', permit)],
    ['of Part 2 with no provision', true, consent('c', undefined)],
    ['in general privacy', true, consent('c', permit, general)],
    ['in general privacy with no provision', false, consent('c', undefined, general)],
    ['without a purpose', true, consent('c', { type: 'permit' })],
    ['for treatment alone', false, consent('c', { type: 'permit', purpose: purposes('TREAT') })],
    ['revoked', false, consent('c', permit, { status: 'inactive' })],
    ['of somebody else', false, consent('c', permit, { patient: { reference: 'Patient/p2' } })],
    ['over', false, consent('c', { ...permit, period: { end: '2026-03-04' } })],
    ['until today', true, consent('c', { ...permit, period: { end: '2026-03-05' } })],
    ['about other days', false, consent('c', { ...permit, dataPeriod: { start: '2026-03-03' } })],
    ['about these days', true, consent('c', { ...permit, dataPeriod: { start: DAY, end: DAY } })],
    [
      'to the payer',
      true,
      consent('c', { ...permit, actor: [{ role, reference: { reference: 'Organization/payer1' } }] }),
    ],
    [
      'to another',
      false,
      consent('c', { ...permit, actor: [{ role, reference: { reference: 'Organization/payer2' } }] }),
    ],
    [
      'to another payer',
      false,
      consent('c', { ...permit, actor: [{ role: payers, reference: { reference: 'Organization/payer2' } }] }),
    ],
    [
      'to payers',
      true,
      consent('c', { ...permit, actor: [{ role: payers, reference: { display: 'Whoever pays' } }] }),
    ],
    [
      'about another visit',
      false,
      consent('c', {
        ...permit,
        data: [{ meaning: 'instance', reference: { reference: 'Encounter/other' } }],
      }),
    ],
    [
      'about this visit',
      true,
      consent('c', { ...permit, data: [{ meaning: 'instance', reference: { reference: 'Encounter/s1' } }] }),
    ],
    ['to be used, not told', false, consent('c', { ...permit, action: [{ coding: [{ code: 'use' }] }] })],
    [
      'about labels that it has',
      true,
      consent('c', { ...permit, securityLabel: [{ system: ACT_CODE, code: '42CFRPart2' }] }),
    ],
    [
      'about labels that it lacks',
      false,
      consent('c', { ...permit, securityLabel: [{ system: ACT_CODE, code: 'HIV' }] }),
    ],
    ['about codes', false, consent('c', { ...permit, code: [{ coding: [{ code: 'H0004' }] }] })],
    [
      'with what is not understood',
      false,
      consent('c', { ...permit, modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }),
    ],
    [
      'but for payment',
      false,
      consent('c', { type: 'permit', provision: [{ type: 'deny', purpose: purposes('HPAYMT') }] }),
    ],
    ['none, but for payment', true, consent('c', { type: 'deny', provision: [permit] })],
    [
      'none, but for payment, but not to them',
      false,
      consent('c', {
        type: 'deny',
        provision: [
          {
            ...permit,
            provision: [{ type: 'deny', actor: [{ role, reference: { reference: 'Organization/payer1' } }] }],
          },
        ],
      }),
    ],
    ['denied later', false, consent('c', permit), consent('d', { type: 'deny' }, { dateTime: '2026-02-02' })],
    ['denied before', true, consent('c', permit), consent('d', { type: 'deny' }, { dateTime: '2026-01-02' })],
    [
      'denied some time',
      false,
      consent('c', permit),
      consent('d', { type: 'deny' }, { dateTime: undefined }),
    ],
    [
      'denied to another',
      true,
      consent('c', permit),
      consent(
        'd',
        { type: 'deny', actor: [{ role, reference: { reference: 'Organization/payer2' } }] },
        { dateTime: '2026-02-02' },
      ),
    ],
  ]
  await world.put(payer('payer2'), visit('other'), resource({ resourceType: 'Patient', id: 'p2' }))
  for (const [what, isBilled, ...consents] of cases) {
    await world.put(...consents)
    t.equal(await billedOf(world, 's1'), isBilled ? '' : 'consent-missing', what)
    for (const { id } of consents)
      await world.repository.write({ kind: 'delete', target: { type: 'Consent', id: String(id) } })
  }
})

t.test('who pays in full may restrict', async (t) => {
  const world = await billingWorld()
  await world.put(visit('v1'), note('v1'), visit('v2', { day: '2026-03-01' }), note('v2'))
  const restriction = (provision: object | undefined, more: object = {}) =>
    consent('r', provision, {
      category: [{ coding: [{ code: 'x' }] }],
      policyRule: { coding: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] },
      ...more,
    })
  const of = (id: string) => [{ meaning: 'instance', reference: { reference: `Encounter/${id}` } }]
  for (const [what, isBilled, one] of [
    ['all', false, restriction(undefined)],
    ['payment', false, restriction({ type: 'deny', purpose: purposes('HPAYMT') })],
    ['this visit', false, restriction({ type: 'deny', purpose: purposes('HPAYMT'), data: of('v1') })],
    ['another visit', true, restriction({ type: 'deny', data: of('v2') })],
    [
      'by code',
      false,
      restriction(
        { type: 'deny', code: [{ coding: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] }] },
        { policyRule: { coding: [{ code: 'y' }] } },
      ),
    ],
    [
      'what carries the label, and this does not',
      true,
      restriction(
        {
          type: 'permit',
          provision: [{ type: 'deny', securityLabel: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] }],
        },
        { policyRule: { coding: [{ code: 'y' }] } },
      ),
    ],
    ['no longer', true, restriction(undefined, { status: 'inactive' })],
  ] as const) {
    await world.put(one)
    t.equal(await billedOf(world, 'v1'), isBilled ? '' : 'self-pay', what)
  }
  await world.put(
    visit('v3', { more: { meta: { security: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] } } }),
    note('v3'),
  )
  t.equal(await billedOf(world, 'v3'), 'self-pay', 'by label')
})
