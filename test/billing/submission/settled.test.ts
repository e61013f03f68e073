// The claim that another replaces or voids is cancelled once that one was taken on, and no sooner.
import t from 'tap'
import { replacedClaimOf, settleReplacement } from '../../../src/billing/index.ts'
import { BASE, billingWorld } from '../practice.ts'
import { institutionalClaim, professionalClaim } from './claims.ts'

const prior = (reference: string, relationship = 'prior') => ({
  status: 'active',
  related: [
    {
      claim: { reference },
      relationship: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: relationship },
        ],
      },
      reference: { value: 'ICN1' },
    },
  ],
})

t.test('which claim is replaced', async (t) => {
  const of = (frequency: string, more: object) =>
    replacedClaimOf(professionalClaim('c2', { frequency, more }), BASE)
  t.equal(of('7', prior('Claim/c1')), 'Claim/c1')
  t.equal(of('8', prior(`${BASE}/Claim/c1`)), 'Claim/c1')
  t.equal(of('1', prior('Claim/c1')), undefined, 'an original')
  t.equal(of('7', prior('Claim/c1', 'associated')), undefined, 'related otherwise')
  t.equal(of('7', {}), undefined)
  t.equal(of('7', prior('https://elsewhere.example/Claim/c1')), undefined)
  t.equal(of('7', prior('Patient/p1')), undefined)
  const stay = institutionalClaim('c2', { more: prior('Claim/c1') })
  t.equal(replacedClaimOf(stay), undefined)
  const information = stay['supportingInfo'] as object[]
  const coding = [{ system: 'https://www.nubc.org/CodeSystem/TypeOfBill', code: '0867' }]
  const replacing = { ...stay, supportingInfo: [{ ...information[0], code: { coding } }] }
  t.equal(replacedClaimOf(replacing as never), 'Claim/c1')
})

t.test('what is written then', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1', { more: { status: 'active' } }))
  const by = (more: object) =>
    settleReplacement(world.view(), professionalClaim('c2', { frequency: '7', more }), BASE)
  t.same(await by(prior('Claim/c1')), [{ ...(await world.read('Claim', 'c1')), status: 'cancelled' }])
  t.same(await by({ ...prior('Claim/c1'), status: 'draft' }), [], 'a draft was not taken on')
  t.same(await by(prior('Claim/nobody')), [])
  await world.put(...(await by(prior('Claim/c1'))))
  t.same(await by(prior('Claim/c1')), [], 'once')
})
