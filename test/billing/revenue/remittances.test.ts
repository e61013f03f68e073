// Revenue of what 835s have brought: equal to what the payments come to, to patients' accounts, and to days counted by hand.
import t from 'tap'
import { accountBalance, importX12, printMoney, revenueOf, type Revenue } from '../../../src/billing/index.ts'
import { loadDefinitions } from '../../../src/fhir/index.ts'
import { createSearch } from '../../../src/search/index.ts'
import { BASE, coverage, NOW, patient } from '../practice.ts'
import { CODES, remittanceWorld, sentClaim, type MadeClaim } from '../remittance/claims.ts'
import { file, paidOf, payment, sum, type WrittenClaim, type WrittenPayment } from '../remittance/files.ts'
import { numbersOf } from './random-practice.ts'

t.setTimeout(120_000)

const search = createSearch({ definitions: loadDefinitions(), baseUrl: BASE })

type World = Awaited<ReturnType<typeof remittanceWorld>>

function revenue({ repository, view }: World, more: object = {}): Promise<Revenue> {
  const asked = {
    start: '2026-01-01',
    end: '2026-12-31',
    groups: [],
    payers: [],
    clinicians: [],
    today: '2026-06-30',
    ...more,
  } as const
  return revenueOf(asked, { repository, view, search, baseUrl: BASE })
}

function decided(
  { control }: MadeClaim,
  charges: readonly number[],
  paid: readonly number[],
  sign = 1,
): WrittenClaim {
  return {
    control,
    status: sign < 0 ? '22' : '1',
    lines: charges.map((charged, at) => {
      const left = charged - (paid[at] as number)
      const patientShare = left % 7
      return {
        code: CODES[at] as string,
        control: `${control}-${at + 1}`,
        charged: charged * sign,
        paid: (paid[at] as number) * sign,
        adjustments: [
          ...(left - patientShare === 0
            ? []
            : [{ group: 'CO', reason: '45', cents: (left - patientShare) * sign }]),
          ...(patientShare === 0 ? [] : [{ group: 'PR', reason: '3', cents: patientShare * sign }]),
        ],
      }
    }),
  }
}

t.test('what payments come to is what is paid, and accounts say the same', async (t) => {
  const random = numbersOf(21)
  const below = (most: number): number => Math.floor(random() * most)
  const patients = ['p1', 'p2', 'p3']
  const payments: WrittenPayment[] = []
  const claims: MadeClaim[] = []
  for (let at = 0; at < 40; at++) {
    const charges = Array.from({ length: 1 + below(4) }, () => 1 + below(30_000))
    const of = patients[below(3)] as string
    const claim = sentClaim(`claim ${at}`, { of, cents: charges, day: `2026-0${1 + below(4)}-1${below(10)}` })
    claims.push(claim)
    const paid = charges.map((charge) => (below(5) === 0 ? 0 : below(charge + 1)))
    if (below(5) === 0) continue
    const first = decided(claim, charges, paid)
    const isTakenBack = below(4) === 0
    const told = isTakenBack ? [first, decided(claim, charges, paid, -1)] : [first]
    if (isTakenBack && below(2) === 0) told.push(decided(claim, charges, charges))
    for (const [part, one] of told.entries())
      payments.push({ trace: `T${at}-${part}`, date: `202605${10 + part}`, claims: [one] })
  }
  const world = await remittanceWorld(
    ...patients.slice(1).flatMap((id) => [patient(id), coverage(`cov-${id}`, id)]),
    ...claims.map(({ claim }) => claim),
  )
  const plb = { trace: 'PLB', date: '20260520', claims: [], plb: [{ reason: 'L6', cents: 1234 }] }
  for (const one of [...payments, plb]) {
    const report = await importX12(world.repository, world.view, world.parts, file([payment(one)]), NOW)
    t.same(report.unmatched, [])
  }

  const { total } = await revenue(world)
  const { amounts } = total
  const reconciled = (await world.all('PaymentReconciliation')).reduce(
    (all, { paymentAmount }) => all + Math.round((paymentAmount as { value: number }).value * 100),
    0,
  )
  t.equal(reconciled + 1234, sum(payments.flatMap((one) => one.claims.map(paidOf))))
  t.equal(
    printMoney(amounts.paid),
    ((reconciled + 1234) / 100).toFixed(2),
    'PLB aside, what payments come to',
  )
  const balances = await Promise.all(patients.map((id) => accountBalance(world.view, id, BASE)))
  for (const [own, theirs] of [
    ['charged', 'charged'],
    ['paid', 'insurerPaid'],
    ['adjusted', 'adjusted'],
    ['patient', 'patientResponsibility'],
  ] as const)
    t.equal(
      printMoney(amounts[own]),
      printMoney(balances.reduce((all, one) => all + one[theirs], 0n) as typeof amounts.paid),
      own,
    )
  t.ok(amounts.open > 0n && amounts.patient > 0n && amounts.adjusted > 0n && amounts.denied > 0n)
})

t.test('days from the last day of service to the payment', async (t) => {
  const claims = [
    sentClaim('a', { day: '2026-02-01', cents: [10_000] }),
    sentClaim('b', { day: '2026-02-10', cents: [10_000] }),
  ] as const
  const world = await remittanceWorld(...claims.map(({ claim }) => claim))
  const dates = ['20260211', '20260301']
  for (const [at, claim] of claims.entries()) {
    const told = decided(claim, [10_000], [5000])
    const bytes = file([payment({ trace: `T${at}`, date: dates[at] as string, claims: [told] })])
    await importX12(world.repository, world.view, world.parts, bytes, NOW)
  }
  const { total } = await revenue(world)
  t.same(total.daysToPayment, { claims: 2, median: 145, mean: 145 }, '10 and 19, in tenths')
})

t.test('a corrected claim counts once it is taken on, and what was paid first is taken back', async (t) => {
  const first = sentClaim('first', { cents: [15_010] })
  const second = sentClaim('second', { cents: [12_005], replaces: first })
  const world = await remittanceWorld(first.claim, second.claim)
  const importing = (one: WrittenPayment) =>
    importX12(world.repository, world.view, world.parts, file([payment(one)]), NOW)
  const charged = async () => {
    const { amounts, claims } = (await revenue(world)).total
    return [claims, printMoney(amounts.charged), printMoney(amounts.paid), printMoney(amounts.open)]
  }
  await importing({ trace: '1', claims: [decided(first, [15_010], [10_000])] })
  t.same(await charged(), [1, '150.10', '100.00', '0.00'])
  await importing({
    trace: '2',
    date: '20260410',
    claims: [decided(first, [15_010], [10_000], -1), decided(second, [12_005], [9005])],
  })
  t.same(await charged(), [1, '120.05', '90.05', '0.00'])
})
