// What answers say carries what the claims carry, and tells nothing to who may not see them.
import t from 'tap'
import { accountBalance, importX12 } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { ACT_CODE, BASE, billingParts, billingServer, coverage, NOW, patient } from '../practice.ts'
import { costSharing, sentClaim } from './claims.ts'
import { claimStatus, file, payment } from './files.ts'

t.setTimeout(600_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const PART_2 = '42CFRPart2'
const label = { system: ACT_CODE, code: PART_2 }
const plain = sentClaim('plain', { cents: [10_000] })
const hidden = sentClaim('hidden', { cents: [20_000], of: 'p2', more: { meta: { security: [label] } } })

const refused = { group: 'CO', reason: '197', cents: 10_000 }
const bytes = file([
  claimStatus('R', [
    { control: plain.control, accepted: false },
    { control: hidden.control, accepted: false },
  ]),
  payment({
    trace: 'E1',
    claims: [
      { control: plain.control, charged: 10_000, paid: 0, adjustments: [refused] },
      { control: hidden.control, charged: 20_000, paid: 10_000, adjustments: [refused] },
    ],
  }),
  payment({ trace: 'E2', claims: [{ control: plain.control, charged: 10_000, paid: 10_000 }] }),
])

async function practice(t: Parameters<typeof billingServer>[0]) {
  const server = await billingServer(t)
  await server.put(patient('p2'), coverage('cov-p2', 'p2'), costSharing, plain.claim, hidden.claim)
  return server
}

t.test('all that is made of a labelled claim is labelled, and of another it is not', async (t) => {
  const { ask } = await practice(t)
  const reply = await ask('POST $import-x12', bytes, { 'content-type': 'application/edi-x12' })
  t.equal(reply.status, 200, reply.text)
  await ask('POST Patient/p2/$account-balance?invoice=true')
  const found = async (type: string): Promise<Loose[]> =>
    ((await ask(`GET ${type}?_count=100`)).json.entry ?? []).map(({ resource }: Loose) => resource)
  const carries = ({ meta }: Loose): boolean =>
    (meta.security ?? []).some(({ code }: Loose) => code === PART_2)
  const about = (one: Loose, id: string): boolean => JSON.stringify(one).includes(`Claim/${id}`)
  for (const type of ['ClaimResponse', 'ExplanationOfBenefit', 'Task']) {
    const all = await found(type)
    const [ofHidden, ofPlain] = [hidden, plain].map(({ id }) => all.filter((one) => about(one, id)))
    t.ok(ofHidden?.length, type)
    t.ok(ofHidden?.every(carries), `${type} of the labelled claim`)
    t.ok(ofPlain?.length, type)
    t.notOk(ofPlain?.some(carries), `${type} of the other`)
  }
  const payments = await found('PaymentReconciliation')
  t.same(
    payments.map((one) => [about(one, hidden.id), carries(one)]).toSorted(),
    [
      [false, false],
      [true, true],
    ],
    'a payment carries what any of its claims carries',
  )
})

t.test('a labelled claim is unknown to who may not see it, as if it were not there', async (t) => {
  const world = await practice(t)
  const { repository } = world
  const others = repository.leavingOut([label])
  const report = await importX12(others, callerView(others), billingParts(BASE), bytes, NOW)
  const without = await billingServer(t)
  await without.put(patient('p2'), coverage('cov-p2', 'p2'), costSharing, plain.claim)
  const expected = await importX12(
    without.repository,
    callerView(without.repository),
    billingParts(BASE),
    bytes,
    NOW,
  )
  t.same(report, expected)
  t.same(
    report.unmatched.map(({ controlNumber }) => controlNumber),
    [hidden.control, hidden.control],
  )
})

t.test('a balance tells of what the caller may see alone', async (t) => {
  const { repository } = await practice(t)
  await importX12(repository, callerView(repository), billingParts(BASE), bytes, NOW)
  const others = repository.leavingOut([label])
  const { charged, claims, open } = await accountBalance(callerView(others), 'p2', BASE)
  t.same([charged, claims.length, open], [0n, 0, 0n])
  t.equal((await accountBalance(callerView(repository), 'p2', BASE)).claims.length, 1)
})
