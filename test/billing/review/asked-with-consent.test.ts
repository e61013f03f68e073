// No payer is asked about what it may not be told of: however the question is written, and whenever its file leaves.
import t from 'tap'
import { askPayer, type QuestionKind } from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import {
  ACT_CODE,
  billingWorld,
  coded,
  consent,
  coverage,
  NOW,
  patient,
  payer,
  visit,
  type BillingWorld,
} from '../practice.ts'
import { authorizationRequest, eligibilityRequest } from '../questions/questions.ts'

const PART_2 = { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } }
const HOUR = 3_600_000
const RECIPIENT = coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP')
const questions = { authorization: authorizationRequest, eligibility: eligibilityRequest } as const
const kinds = Object.keys(questions) as QuestionKind[]

const asked = (world: BillingWorld, kind: QuestionKind, now = NOW, parts = world.parts) =>
  askPayer(world.repository, world.view(), parts, { kind, id: 'q1' }, now)
const refusedAs = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof FhirError && error.code === code && words.test(error.message)

async function refuses(
  t: { ok(what: unknown, why: string): unknown },
  asking: Promise<unknown>,
  isSo: (error: unknown) => boolean,
): Promise<void> {
  const error = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  t.ok(isSo(error), String(error))
}

for (const kind of kinds) {
  const make = questions[kind]

  t.test(`${kind}: a patient who is contained has no consent that could be asked for`, async (t) => {
    const world = await billingWorld()
    const contained = [patient('p1'), { ...coverage('cov'), beneficiary: { reference: '#p1' } }]
    const insurance = [{ sequence: 1, focal: true, coverage: { reference: '#cov' } }]
    const own = kind === 'authorization' ? insurance : [{ focal: true, coverage: { reference: '#cov' } }]
    await world.put(make('q1', { ...PART_2, contained, patient: { reference: '#p1' }, insurance: own }))
    await refuses(t, asked(world, kind), refusedAs('business-rule', /patient/))
    t.equal(world.sent.length, 0)
  })

  t.test(`${kind}: a consent that names one payer lets no other be asked who has taken its id`, async (t) => {
    const world = await billingWorld()
    const actor = [{ role: RECIPIENT, reference: { reference: 'Organization/payer1' } }]
    await world.put(consent('k', { type: 'permit', actor }))
    const contained = [payer('payer1', { name: 'Elsewhere Plan' })]
    const other = [{ ...(contained[0] as Resource), identifier: payerId('99999') }]
    await world.put(make('q1', { ...PART_2, contained: other, insurer: { reference: '#payer1' } }))
    await refuses(t, asked(world, kind), refusedAs('business-rule', /no consent for payment/))
    t.equal(world.sent.length, 0)
    await world.put(make('q1', PART_2))
    t.equal((await asked(world, kind)).outcome, 'asked', 'and the one that it names is asked')
  })

  t.test(`${kind}: a question that waits is not asked once the consent is taken back`, async (t) => {
    const world = await billingWorld()
    await world.put(consent('k', { type: 'permit' }), make('q1', PART_2))
    const send = async () => {
      throw new FhirError('storage-failed', 'The line is dead.')
    }
    const down = { ...world.parts, transport: { ...world.parts.transport, send } }
    await refuses(t, asked(world, kind, NOW, down), refusedAs('storage-failed', /dead/))
    await world.put(consent('k', { type: 'permit' }, { status: 'inactive' }))
    await refuses(t, asked(world, kind, NOW + HOUR), refusedAs('conflict', /may not be told/))
    t.equal(world.sent.length, 0)
    await world.put(consent('k', { type: 'permit' }))
    t.equal((await asked(world, kind, NOW + 2 * HOUR)).outcome, 'asked', 'and is when it is given again')
  })
}

t.test('what the patient pays for himself is not asked about by the visit', async (t) => {
  const world = await billingWorld()
  const data = [{ meaning: 'instance', reference: { reference: 'Encounter/v1' } }]
  const policyRule = { coding: [{ system: ACT_CODE, code: 'HIPAASelfPay' }] }
  await world.put(visit('v1'), consent('k', { type: 'deny', data }, { policyRule, category: [policyRule] }))
  const question = authorizationRequest('q1')
  const item = (question['item'] as unknown as object[]).map((one) => ({
    ...one,
    encounter: [{ reference: 'Encounter/v1' }],
  }))
  await world.put({ ...question, item } as unknown as Resource)
  await refuses(t, asked(world, 'authorization'), refusedAs('business-rule', /pays in full/))
  t.equal(world.sent.length, 0)
})

function payerId(value: string) {
  return [{ type: coded('http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType', 'payerid'), value }]
}
