// What payers authorized, and how much of it claims use.
import t from 'tap'
import { approvalsOf } from '../../../src/billing/authorizations/approvals.ts'
import { countUnits } from '../../../src/billing/authorizations/count-units.ts'
import { usingLines } from '../../../src/billing/authorizations/using-lines.ts'
import {
  authorizationFor,
  authorizationsOf,
  shareUsed,
  whyNotAuthorized,
  type Authorization,
} from '../../../src/billing/index.ts'
import { SYSTEMS } from '../../../src/billing/systems.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { BASE, billingWorld } from '../practice.ts'
import { answering, asking, instead, using } from './answers.ts'

type Pair = readonly [response: Resource, request?: Resource]

function ledger(pairs: readonly Pair[], claims: readonly Resource[] = []): readonly Authorization[] {
  const answers = pairs.map(([response, request]) => (request ? { response, request } : { response }))
  return countUnits(approvalsOf(answers, BASE), usingLines(claims, BASE))
}

const told = (list: readonly Authorization[]) =>
  list.map(({ number, decided, services }) => [
    number,
    decided,
    services.map(({ codings, approved, used, left }) => [
      codings.map(({ code }) => code).join(),
      approved,
      used,
      left,
    ]),
  ])

const ASKED = asking('a1', [
  { code: '90837', quantity: 12 },
  { code: '90847', quantity: 4 },
])
const asked = (code: string, date = '2026-03-02', units?: number) => ({
  code: { system: SYSTEMS.cpt, code },
  date,
  payer: 'Organization/payer1',
  ...(units === undefined ? {} : { units }),
})

t.test('units of each service that was asked for, as the payer tells them', async (t) => {
  const decided = answering('r1', 'a1', 'AUTH-1', [{ units: 10 }, { units: 0 }])
  const claims = [
    using('c1', ['AUTH-1'], [{ code: '90837' }, { code: '90837', units: 2.5, day: '2026-03-04' }]),
    using('c2', ['AUTH-1'], [{ code: '90837', units: 1 }], { status: 'draft' }),
    using('c3', ['OTHER'], [{ code: '90837', units: 7 }]),
    using('c4', [], [{ code: '90837', units: 7 }]),
    using('c5', ['AUTH-1'], [{ code: '90834', units: 7 }]),
    using('c6', ['AUTH-1'], [{ code: '90837', units: 7, day: '2026-07-01' }]),
    using('c7', ['AUTH-1'], [{ code: '90837', units: 7 }], { status: 'cancelled' }),
    using('c8', ['AUTH-1'], [{ code: '90837', units: 7 }], { status: 'entered-in-error' }),
    using('c9', ['AUTH-1'], [{ code: '90837', units: 7 }], { use: 'predetermination' }),
    using('c10', ['AUTH-1'], [{ code: '90837', units: 7 }], {
      insurer: { reference: 'Organization/payer2' },
    }),
  ]
  const list = ledger([[decided, ASKED]], claims)
  t.strictSame(told(list), [['AUTH-1', true, [['90837', 10, 4.5, 5.5]]]], 'what is refused is not there')
  t.equal(shareUsed((list[0] as Authorization).services[0] as Authorization['services'][0]), 0.45)
  t.equal(list[0]?.reference, 'ClaimResponse/r1')
  t.equal(list[0]?.request, 'Claim/a1')
})

t.test('a correction does not use twice, nor a void at all', async (t) => {
  const pairs: Pair[] = [[answering('r1', 'a1', 'AUTH-1', [{ units: 10 }, { units: 2 }]), ASKED]]
  const first = using('c1', ['AUTH-1'], [{ code: '90837', units: 3 }])
  const second = using('c2', ['AUTH-1'], [{ code: '90837', units: 2 }], instead('c1', '7'))
  const third = using('c3', ['AUTH-1'], [{ code: '90837', units: 1 }], instead('c2', '7'))
  const used = (claims: readonly Resource[]) => ledger(pairs, claims)[0]?.services[0]?.used
  t.equal(used([first]), 3)
  t.equal(used([first, second]), 2)
  t.equal(used([third, first, second]), 1)
  t.equal(used([first, { ...second, status: 'cancelled' }, third]), 1, 'over one that stands no more')
  t.equal(used([first, { ...second, status: 'cancelled' }]), 3, 'a correction that was given up')
  const voiding = using('c4', ['AUTH-1'], [{ code: '90837', units: 3 }], instead('c1', '8'))
  t.equal(used([first, voiding]), 3, 'until it is accepted')
  t.equal(used([{ ...first, status: 'cancelled' }, voiding]), 0)
})

t.test('the last answer to a request counts', async (t) => {
  const pended = answering('r1', 'a1', undefined, [], { outcome: 'queued' })
  t.strictSame(told(ledger([[pended, ASKED]])), [
    [
      undefined,
      false,
      [
        ['90837', undefined, 0, undefined],
        ['90847', undefined, 0, undefined],
      ],
    ],
  ])
  const decided = answering('r2', 'a1', 'AUTH-1', [{ units: 10 }, { units: 4 }], { created: '2026-01-05' })
  t.equal(
    ledger([
      [decided, ASKED],
      [pended, ASKED],
    ]).length,
    1,
  )
  t.equal(
    ledger([
      [decided, ASKED],
      [pended, ASKED],
    ])[0]?.number,
    'AUTH-1',
  )
  const late = { ...pended, created: '2026-01-09' }
  t.equal(
    ledger([
      [decided, ASKED],
      [late, ASKED],
    ])[0]?.number,
    'AUTH-1',
    'a decision is not undone',
  )
  const cancelled = answering('r3', 'a1', undefined, [], { created: '2026-01-06', status: 'cancelled' })
  t.strictSame(
    ledger([
      [cancelled, ASKED],
      [decided, ASKED],
    ]),
    [],
  )
  const wrong = { ...cancelled, status: 'entered-in-error' }
  t.equal(
    ledger([
      [wrong, ASKED],
      [decided, ASKED],
    ]).length,
    1,
  )
  t.strictSame(ledger([[decided, { ...ASKED, status: 'entered-in-error' }]]), [])
  const failed = answering('r4', 'a1', undefined, [], { created: '2026-01-06', outcome: 'error' })
  t.strictSame(ledger([[failed, ASKED]]), [])
})

t.test('one number for other days, for the same days, and ended', async (t) => {
  const spring = answering('r1', 'a1', 'AUTH-1', [{ units: 10 }, { units: 4 }])
  const more = asking('a2', [{ code: '90837', quantity: 20 }])
  const summer = answering('r2', 'a2', 'AUTH-1', [{ units: 20 }], {
    created: '2026-06-01',
    preAuthPeriod: { start: '2026-07-01', end: '2026-12-31' },
  })
  const claims = [
    using(
      'c1',
      ['AUTH-1'],
      [
        { code: '90837', units: 3 },
        { code: '90837', units: 5, day: '2026-08-01' },
      ],
    ),
  ]
  const both: Pair[] = [
    [spring, ASKED],
    [summer, more],
  ]
  t.strictSame(told(ledger(both, claims)), [
    [
      'AUTH-1',
      true,
      [
        ['90837', 10, 3, 7],
        ['90847', 4, 0, 4],
      ],
    ],
    ['AUTH-1', true, [['90837', 20, 5, 15]]],
  ])
  const overlapping = { ...summer, preAuthPeriod: { start: '2026-06-30', end: '2026-12-31' } }
  t.strictSame(
    told(
      ledger(
        [
          [spring, ASKED],
          [overlapping, more],
        ],
        claims,
      ),
    ),
    [['AUTH-1', true, [['90837', 20, 5, 15]]]],
  )
  const otherPayer = { ...overlapping, insurer: { reference: 'Organization/payer2' } }
  t.equal(
    ledger([
      [spring, ASKED],
      [otherPayer, more],
    ]).length,
    2,
    'numbers are of a payer',
  )
  const end = asking('a3', [], { insurance: [{ sequence: 1, focal: true, preAuthRef: ['AUTH-1'] }] })
  const ended = answering('r3', 'a3', undefined, [], { created: '2026-09-01', status: 'cancelled' })
  t.strictSame(ledger([...both, [ended, end]]), [])
})

t.test(
  'services in parts: pended, refused, changed, with numbers and days of their own, added',
  async (t) => {
    const request = asking('a1', [
      { code: '90837', quantity: 12 },
      { code: '90847', quantity: 4 },
      { code: '90853', quantity: 8 },
      { code: '90834', quantity: 6 },
      { revenue: '0912', quantity: 20 },
    ])
    const response = answering(
      'r1',
      'a1',
      'AUTH-1',
      [
        { action: 'A1' },
        { action: 'A3', units: 0 },
        { action: 'A4' },
        { action: 'A6', number: 'AUTH-2', period: { start: '2026-02-01', end: '2026-02-28' } },
        { action: 'A2', units: 15 },
      ],
      {
        outcome: 'partial',
        addItem: [
          {
            productOrService: { coding: [{ system: SYSTEMS.cpt, code: '96127' }] },
            quantity: { value: 3 },
            adjudication: [{ category: { coding: [{ code: 'submitted' }] } }],
          },
        ],
      },
    )
    t.strictSame(told(ledger([[response, request]])), [
      [
        'AUTH-1',
        true,
        [
          ['90837', 12, 0, 12],
          ['0912', 15, 0, 15],
          ['96127', 3, 0, 3],
        ],
      ],
      [undefined, false, [['90853', undefined, 0, undefined]]],
      ['AUTH-2', true, [['90834', undefined, 0, undefined]]],
    ])
    const days = using('c1', ['AUTH-1'], [{ revenue: '0912', units: 5 }])
    t.equal(ledger([[response, request]], [days])[0]?.services[1]?.left, 10, 'by its revenue code')
    const silent = answering('r1', 'a1', 'AUTH-1', [{ units: 2 }])
    t.strictSame(told(ledger([[silent, request]])), [['AUTH-1', true, [['90837', 2, 0, 2]]]])
  },
)

t.test('a line uses one of the authorizations that its claim names', async (t) => {
  const end = (day: string) => ({ preAuthPeriod: { start: '2026-01-01', end: day } })
  const pairs: Pair[] = [
    [answering('r1', 'a1', 'AUTH-1', [{ units: 10 }], end('2026-09-30')), asking('a1', [{ code: '90837' }])],
    [answering('r2', 'a2', 'AUTH-2', [{ units: 3 }], end('2026-06-30')), asking('a2', [{ code: '90837' }])],
  ]
  const claims = ['c1', 'c2', 'c3'].map((id, at) =>
    using(id, ['AUTH-1', 'AUTH-2'], [{ code: '90837', units: 2, day: `2026-03-0${at + 1}` }]),
  )
  t.strictSame(told(ledger(pairs, claims)), [
    ['AUTH-1', true, [['90837', 10, 4, 6]]],
    ['AUTH-2', true, [['90837', 3, 2, 1]]],
  ])
  const many = [...claims, using('c4', ['AUTH-2'], [{ code: '90837', units: 2, day: '2026-03-04' }])]
  t.strictSame(told(ledger(pairs, many))[1], ['AUTH-2', true, [['90837', 3, 4, 0]]], 'more than it gives')
})

t.test('for any service', async (t) => {
  const claims = [
    using(
      'c1',
      ['AUTH-1'],
      [
        { code: '90837', units: 3 },
        { code: '90853', units: 2 },
      ],
    ),
  ]
  t.strictSame(told(ledger([[answering('r1', undefined, 'AUTH-1')]], claims)), [['AUTH-1', true, []]])
  t.strictSame(told(ledger([[answering('r1', undefined, 'AUTH-1', [{ units: 10 }])]], claims)), [
    ['AUTH-1', true, [['', 10, 5, 5]]],
  ])
  const both = asking('a1', [{ code: '90853', quantity: 4 }, { quantity: 10 }])
  t.strictSame(told(ledger([[answering('r1', 'a1', 'AUTH-1'), both]], claims)), [
    [
      'AUTH-1',
      true,
      [
        ['90853', 4, 2, 2],
        ['', 10, 3, 7],
      ],
    ],
  ])
})

t.test('the authorization of a service, or why there is none', async (t) => {
  const early = answering('r1', 'a1', 'AUTH-1', [{ units: 2 }, { units: 4 }])
  const other = asking('a2', [{ code: '90837', quantity: 20 }])
  const late = answering('r2', 'a2', 'AUTH-2', [], { preAuthPeriod: { start: '2026-03-01', end: '2026-12' } })
  const pended = answering('r3', 'a3', undefined, [], { outcome: 'queued' })
  const list = ledger([
    [late, other],
    [early, ASKED],
    [pended, asking('a3', [{ code: '90853' }])],
  ])
  t.equal(authorizationFor(list, asked('90837'))?.number, 'AUTH-1', 'the one that ends first')
  t.equal(authorizationFor(list, asked('90837', '2026-03-02', 2))?.number, 'AUTH-1')
  t.equal(authorizationFor(list, asked('90837', '2026-03-02', 3))?.number, 'AUTH-2')
  t.equal(authorizationFor(list, asked('90837', '2026-12-31'))?.number, 'AUTH-2', 'a month is all its days')
  t.equal(whyNotAuthorized(list, asked('90837')), undefined)
  t.equal(whyNotAuthorized(list, asked('90837', '2026-03-02', 21)), 'exceeded')
  t.equal(whyNotAuthorized(list, asked('90837', '2027-01-01')), 'outside-dates')
  t.equal(whyNotAuthorized(list, asked('90847', '2026-07-01')), 'outside-dates')
  t.equal(whyNotAuthorized(list, asked('90853')), 'pended')
  t.equal(whyNotAuthorized(list, asked('90834')), 'none')
  t.equal(whyNotAuthorized(list, { ...asked('90837'), payer: 'Organization/payer2' }), 'none')
  t.equal(authorizationFor(list, asked('90853')), undefined)
})

t.test('of what is stored, with claims left out that are made anew', async (t) => {
  const world = await billingWorld()
  await world.put(
    ASKED,
    answering('r1', 'a1', 'AUTH-1', [{ units: 10 }, { units: 4 }]),
    using('c1', ['AUTH-1'], [{ code: '90837', units: 3 }]),
    using('c2', ['AUTH-1'], [{ code: '90837', units: 4 }], instead('c1', '7')),
  )
  const used = async (...except: readonly string[]) =>
    (await authorizationsOf(world.view(), 'p1', BASE, { except }))[0]?.services[0]?.used
  t.equal(await used(), 4)
  t.equal(await used('Claim/c2'), 0, 'and what it replaces neither')
  t.strictSame(await authorizationsOf(world.view(), 'p2', BASE), [])
})
