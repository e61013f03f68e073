// Nothing of a record under 42 CFR Part 2 leaves without a consent that is in force when it leaves, however the claim is
// written and whenever its file is handed over.
import t from 'tap'
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
  type BillingWorld,
} from '../practice.ts'
import { institutionalClaim, professionalClaim } from '../submission/claims.ts'
import { submit } from '../submission/sending.ts'

const PART_2 = { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } }
const HOUR = 3_600_000
const RECIPIENT = coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP')

const insuredBy = (reference: string) => ({
  insurance: [{ sequence: 1, focal: true, coverage: { reference } }],
})
const containedCoverage = { ...coverage('cov'), payor: [{ reference: '#pay' }] }
const other = (id: string): Resource =>
  payer(id, { name: 'Elsewhere Plan', identifier: [{ type: coded('urn:x', 'payerid'), value: '99999' }] })

/** Ways of writing a claim that do not name who is told, of whom and of when by what is stored. */
const written: Readonly<Record<string, () => Resource>> = {
  'as usual': () => professionalClaim('c1', { more: PART_2 }),
  'the payer contained': () =>
    professionalClaim('c1', {
      more: { ...PART_2, contained: [payer('pay')], insurer: { reference: '#pay' } },
    }),
  'the coverage and its payer contained': () =>
    professionalClaim('c1', {
      more: {
        ...PART_2,
        ...insuredBy('#cov'),
        contained: [payer('pay'), containedCoverage],
        insurer: { reference: '#pay' },
      },
    }),
  'the coverage contained, and no insurer': () =>
    professionalClaim('c1', {
      more: { ...PART_2, ...insuredBy('#cov'), contained: [coverage('cov')], insurer: undefined },
    }),
  'the patient contained': () =>
    professionalClaim('c1', {
      more: {
        ...PART_2,
        ...insuredBy('#cov'),
        contained: [patient('p1'), { ...coverage('cov'), beneficiary: { reference: '#p1' } }],
        patient: { reference: '#p1' },
      },
    }),
  'lines without a day': () => {
    const claim = institutionalClaim('c1', { more: PART_2 })
    return JSON.parse(JSON.stringify(claim, (key, value) => (key === 'servicedDate' ? undefined : value)))
  },
}

async function sentOf(world: BillingWorld, claim: Resource) {
  await world.put(claim)
  return submit(world, ['c1'])
}

for (const [name, make] of Object.entries(written))
  t.test(`without a consent nothing is sent: ${name}`, async (t) => {
    const world = await billingWorld()
    const [result] = await sentOf(world, make())
    t.equal(result?.outcome, 'refused')
    t.match(JSON.stringify(result?.issues), /no consent for payment is on file|whether the payer may be told/)
    t.equal(world.sent.length, 0)
  })

t.test('a consent that names one payer lets no other be told who has taken its id', async (t) => {
  const world = await billingWorld()
  const actor = [{ role: RECIPIENT, reference: { reference: 'Organization/payer1' } }]
  await world.put(consent('k', { type: 'permit', actor }))
  const more = { ...PART_2, contained: [other('payer1')], insurer: { reference: '#payer1' } }
  const [result] = await sentOf(world, professionalClaim('c1', { more }))
  t.equal(result?.outcome, 'refused')
  t.equal(world.sent.length, 0)
  const [named] = await sentOf(world, professionalClaim('c1', { more: PART_2 }))
  t.equal(named?.outcome, 'sent', 'and the one that it names is told')
})

const dead = async () => {
  throw new FhirError('storage-failed', 'The line is dead.')
}

t.test('a file that waits is not handed over once the consent is taken back', async (t) => {
  const world = await billingWorld()
  await world.put(consent('k', { type: 'permit' }), professionalClaim('c1', { more: PART_2 }))
  const down = { ...world.parts, transport: { ...world.parts.transport, send: dead } }
  const [first] = await submit(world, ['c1'], { parts: down })
  t.equal(first?.outcome, 'not-sent')
  await world.put(consent('k', { type: 'permit' }, { status: 'inactive' }))
  const [again] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.same([again?.outcome, again?.code], ['not-sent', 'conflict'])
  t.match(again?.issues[0]?.diagnostics, /may not be told/)
  t.equal(world.sent.length, 0)
  await world.put(consent('k', { type: 'permit' }))
  const [then] = await submit(world, ['c1'], { now: NOW + 2 * HOUR })
  t.equal(then?.outcome, 'sent', 'and goes when it is given again')
})

t.test('a Task that somebody wrote sends no earlier version that may not be told', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1', { more: PART_2 }))
  const down = { ...world.parts, transport: { ...world.parts.transport, send: dead } }
  await world.put(patient('p2'), coverage('cov2', 'p2'))
  await world.put(professionalClaim('c1', { of: 'p2', coverage: 'cov2' }))
  const [waiting] = await submit(world, ['c1'], { parts: down })
  const task = waiting?.task as Resource
  const versions = (
    await world.repository.history({ scope: { kind: 'instance', type: 'Claim', id: 'c1' } } as never)
  ).versions
  t.ok(versions.length > 1)
  const forged = JSON.parse(
    JSON.stringify(task)
      .replaceAll(/Claim\/c1\/_history\/\d+/g, 'Claim/c1/_history/1')
      .replaceAll(/Patient\/p2\/_history\/\d+/g, 'Patient/p1/_history/1')
      .replaceAll(/Coverage\/cov2\/_history\/\d+/g, 'Coverage/cov1/_history/1'),
  ) as Resource
  await world.put(forged)
  const [again] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.same([again?.outcome, again?.code], ['not-sent', 'conflict'])
  t.match(again?.issues[0]?.diagnostics, /may not be told/)
  t.equal(world.sent.length, 0)
})
