// However payers' answers come - in any order, again, two at once, ended in the middle - the same is stored in the end.
import fc from 'fast-check'
import t from 'tap'
import { askPayer, importX12, type OutgoingFile } from '../../../src/billing/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { billingWorld, NOW } from '../practice.ts'
import { costSharing } from '../remittance/claims.ts'
import { allOf } from '../submission/sending.ts'
import {
  acknowledged,
  authorizationRequest,
  decided,
  eligibilityRequest,
  fileOf,
  received270,
  received278,
  told271,
} from './questions.ts'

t.setTimeout(300_000)

/** Asked, and the files that answer. */
async function asked() {
  const inner = openNaiveStore({ now: () => NOW })
  const world = await billingWorld(inner)
  await world.put(costSharing, authorizationRequest('pa1'), eligibilityRequest('e1'))
  const ask = (kind: 'authorization' | 'eligibility', id: string) =>
    askPayer(world.repository, world.view(), world.parts, { kind, id }, NOW)
  await ask('authorization', 'pa1')
  await ask('eligibility', 'e1')
  const [first, second] = world.sent as [OutgoingFile, OutgoingFile]
  const [pa, el] = [received278(first).request.trace.number, received270(second).inquiry.trace?.number ?? '']
  const [ofPa, ofEl] = [
    { trace: pa, reference: '000000001' },
    { trace: el, reference: '000000002' },
  ]
  const files = [
    fileOf([acknowledged('HI', 1, true), acknowledged('HS', 2, true)]),
    fileOf([decided({ ...ofPa, decision: ['HCR*A4'] })]),
    fileOf([decided({ ...ofPa, decision: ['HCR*A1*AUTH-1', 'DTP*007*RD8*20260301-20260831'] })]),
    fileOf([decided({ ...ofPa, date: '20260309', decision: ['HCR*A1*AUTH-1', 'DTP*036*D8*20260930'] })]),
    fileOf([decided({ trace: pa, reference: 'THEIRS', decision: ['HCR*A4'] })]),
    fileOf([told271({ ...ofEl, benefits: ['AAA*N**42*R'] })]),
    fileOf([told271({ ...ofEl, date: '20260307', benefits: ['EB*1**30', 'EB*B**A6***27*25'] })]),
    fileOf([
      told271({ ...ofEl, date: '20260307', benefits: ['EB*1**30', 'EB*B**A6***27*30'] }),
      told271({ trace: 'NOBODY', reference: '1', benefits: ['EB*6**30'] }),
    ]),
  ]
  return { world, inner, files }
}

const KEPT = ['Task', 'ClaimResponse', 'CoverageEligibilityResponse', 'Claim', 'CoverageEligibilityRequest']

async function storedIn(inner: Parameters<typeof allOf>[0]): Promise<readonly string[]> {
  const all = await Promise.all(KEPT.map((type) => allOf(inner, type)))
  return all
    .flat()
    .map((one) => JSON.stringify({ ...one, meta: undefined }))
    .toSorted()
}

t.test('any order and repetition', async (t) => {
  const straight = await asked()
  for (const bytes of straight.files)
    await importX12(straight.world.repository, straight.world.view(), straight.world.parts, bytes, NOW)
  const expected = await storedIn(straight.inner)
  t.match(
    expected.find((one) => one.includes('"ClaimResponse"')),
    /AUTH-1.*2026-09-30/,
  )
  t.match(
    expected.find((one) => one.includes('"CoverageEligibilityResponse"')),
    /"complete"/,
  )
  t.equal(expected.filter((one) => one.includes('unmatched-answer')).length, 1)
  const count = straight.files.length
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      fc.array(fc.nat(count - 1), { maxLength: 6 }),
      fc.boolean(),
      async (order, more, atOnce) => {
        const { world, inner, files } = await asked()
        const read = (at: number) =>
          importX12(world.repository, world.view(), world.parts, files[at] as Buffer, NOW)
        if (atOnce) await Promise.all([...order, ...more].map(read))
        else for (const at of [...order, ...more]) await read(at)
        t.strictSame(await storedIn(inner), expected)
      },
    ),
    { numRuns: 40, seed: 8 },
  )
})
