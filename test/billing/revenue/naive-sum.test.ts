// $revenue over made-up practices is, to the cent, what a naive sum of what was made up comes to, however it is grouped.
import t from 'tap'
import { madeUpPractice, type TrueLine } from './random-practice.ts'
import { revenueServer, TODAY, type Figures } from './revenue-server.ts'

const GROUPS = {
  payer: (line: TrueLine) => line.payer,
  month: (line: TrueLine) => line.date.slice(0, 7),
  clinician: (line: TrueLine) => line.clinician,
  code: (line: TrueLine) => line.code,
} as const
type Group = keyof typeof GROUPS

interface Question {
  readonly start: string
  readonly end: string
  readonly groups: readonly Group[]
  readonly payer?: string
  readonly clinician?: string
}

const YEAR = { start: '2026-01-01', end: '2026-12-31' }
const QUESTIONS: readonly Question[] = [
  { ...YEAR, groups: [] },
  ...(Object.keys(GROUPS) as Group[]).map((group) => ({ ...YEAR, groups: [group] })),
  { ...YEAR, groups: ['payer', 'month'] },
  { ...YEAR, groups: ['month', 'clinician', 'code'] },
  { ...YEAR, groups: ['code', 'clinician', 'month', 'payer'] },
  { start: '2026-02-10', end: '2026-03-09', groups: ['code'] },
  { start: '2026-04-15', end: '2026-04-21', groups: ['payer'] },
  { ...YEAR, groups: ['month'], payer: 'Organization/payer2' },
  { ...YEAR, groups: ['payer'], clinician: 'Practitioner/therapist1' },
  {
    start: '2026-03-01',
    end: '2026-12-31',
    groups: ['code'],
    payer: 'Organization/payer1',
    clinician: 'Practitioner/therapist2',
  },
]

const AGES = [
  ['0-30', 30],
  ['31-60', 60],
  ['61-90', 90],
  ['91-120', 120],
  ['>120', Infinity],
] as const

function text(cents: number): string {
  const size = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${size.slice(0, -2)}.${size.slice(-2)}`
}

function days(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}

function openOf({ charged, paid, patient, adjusted }: TrueLine): number {
  return charged - paid - patient - adjusted
}

/** All that is told of these lines, by another way than the server's. */
function naive(lines: readonly TrueLine[]): Figures {
  const sum = (of: (line: TrueLine) => number, some = lines): number =>
    some.reduce((total, line) => total + of(line), 0)
  const claims = [...Map.groupBy(lines, (line) => line.claim).values()]
  const own = claims.filter((some) => some[0]?.counts)
  const waits = own
    .flatMap(([one]) => (one?.paidOn === undefined ? [] : days(one.lastDay, one.paidOn)))
    .toSorted((a, b) => a - b)
  const figures: Record<string, string | number> = {
    claims: own.length,
    paidClaims: own.filter((some) => sum((line) => line.paid, some) > 0).length,
    deniedClaims: own.filter((some) => {
      const charged = sum((line) => line.charged, some)
      return charged > 0 && sum((line) => line.denied, some) === charged
    }).length,
    openClaims: own.filter((some) => sum(openOf, some) > 0).length,
    charged: text(sum((line) => line.charged)),
    allowed: text(sum((line) => line.allowed)),
    paid: text(sum((line) => line.paid)),
    patientResponsibility: text(sum((line) => line.patient)),
    adjusted: text(sum((line) => line.adjusted)),
    denied: text(sum((line) => line.denied)),
    open: text(sum(openOf)),
  }
  if (waits.length > 0) {
    figures['daysToPayment claims'] = waits.length
    const middle = [waits[Math.ceil(waits.length / 2) - 1], waits[Math.floor(waits.length / 2)]] as [
      number,
      number,
    ]
    figures['daysToPayment median'] = (middle[0] + middle[1]) / 2
    const tenths = (10 * waits.reduce((a, b) => a + b, 0)) / waits.length
    figures['daysToPayment mean'] = Math.floor(tenths + 0.5) / 10
  }
  let least = -Infinity
  for (const [name, most] of AGES) {
    const aged = claims.filter((some) => {
      const age = days(some[0]?.lastDay ?? '', TODAY)
      return age > least && age <= most
    })
    figures[`aging ${name}`] = text(aged.reduce((all, some) => all + sum(openOf, some), 0))
    figures[`aging claims ${name}`] = aged.filter((some) => sum(openOf, some) !== 0).length
    least = most
  }
  return figures
}

for (const [seed, onArrays] of [
  [1, false],
  [2, true],
  [3, false],
] as const)
  t.test(`practice ${seed}`, async (t) => {
    const server = await revenueServer(t, { onArrays })
    const { resources, lines } = madeUpPractice(seed, 130)
    await server.put(...resources)
    for (const { start, end, groups, payer, clinician } of QUESTIONS) {
      const query = [
        `start=${start}&end=${end}`,
        ...groups.map((group) => `group=${group}`),
        ...(payer === undefined ? [] : [`payer=${payer}`]),
        ...(clinician === undefined ? [] : [`clinician=${clinician}`]),
      ].join('&')
      const told = await server.revenue(`?${query}`)
      t.equal(told.reply.status, 200, query)
      const asked = lines.filter(
        (line) =>
          line.date >= start &&
          line.date <= end &&
          (payer === undefined || line.payer === payer) &&
          (clinician === undefined || line.clinician === clinician),
      )
      t.ok(asked.length > 0, `${asked.length} lines`)
      t.same(told.total, naive(asked), query)
      const rows = Map.groupBy(asked, (line) => groups.map((group) => GROUPS[group](line)).join(' '))
      if (groups.length === 0) rows.clear()
      t.same([...told.rows.keys()].toSorted(), [...rows.keys()].toSorted(), 'a row for each')
      for (const [key, some] of rows) t.same(told.rows.get(key), naive(some), `${query}: ${key}`)
      const months = told.order.map((key) => key.slice(0, 7))
      if (groups[0] === 'month') t.same(months, months.toSorted(), 'as time goes')
    }
  })

t.test('who sees one patient of several is told of that one alone, as if there were no other', async (t) => {
  const [whole, alone] = [await revenueServer(t), await revenueServer(t)]
  const { resources } = madeUpPractice(7, 60)
  await whole.put(...resources)
  const own = resources.filter(({ patient }) => (patient as { reference: string }).reference === 'Patient/p2')
  t.ok(own.length > 10 && own.length < resources.length)
  await alone.put(...own)
  const access = { anyOf: [{ types: '*', patients: ['p2'], withoutLabels: [] }] } as const
  const [narrow, same] = [whole.seenBy(access), alone.seenBy(access)]
  for (const query of ['', '?group=payer&group=month', '?group=code', '?group=clinician&payer=payer2']) {
    const [seen, expected] = [await narrow.revenue(query), await same.revenue(query)]
    t.equal(seen.reply.status, 200, query)
    t.ok(seen.reply.text === expected.reply.text, `${query}: the same, byte for byte`)
    t.ok((await whole.revenue(query)).reply.text !== expected.reply.text, 'there is more to be seen')
  }
})
