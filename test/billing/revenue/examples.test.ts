// What $revenue counts and what it does not: one case after another, by hand.
import t from 'tap'
import type { Resource } from '../../../src/fhir/index.ts'
import { coded, resource } from '../practice.ts'
import { revenueServer, TODAY, type Told } from './revenue-server.ts'
import { claim, correcting, decision, deniedLine, paidLine, takenBack, usd } from './written-claims.ts'

const APRIL = { code: '90834', date: '2026-04-10', cents: 12_345 }

/** Of one question the amounts that are not 0. */
function amounts({ total }: Told): Record<string, string | number> {
  const names = ['charged', 'allowed', 'paid', 'patientResponsibility', 'adjusted', 'denied', 'open']
  return Object.fromEntries(
    names.filter((name) => total[name] !== '0.00').map((name) => [name, total[name] ?? '']),
  )
}

const cases: readonly (readonly [
  name: string,
  resources: () => readonly Resource[],
  expected: Record<string, string>,
])[] = [
  ['no claim', () => [], {}],
  [
    'one that nobody has answered',
    () => [claim({ id: 'a', lines: [APRIL] })],
    { charged: '123.45', open: '123.45' },
  ],
  ['a draft was not sent', () => [claim({ id: 'a', lines: [APRIL], more: { status: 'draft' } })], {}],
  [
    'an authorization is no claim',
    () => [claim({ id: 'a', lines: [APRIL], more: { use: 'preauthorization' } })],
    {},
  ],
  [
    'one that was paid',
    () => {
      const made = claim({ id: 'a', lines: [APRIL] })
      return [
        made,
        decision({ id: 'r', to: made, lines: [paidLine(1, 12_345, 2345, 1000)], date: '2026-05-01' }),
      ]
    },
    {
      charged: '123.45',
      allowed: '100.00',
      paid: '90.00',
      patientResponsibility: '10.00',
      adjusted: '23.45',
    },
  ],
  [
    'one that was denied',
    () => {
      const made = claim({ id: 'a', lines: [APRIL] })
      return [made, decision({ id: 'r', to: made, lines: [deniedLine(1, 12_345)], date: '2026-05-01' })]
    },
    { charged: '123.45', adjusted: '123.45', denied: '123.45' },
  ],
  [
    'one that was denied, taken up again and paid',
    () => {
      const made = claim({ id: 'a', lines: [APRIL] })
      const denial = { id: 'r1', to: made, lines: [deniedLine(1, 12_345)], date: '2026-05-01' }
      return [
        made,
        decision(denial),
        decision(takenBack(denial, 'r2', '2026-05-20')),
        decision({ id: 'r3', to: made, lines: [paidLine(1, 12_345, 345, 0)], date: '2026-05-20' }),
      ]
    },
    { charged: '123.45', allowed: '120.00', paid: '120.00', adjusted: '3.45' },
  ],
  [
    'one that was paid, and then taken back',
    () => {
      const made = claim({ id: 'a', lines: [APRIL] })
      const payment = { id: 'r1', to: made, lines: [paidLine(1, 12_345, 2345, 1000)], date: '2026-05-01' }
      return [made, decision(payment), decision(takenBack(payment, 'r2', '2026-05-20'))]
    },
    { charged: '123.45', open: '123.45' },
  ],
  [
    'what a clearing house takes on, or refuses, decides nothing',
    () => {
      const made = claim({ id: 'a', lines: [APRIL] })
      const answer = { to: made, lines: [] }
      return [
        made,
        decision({ ...answer, id: 'r1', more: { outcome: 'queued', total: undefined, payment: undefined } }),
        decision({ ...answer, id: 'r2', more: { outcome: 'error', total: undefined, payment: undefined } }),
      ]
    },
    { charged: '123.45', open: '123.45' },
  ],
  [
    'one that another replaces counts until the payer has taken that one on',
    () => [
      claim({ id: 'a', lines: [APRIL] }),
      claim({ id: 'b', lines: [{ ...APRIL, cents: 10_000 }], more: correcting('a', '7') }),
    ],
    { charged: '123.45', open: '123.45' },
  ],
  [
    'then the one that replaces it',
    () => [
      claim({ id: 'a', lines: [APRIL], more: { status: 'cancelled' } }),
      claim({ id: 'b', lines: [{ ...APRIL, cents: 10_000 }], more: correcting('a', '7') }),
    ],
    { charged: '100.00', open: '100.00' },
  ],
  [
    'one that was paid, replaced and paid anew: what was paid first is taken back',
    () => {
      const first = claim({ id: 'a', lines: [APRIL], more: { status: 'cancelled' } })
      const second = claim({ id: 'b', lines: [{ ...APRIL, cents: 10_000 }], more: correcting('a', '7') })
      const payment = { id: 'r1', to: first, lines: [paidLine(1, 12_345, 2345, 1000)], date: '2026-05-01' }
      return [
        first,
        second,
        decision(payment),
        decision(takenBack(payment, 'r2', '2026-05-20')),
        decision({ id: 'r3', to: second, lines: [paidLine(1, 10_000, 2000, 0)], date: '2026-05-20' }),
      ]
    },
    { charged: '100.00', allowed: '80.00', paid: '80.00', adjusted: '20.00' },
  ],
  [
    'one that was denied and replaced',
    () => {
      const first = claim({ id: 'a', lines: [APRIL], more: { status: 'cancelled' } })
      const second = claim({ id: 'b', lines: [APRIL], more: correcting('a', '7') })
      return [
        first,
        second,
        decision({ id: 'r1', to: first, lines: [deniedLine(1, 12_345)], date: '2026-05-01' }),
        decision({ id: 'r3', to: second, lines: [paidLine(1, 12_345, 0, 0)], date: '2026-05-20' }),
      ]
    },
    { charged: '123.45', allowed: '123.45', paid: '123.45' },
  ],
  [
    'one that is voided, before the payer has taken that on and after',
    () => [
      claim({ id: 'a', lines: [APRIL] }),
      claim({ id: 'b', lines: [APRIL], more: correcting('a', '8') }),
      claim({ id: 'c', lines: [{ ...APRIL, cents: 5000 }], more: { status: 'cancelled' } }),
      claim({ id: 'd', lines: [{ ...APRIL, cents: 5000 }], more: correcting('c', '8') }),
    ],
    { charged: '123.45', open: '123.45' },
  ],
  [
    'a payment on a voided claim that is not taken back yet is owed to the payer',
    () => {
      const made = claim({ id: 'a', lines: [APRIL], more: { status: 'cancelled' } })
      return [
        made,
        decision({ id: 'r', to: made, lines: [paidLine(1, 12_345, 2345, 1000)], date: '2026-05-01' }),
      ]
    },
    { paid: '90.00', open: '-90.00' },
  ],
  [
    'lines before and after the period are not in it',
    () => [
      claim({
        id: 'a',
        lines: [
          { ...APRIL, date: '2026-03-31', cents: 1 },
          { ...APRIL, date: '2026-04-01', cents: 10 },
          { ...APRIL, date: '2026-04-30', cents: 100 },
          { ...APRIL, date: '2026-05-01', cents: 1000 },
        ],
      }),
    ],
    { charged: '1.10', open: '1.10' },
  ],
  [
    'a day is the one that was written, whatever the zone',
    () => [
      claim({
        id: 'a',
        lines: [{ ...APRIL, cents: 100 }],
        more: {
          billablePeriod: { start: '2026-04-30T23:30:00-06:00', end: '2026-04-30T23:59:00-06:00' },
          item: [{ sequence: 1, productOrService: coded('urn:x', 'a'), net: usd(100) }],
        },
      }),
      claim({
        id: 'b',
        lines: [{ ...APRIL, cents: 200 }],
        more: {
          billablePeriod: { start: '2026-05-01T00:30:00+09:00' },
          item: [{ sequence: 1, productOrService: coded('urn:x', 'a'), net: usd(200) }],
        },
      }),
    ],
    { charged: '1.00', open: '1.00' },
  ],
  [
    'a claim without lines is one of its total; one without net of price and units; one without days of none',
    () => [
      claim({ id: 'a', lines: [APRIL], more: { item: undefined } }),
      claim({
        id: 'b',
        lines: [APRIL],
        more: {
          item: [
            {
              sequence: 1,
              productOrService: coded('urn:x', 'a'),
              servicedPeriod: { start: '2026-04-02', end: '2026-04-03' },
              unitPrice: usd(1005),
              quantity: { value: 1.5 },
            },
          ],
        },
      }),
      claim({
        id: 'c',
        lines: [APRIL],
        more: {
          billablePeriod: undefined,
          item: [{ sequence: 1, productOrService: coded('urn:x', 'a'), net: usd(700) }],
        },
      }),
    ],
    { charged: '138.53', open: '138.53' },
  ],
]

for (const findsByDay of [true, false])
  t.test(findsByDay ? 'found by the day of service' : 'found without it', async (t) => {
    for (const [name, resources, expected] of cases)
      t.test(name, async (t) => {
        const server = await revenueServer(t, { findsByDay, onArrays: true })
        const written = resources()
        if (written.length > 0) await server.put(...written)
        const told = await server.revenue('?start=2026-04&end=2026-04')
        t.equal(told.reply.status, 200, told.reply.text)
        t.same(amounts(told), expected)
        const { total } = told
        const aged = Object.keys(total).filter((key) => /^aging [^c]/.test(key))
        t.equal(aged.length, 5)
        const sum = aged.reduce((all, key) => all + Math.round(Number(total[key]) * 100), 0)
        t.equal(sum, Math.round(Number(total['open']) * 100), 'what is open is of some age')
      })
  })

t.test('days to payment, and ages, of claims', async (t) => {
  const server = await revenueServer(t)
  const paid = (id: string, last: string, date: string | undefined): Resource[] => {
    const made = claim({
      id,
      lines: [
        { ...APRIL, date: '2026-01-05' },
        { ...APRIL, date: last },
      ],
    })
    const lines = [paidLine(1, 12_345, 0, 0), paidLine(2, 12_345, 0, 345)]
    return [made, decision({ id: `r-${id}`, to: made, lines, ...(date === undefined ? {} : { date }) })]
  }
  await server.put(
    ...paid('a', '2026-01-31', '2026-03-02'),
    ...paid('b', '2026-02-10', '2026-02-20'),
    ...paid('c', '2026-02-10', '2026-02-13'),
    ...paid('undated', '2026-02-01', undefined),
  )
  let told = await server.revenue('?start=2026-01&end=2026-06')
  t.same(
    ['claims', 'median', 'mean'].map((name) => told.total[`daysToPayment ${name}`]),
    [3, 10, 14.3],
    '30, 10 and 3 days',
  )

  await server.put(
    resource({
      resourceType: 'PaymentReconciliation',
      id: 'pay',
      status: 'active',
      created: '2026-03-05',
      paymentDate: '2026-03-01',
      paymentAmount: usd(24_345),
      detail: [
        {
          type: coded('http://terminology.hl7.org/CodeSystem/payment-type', 'payment'),
          request: { reference: 'Claim/undated' },
          response: { reference: 'ClaimResponse/r-undated' },
          amount: usd(24_345),
        },
      ],
    }),
  )
  told = await server.revenue('?start=2026-01&end=2026-06')
  t.same(
    ['claims', 'median', 'mean'].map((name) => told.total[`daysToPayment ${name}`]),
    [4, 19, 17.8],
    '28 days more, told by the payment',
  )

  const open = (id: string, date: string, cents: number): Resource =>
    claim({ id, lines: [{ ...APRIL, date, cents }] })
  t.equal(TODAY, '2026-06-30')
  await server.put(
    open('d0', '2026-06-30', 1),
    open('d30', '2026-05-31', 2),
    open('d31', '2026-05-30', 4),
    open('d60', '2026-05-01', 8),
    open('d61', '2026-04-30', 16),
    open('d90', '2026-04-01', 32),
    open('d91', '2026-03-31', 64),
    open('d120', '2026-03-02', 128),
    open('d121', '2026-03-01', 256),
    open('later', '2026-07-15', 512),
  )
  told = await server.revenue('?start=2026-01&end=2026-07&group=payer')
  for (const figures of [told.total, told.rows.get('Organization/payer1')]) {
    t.same(
      ['0-30', '31-60', '61-90', '91-120', '>120'].map((age) => figures?.[`aging ${age}`]),
      ['5.15', '0.12', '0.48', '1.92', '2.56'],
    )
    t.same(
      ['0-30', '31-60', '61-90', '91-120', '>120'].map((age) => figures?.[`aging claims ${age}`]),
      [3, 2, 2, 2, 1],
    )
    t.equal(figures?.['openClaims'], 10)
    t.equal(figures?.['paidClaims'], 4)
    t.equal(figures?.['claims'], 14)
  }
})

t.test('a line is the work of who is named for it, a role that of its person', async (t) => {
  const server = await revenueServer(t)
  await server.put(
    claim({
      id: 'a',
      careTeam: ['Practitioner/therapist2', 'PractitionerRole/role1'],
      lines: [
        { ...APRIL, cents: 1 },
        { ...APRIL, cents: 10, careTeam: [2] },
        { ...APRIL, cents: 100, careTeam: [2, 1] },
      ],
    }),
    claim({ id: 'b', lines: [{ ...APRIL, cents: 1000 }], more: { careTeam: undefined } }),
  )
  const told = await server.revenue('?group=clinician')
  t.same(
    [...told.rows].map(([key, { charged }]) => `${key} ${charged}`),
    ['Organization/clinic1 10.00', 'Practitioner/therapist2 1.01', 'Practitioner/therapist1 0.10'],
  )
  t.match(told.reply.text, /"reference":"Practitioner\/therapist2","display":"Dr. Bo Chen"/)
  t.match(told.reply.text, /"reference":"Practitioner\/therapist1","display":"Ana Rivera"/)
  const asked: readonly (readonly [query: string, charged: string])[] = [
    ['therapist1', '0.10'],
    ['Practitioner/therapist1', '0.10'],
    ['PractitionerRole/role1', '0.10'],
    ['therapist2', '1.01'],
    ['therapist2&clinician=therapist1', '1.11'],
    ['Organization/clinic1', '10.00'],
    ['nobody', '0.00'],
  ]
  for (const [query, charged] of asked)
    t.equal((await server.revenue(`?clinician=${query}`)).total['charged'], charged, query)
})
