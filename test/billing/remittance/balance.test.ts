// Patients' accounts: equal to naive sums in cents over random remittances, and invoices that ask for each amount once.
import fc from 'fast-check'
import t from 'tap'
import { accountBalance, importX12, invoicePatient, printMoney } from '../../../src/billing/index.ts'
import { parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { BASE, billingServer, money, NOW, resource } from '../practice.ts'
import {
  CODES,
  costSharing,
  remittanceWorld,
  sentClaim,
  type MadeClaim,
  type RemittanceWorld,
} from './claims.ts'
import { dollars, file, payment, sum, type WrittenClaim, type WrittenLine } from './files.ts'

t.setTimeout(600_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const cents = fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.constantFrom(1, 10, 99, 10_001, 29_999))

/** Of each line: what is paid, what the patient is to pay, what is taken off; of a denied one nothing is paid. */
const decision = fc.record({
  paid: fc.nat(1000),
  patient: fc.nat(1000),
  denied: fc.boolean(),
  reason: fc.constantFrom('1', '2', '3'),
})
const randomClaim = fc.record({
  cents: fc.array(cents, { minLength: 1, maxLength: 4 }),
  decisions: fc.array(decision, { minLength: 4, maxLength: 4 }),
  /** Decided on; then perhaps taken back; then perhaps decided anew, by halves. */
  course: fc.constantFrom('none', 'decided', 'taken-back', 'anew'),
  byLine: fc.boolean(),
  paidByPatient: fc.option(cents, { nil: undefined }),
})
type RandomClaim = typeof randomClaim extends fc.Arbitrary<infer Made> ? Made : never

interface Sums {
  charged: number
  insurer: number
  adjusted: number
  patient: number
  patientPaid: number
}

interface Shares {
  readonly paid: number
  readonly patient: number
  readonly off: number
}

/** In whole cents: a part in a thousand of the charge, what is left going off. */
function sharesOf(charge: number, made: RandomClaim['decisions'][number], half: boolean): Shares {
  if (made.denied) return { paid: 0, patient: 0, off: charge }
  const paid = Math.floor((charge * made.paid) / (half ? 2000 : 1000))
  const patient = Math.floor(((charge - paid) * made.patient) / 1000)
  return { paid, patient, off: charge - paid - patient }
}

function written(
  { control }: MadeClaim,
  made: RandomClaim,
  sign: number,
  half: boolean,
): { readonly claim: WrittenClaim; readonly shares: readonly Shares[] } {
  const shares = made.cents.map((charge, at) =>
    sharesOf(charge, made.decisions[at] as (typeof made.decisions)[number], half),
  )
  const adjustmentsOf = ({ patient, off }: Shares, reason: string) => [
    ...(off === 0 ? [] : [{ group: 'CO', reason: '45', cents: off * sign }]),
    ...(patient === 0 ? [] : [{ group: 'PR', reason, cents: patient * sign }]),
  ]
  const lines: WrittenLine[] = made.cents.map((charge, at) => ({
    code: CODES[at] as string,
    control: `${control}-${at + 1}`,
    charged: charge * sign,
    paid: (shares[at] as Shares).paid * sign,
    adjustments: adjustmentsOf(shares[at] as Shares, String(made.decisions[at]?.reason)),
  }))
  const status = sign < 0 ? '22' : '1'
  const whole = {
    paid: sum(shares.map(({ paid }) => paid)),
    patient: sum(shares.map(({ patient }) => patient)),
    off: sum(shares.map(({ off }) => off)),
  }
  const claim: WrittenClaim = made.byLine
    ? { control, status, lines }
    : {
        control,
        status,
        charged: sum(made.cents) * sign,
        paid: whole.paid * sign,
        adjustments: adjustmentsOf(whole, '3'),
      }
  return { claim, shares }
}

/** The remittances of a claim, and what they come to. */
function courseOf(
  claim: MadeClaim,
  made: RandomClaim,
): { readonly told: WrittenClaim[]; readonly sums: Sums } {
  const first = written(claim, made, 1, false)
  const back = written(claim, made, -1, false)
  const anew = written(claim, made, 1, true)
  const told = {
    none: [],
    decided: [first.claim],
    'taken-back': [first.claim, back.claim],
    anew: [first.claim, back.claim, anew.claim],
  }[made.course]
  const last = { none: [], decided: first.shares, 'taken-back': [], anew: anew.shares }[made.course]
  return {
    told,
    sums: {
      charged: sum(made.cents),
      insurer: sum(last.map(({ paid }) => paid)),
      adjusted: sum(last.map(({ off }) => off)),
      patient: sum(last.map(({ patient }) => patient)),
      patientPaid: made.paidByPatient ?? 0,
    },
  }
}

function notice(id: string, request: string, amount: number, more: object = {}): Resource {
  return resource({
    resourceType: 'PaymentNotice',
    id,
    status: 'active',
    request: { reference: request },
    created: '2026-04-01',
    payment: { display: 'Card' },
    recipient: { reference: 'Organization/clinic1' },
    amount: money(dollars(amount)),
    ...more,
  })
}

const balanceIn = ({ view }: RemittanceWorld) => accountBalance(view, 'p1', BASE)

t.test('balances are the naive sums of random remittances, for each claim and in all', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(randomClaim, { minLength: 1, maxLength: 4 }), async (claims) => {
      const made = claims.map((one, at) => sentClaim(`random-${at}`, { cents: one.cents }))
      const courses = claims.map((one, at) => courseOf(made[at] as MadeClaim, one))
      const world = await remittanceWorld(...made.map(({ claim }) => claim))
      const told = courses.flatMap((course) => course.told)
      for (const [at, claim] of told.entries())
        await importX12(
          world.repository,
          world.view,
          world.parts,
          file([payment({ trace: `E${at}`, date: `202604${String(at + 10)}`, claims: [claim] })]),
          NOW,
        )
      const notices = claims.flatMap(({ paidByPatient }, at) =>
        paidByPatient === undefined ? [] : [notice(`n${at}`, `Claim/${made[at]?.id}`, paidByPatient)],
      )
      if (notices.length > 0) await world.put(...notices)
      const balance = await balanceIn(world)
      const shown = (of: typeof balance | (typeof balance.claims)[number]) => [
        printMoney(of.charged),
        printMoney(of.insurerPaid),
        printMoney(of.adjusted),
        printMoney(of.patientResponsibility),
        printMoney(of.patientPaid),
        printMoney(of.open),
        printMoney(of.patientOpen),
      ]
      const naive = ({ charged, insurer, adjusted, patient, patientPaid }: Sums) =>
        [
          charged,
          insurer,
          adjusted,
          patient,
          patientPaid,
          charged - insurer - adjusted - patientPaid,
          patient - patientPaid,
        ].map(dollars)
      for (const [at, { sums }] of courses.entries()) {
        const own = balance.claims.find(({ id }) => id === made[at]?.id)
        if (own === undefined) throw new Error('no such claim')
        if (JSON.stringify(shown(own)) !== JSON.stringify(naive(sums))) {
          t.same(shown(own), naive(sums))
          throw new Error('differs')
        }
      }
      const all = courses.map(({ sums }) => sums)
      const total = Object.fromEntries(
        (['charged', 'insurer', 'adjusted', 'patient', 'patientPaid'] as const).map((name) => [
          name,
          sum(all.map((one) => one[name])),
        ]),
      ) as unknown as Sums
      if (JSON.stringify(shown(balance)) !== JSON.stringify(naive(total))) {
        t.same(shown(balance), naive(total))
        throw new Error('differs')
      }
    }),
    { seed: 55, numRuns: 40 },
  )
  t.pass('to the cent')
})

const share = (claim: MadeClaim, patient: number, trace: string, date = '20260320') =>
  file([
    payment({
      trace,
      date,
      claims: [
        {
          control: claim.control,
          charged: 10_000,
          paid: 10_000 - patient,
          adjustments: [{ group: 'PR', reason: '1', cents: patient }],
        },
      ],
    }),
  ])

async function invoiced({ all }: RemittanceWorld): Promise<readonly string[]> {
  const invoices = await all('Invoice')
  return invoices.map(({ totalGross }) => String((totalGross as JsonObject)['value']))
}

t.test('an amount is invoiced once, however often and at once it is asked for', async (t) => {
  const [one, two] = [sentClaim('one', { cents: [10_000] }), sentClaim('two', { cents: [10_000] })]
  const world = await remittanceWorld(one.claim, two.claim)
  const { repository, view, parts } = world
  const read = (bytes: Buffer) => importX12(repository, view, parts, bytes, NOW)
  const ask = () => invoicePatient(repository, view, BASE, 'p1', NOW)
  t.same((await ask()).invoices, [], 'nothing is owed yet')
  await read(share(one, 1999, 'E1'))
  const answers = await Promise.all(Array.from({ length: 20 }, ask))
  t.same(await invoiced(world), ['19.99'])
  t.equal(answers.flatMap(({ invoices }) => invoices).length, 1)
  t.same(await Promise.all((await world.all('Account')).map(({ coverage }) => coverage)), [
    [{ coverage: { reference: 'Coverage/cov1' }, priority: 1 }],
  ])
  await Promise.all([ask(), read(share(two, 501, 'E2')), ask(), ask()])
  await ask()
  t.same((await invoiced(world)).toSorted(), ['19.99', '5.01'])
  const last = (await ask()).balance
  t.equal(printMoney(last.invoiced), '25.00')
  t.equal(printMoney(last.toInvoice), '0.00')
  t.equal(printMoney(last.patientOpen), '25.00')
})

t.test('what was paid, and what an invoice that is cancelled had asked for, is counted once', async (t) => {
  const one = sentClaim('one', { cents: [10_000] })
  const world = await remittanceWorld(one.claim)
  const { repository, view, parts, put, all } = world
  const ask = () => invoicePatient(repository, view, BASE, 'p1', NOW)
  const figures = async () => {
    const { patientPaid, patientOpen, invoiced: on, toInvoice } = await balanceIn(world)
    return [patientPaid, patientOpen, on, toInvoice].map(printMoney)
  }
  await importX12(repository, view, parts, share(one, 3000, 'E1'), NOW)
  await put(notice('copay', `Claim/${one.id}`, 500))
  t.same(await figures(), ['5.00', '25.00', '0.00', '25.00'])
  await ask()
  const [invoice] = await all('Invoice')
  t.same(await figures(), ['5.00', '25.00', '25.00', '0.00'])
  await put(notice('part', `Invoice/${String(invoice?.['id'])}`, 1000))
  t.same(await figures(), ['15.00', '15.00', '25.00', '0.00'])
  await put(
    notice('not-yet', `Claim/${one.id}`, 1, { status: 'cancelled' }),
    notice('of-payer', `Claim/${one.id}`, 7000, {
      payment: {
        reference: `PaymentReconciliation/${String((await all('PaymentReconciliation'))[0]?.['id'])}`,
      },
    }),
  )
  t.same(await figures(), ['15.00', '15.00', '25.00', '0.00'], 'what a payer paid is not the patient’s')
  await put({ ...(invoice as Resource), status: 'balanced' })
  t.same(await figures(), ['30.00', '0.00', '25.00', '0.00'])
  await put({ ...(invoice as Resource), status: 'cancelled' })
  t.same(await figures(), ['15.00', '15.00', '0.00', '15.00'], 'what was paid on it stays paid')
  await ask()
  t.equal((await all('Invoice')).length, 2)
  t.same(await figures(), ['15.00', '15.00', '15.00', '0.00'])
})

t.test(
  'a claim that another replaces charges nothing, and what was paid for it stands until it is taken back',
  async (t) => {
    const one = sentClaim('one', { cents: [10_000] })
    const two = sentClaim('two', { cents: [12_000], replaces: one })
    const world = await remittanceWorld({ ...one.claim, status: 'cancelled' }, two.claim)
    const { repository, view, parts } = world
    await importX12(repository, view, parts, share(one, 1000, 'E1'), NOW)
    const { charged, insurerPaid, open } = await balanceIn(world)
    t.same([charged, insurerPaid, open].map(printMoney), ['120.00', '90.00', '30.00'])
  },
)

t.test('a duplicate that is denied, and a second payer, count once', async (t) => {
  const one = sentClaim('one', { cents: [10_000] })
  const world = await remittanceWorld(one.claim)
  const { repository, view, parts } = world
  const read = (bytes: Buffer) => importX12(repository, view, parts, bytes, NOW)
  const figures = async () => {
    const { insurerPaid, adjusted, patientResponsibility, open } = await balanceIn(world)
    return [insurerPaid, adjusted, patientResponsibility, open].map(printMoney)
  }
  const told = (paid: number, adjustments: WrittenClaim['adjustments'], status = '1'): WrittenClaim => ({
    control: one.control,
    status,
    charged: 10_000,
    paid,
    ...(adjustments === undefined ? {} : { adjustments }),
  })
  await read(
    file([
      payment({
        trace: 'E1',
        claims: [
          told(6000, [
            { group: 'CO', reason: '45', cents: 2500 },
            { group: 'PR', reason: '2', cents: 1500 },
          ]),
        ],
      }),
    ]),
  )
  t.same(await figures(), ['60.00', '25.00', '15.00', '15.00'])
  await read(
    file([
      payment({
        trace: 'E2',
        date: '20260409',
        claims: [told(0, [{ group: 'CO', reason: '18', cents: 10_000 }], '4')],
      }),
    ]),
  )
  t.same(await figures(), ['60.00', '25.00', '15.00', '15.00'], 'sent twice, denied as such')
  await read(
    file([
      payment({
        trace: 'M1',
        origin: '1999999999',
        payerId: '99999',
        date: '20260415',
        claims: [
          told(
            1200,
            [
              { group: 'OA', reason: '23', cents: 8500 },
              { group: 'PR', reason: '2', cents: 300 },
            ],
            '2',
          ),
        ],
      }),
    ]),
  )
  t.same(await figures(), ['72.00', '25.00', '3.00', '3.00'], 'the second payer leaves less to the patient')
})

t.test('over HTTP, with exact decimals', async (t) => {
  const one = sentClaim('one', { cents: [10_000] })
  const { ask, put } = await billingServer(t)
  await put(costSharing, one.claim)
  await ask('POST $import-x12', share(one, 1999, 'E1'), { 'content-type': 'application/edi-x12' })
  const balance = await ask('GET Patient/p1/$account-balance')
  t.equal(balance.status, 200, balance.text)
  const valueOf = (name: string) =>
    balance.json.parameter.find((it: Loose) => it.name === name)?.valueMoney.value
  t.same(['charged', 'insurerPaid', 'open', 'toInvoice'].map(valueOf), [100, 80.01, 19.99, 19.99])
  t.match(balance.text, /"name":"charged","valueMoney":\{"value":100\.00,/)
  t.equal((await ask('GET Patient/p1/$account-balance?invoice=true')).status, 400)
  t.equal((await ask('GET Patient/nobody/$account-balance')).status, 404)
  t.equal((await ask('GET Patient/p1/$account-balance?invoic=true')).status, 400)
  const made = await ask('POST Patient/p1/$account-balance?invoice=true')
  const reference = made.json.parameter.find((it: Loose) => it.name === 'invoice')?.valueReference?.reference
  const invoice = await ask(`GET ${reference}`)
  t.match(parseJson(Buffer.from(invoice.text)), {
    status: 'issued',
    subject: { reference: 'Patient/p1' },
    totalGross: { value: 19.99 },
    lineItem: [{ extension: [{ valueReference: { reference: `Claim/${one.id}` } }] }],
  })
  const again = await ask('POST Patient/p1/$account-balance?invoice=true')
  t.notOk(again.json.parameter.some((it: Loose) => it.name === 'invoice'))
})
