// However files of answers come - in any order, again, two at once, ended in the middle - the same is stored in the end.
import fc from 'fast-check'
import t from 'tap'
import { importX12 } from '../../../src/billing/index.ts'
import { FhirError } from '../../../src/fhir/index.ts'
import type { Repository } from '../../../src/repository/index.ts'
import { NOW } from '../practice.ts'
import { remittanceWorld, sentClaim, sentTask, storedOf, type RemittanceWorld } from './claims.ts'
import { acknowledgement, claimStatus, file, payment, type WrittenSet } from './files.ts'

t.setTimeout(600_000)

const paid = sentClaim('paid')
const denied = sentClaim('denied', { cents: [9999, 1] })
const corrected = sentClaim('corrected', { cents: [8000, 1], replaces: denied })
const rejected = sentClaim('rejected', { cents: [12_345] })
const taken = sentClaim('taken', { cents: [5000] })
const again = sentClaim('again', { cents: [700] })
const CLAIMS = [paid, denied, corrected, rejected, taken, again]

const start = [
  ...CLAIMS.map(({ claim }) => claim),
  sentTask(paid, 1),
  sentTask(denied, 1, 2),
  sentTask(rejected, 2),
  sentTask(rejected, 3),
  sentTask(corrected, 4),
]

const share = (cents: number) => ({ group: 'PR', reason: '2', cents })
const contract = (cents: number) => ({ group: 'CO', reason: '45', cents })
const refusal = (cents: number) => ({ group: 'CO', reason: '197', cents })

const whole = (at: number) => ({
  control: paid.control,
  number: 'ICN-1',
  ...(at < 0 ? { status: '22' } : {}),
  lines: [
    {
      code: '90837',
      control: `${paid.control}-1`,
      charged: 15_010 * at,
      paid: 10_003 * at,
      adjustments: [contract(3007 * at), share(2000 * at)],
    },
    { code: '90785', charged: 2000 * at, paid: 1999 * at, adjustments: [contract(at)] },
  ],
})
const anew = {
  control: paid.control,
  number: 'ICN-1A',
  lines: [
    { code: '90837', charged: 15_010, paid: 0, adjustments: [refusal(15_010)], remarks: ['N130'] },
    { code: '90785', charged: 2000, paid: 2000 },
  ],
}
const denial = {
  control: denied.control,
  status: '4',
  charged: 10_000,
  paid: 0,
  adjustments: [refusal(10_000)],
}
const correction = {
  control: corrected.control,
  number: 'ICN-2',
  lines: [
    { code: '90837', charged: 8000, paid: 7001, adjustments: [share(999)] },
    { code: '90785', charged: 1, paid: 1 },
  ],
}
const first = { control: taken.control, lines: [{ code: '90837', charged: 5000, paid: 5000 }] }
const back = {
  control: taken.control,
  status: '22',
  lines: [{ code: '90837', charged: -5000, paid: -5000 }],
}
const sevenDollars = { control: again.control, lines: [{ code: '90837', charged: 700, paid: 700 }] }
const sevenBack = {
  control: again.control,
  status: '22',
  lines: [{ code: '90837', charged: -700, paid: -700 }],
}
const unknown = { control: 'NOBODY', charged: 700, paid: 700 }

const one = payment({ trace: 'E1', claims: [whole(1), denial, unknown], plb: [{ reason: 'WO', cents: 33 }] })
const sameOne = payment({
  trace: 'E1',
  claims: [unknown, whole(1), denial],
  plb: [{ reason: 'WO', cents: 33 }],
})
const SETS: readonly (readonly WrittenSet[])[] = [
  [acknowledgement(1, [{ number: '0001', accepted: true }])],
  [acknowledgement(2, [{ number: '0001', accepted: false }])],
  [
    acknowledgement(3, [{ number: '1', accepted: true }]),
    acknowledgement(77, [{ number: '1', accepted: true }]),
  ],
  [
    claimStatus('R1', [
      { control: paid.control, accepted: true, number: 'ICN-1' },
      { control: 'NOBODY', accepted: false },
    ]),
  ],
  [claimStatus('R2', [{ control: denied.control, accepted: false }])],
  [claimStatus('R3', [{ control: denied.control, accepted: true }], { date: '20260312' })],
  [claimStatus('R5', [{ control: denied.control, accepted: false, status: '21' }], { date: '20260311' })],
  [payment({ trace: 'E7', date: '20260406', claims: [sevenDollars] })],
  [payment({ trace: 'E8', date: '20260407', claims: [sevenBack] })],
  [payment({ trace: 'E9', date: '20260408', claims: [sevenDollars] })],
  [claimStatus('R4', [{ control: rejected.control, accepted: false }], { trace: '000000002' })],
  [one],
  [sameOne, claimStatus('R1', [{ control: paid.control, accepted: true, number: 'ICN-1' }])],
  [payment({ trace: 'E2', date: '20260401', claims: [whole(-1)], plb: [{ reason: 'FB', cents: -99_999 }] })],
  [payment({ trace: 'E3', date: '20260402', claims: [anew] })],
  [payment({ trace: 'E4', date: '20260403', claims: [correction, first] })],
  [payment({ trace: 'E5', date: '20260404', claims: [back, unknown] })],
  [payment({ trace: 'E6', date: '20260405', claims: [first, back] })],
]
const FILES = [
  ...SETS.map((sets) => file(sets)),
  file([acknowledgement(1, [{ number: '0001', accepted: false }])], '20260301'),
  file([acknowledgement(1, [{ number: '0001', accepted: true }])], '20260330'),
]

/** A repository that ends after so many commits. */
function ending(repository: Repository, commits: number): Repository {
  let left = commits
  return new Proxy(repository, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if (name === 'transaction' && left-- <= 0) throw new FhirError('storage-failed', 'The end.')
        return Reflect.apply(value, target, given) as unknown
      }
    },
  })
}

const read = ({ repository, view, parts }: RemittanceWorld, at: number, commits = Infinity) =>
  importX12(ending(repository, commits), view, parts, FILES[at] as Buffer, NOW).catch((error: unknown) => {
    if (!(error instanceof FhirError) || error.code !== 'storage-failed') throw error
    return undefined
  })

type Step = readonly { readonly file: number; readonly commits: number }[]

async function storedAfter(steps: readonly Step[]): Promise<readonly string[]> {
  const made = await remittanceWorld(...start)
  for (const step of steps) await Promise.all(step.map(({ file: at, commits }) => read(made, at, commits)))
  return storedOf(made)
}

const inOrder = FILES.map((_, at) => [{ file: at, commits: Infinity }])

t.test('what is stored says what was answered', async (t) => {
  const made = await remittanceWorld(...start)
  for (const at of FILES.keys()) await read(made, at)
  const tasks = await made.all('Task')
  const stateOf = (id: string, kind: string) =>
    tasks
      .filter(
        ({ focus, code }) =>
          JSON.stringify(focus) === JSON.stringify({ reference: `Claim/${id}` }) &&
          JSON.stringify(code).includes(kind),
      )
      .map(({ status, businessStatus }) => [
        status,
        /"code":"([a-z-]+)"/.exec(JSON.stringify(businessStatus) ?? '')?.[1],
      ])
  t.same(stateOf(paid.id, 'claim-submission'), [['completed', 'partly-paid']])
  t.same(stateOf(paid.id, 'claim-denial'), [['requested', undefined]])
  t.same(stateOf(denied.id, 'claim-submission'), [['completed', 'denied']])
  t.same(stateOf(denied.id, 'claim-denial'), [['completed', 'paid']], 'closed by the claim that replaces it')
  t.same(stateOf(denied.id, 'claim-rejection'), [['completed', 'denied']])
  t.same(stateOf(rejected.id, 'claim-submission').toSorted(), [
    ['failed', 'rejected'],
    ['in-progress', 'acknowledged'],
  ])
  t.same(stateOf(rejected.id, 'claim-rejection'), [['completed', 'acknowledged']])
  t.same(
    stateOf(taken.id, 'claim-denial'),
    [['requested', undefined]],
    'taken back twice, and not decided anew',
  )
  t.same(stateOf(corrected.id, 'claim-submission'), [['completed', 'paid']])
  const claims = await made.all('Claim')
  t.same(
    claims.filter(({ status }) => status === 'cancelled').map(({ id }) => id),
    [denied.id],
    'the claim that was replaced',
  )
  const unmatched = tasks.filter(({ code }) => JSON.stringify(code).includes('unmatched-answer'))
  t.equal(unmatched.length, 4, 'of the file 77, of the 277CA, and of two payments')
  t.equal((await made.all('PaymentReconciliation')).length, 9)
  t.notMatch((await storedOf(made)).join(' '), /SECRET/, 'names of patients are not taken from files')
})

t.test('any order, any repetition, several at once, and ended anywhere', async (t) => {
  const expected = await storedAfter(inOrder)
  const step = fc.array(
    fc.record({
      file: fc.nat(FILES.length - 1),
      commits: fc.oneof(fc.constant(Infinity), fc.nat(12)),
    }),
    { minLength: 1, maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 8 }),
      fc.shuffledSubarray([...FILES.keys()], { minLength: FILES.length }),
      fc.integer({ min: 1, max: 5 }),
      async (before, order, atOnce) => {
        const steps: Step[] = [...before]
        for (let at = 0; at < order.length; at += atOnce)
          steps.push(order.slice(at, at + atOnce).map((index) => ({ file: index, commits: Infinity })))
        const stored = await storedAfter(steps)
        if (JSON.stringify(stored) === JSON.stringify(expected)) return
        t.same(stored, expected)
        throw new Error('differs')
      },
    ),
    { seed: 835, numRuns: 40 },
  )
  t.pass('the same each time')
})

t.test('nothing is written when the same is read again', async (t) => {
  const made = await remittanceWorld(...start)
  for (const at of FILES.keys()) await read(made, at)
  const versions = async () => {
    const all = await Promise.all(
      ['ClaimResponse', 'ExplanationOfBenefit', 'PaymentReconciliation', 'Task', 'Claim'].map(made.all),
    )
    return all.flat().map(({ resourceType, id, meta }) => `${resourceType}/${id} ${JSON.stringify(meta)}`)
  }
  const before = await versions()
  for (const at of FILES.keys()) await read(made, at, 0)
  const again = FILES.map((_, at) =>
    importX12(made.repository, made.view, made.parts, FILES[at] as Buffer, NOW + 1000),
  )
  await Promise.all(again)
  t.same(await versions(), before)
})
