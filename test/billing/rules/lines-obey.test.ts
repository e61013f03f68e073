// Random visits: no line breaks a rule of the book, read here from the definitions themselves by a second, naive reader,
// and nothing that was done goes unbilled without a word.
import fc from 'fast-check'
import t from 'tap'
import type { BilledServices, EarlierLine, ServiceFacts, ServiceLine } from '../../../src/billing/index.ts'
import { isJsonObject, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { runs } from '../../runs.ts'
import { bill, codeOf, definitionOf, definitions, done, EXTENSION, PLACES, shipped } from './services.ts'

const names = definitions
  .map(({ url }) => String(url).split('/').at(-1) as string)
  .filter((it) => it !== 'all-services')
const kinds = shipped
  .filter(({ id }) => id === 'billable-services')
  .flatMap(({ concept }) => (concept as JsonObject[]).map(({ code }) => String(code)))

/** One extension as a plain table: each part a list of its values. */
type Table = Readonly<Record<string, readonly unknown[]>>

function tables(definition: Resource, name: string): readonly Table[] {
  return (definition['extension'] as JsonObject[])
    .filter(({ url }) => url === EXTENSION + name)
    .map(({ extension }) => {
      const table: Record<string, unknown[]> = {}
      for (const { url, ...value } of extension as JsonObject[]) {
        const [held] = Object.values(value)
        const shown = isJsonObject(held) && typeof held['code'] === 'string' ? held['code'] : held
        table[String(url)] = [...(table[String(url)] ?? []), shown]
      }
      return table
    })
}

interface Billed {
  readonly code: string
  readonly date: string
  readonly units: number
}

const day = (date: string): number => Date.parse(date) / 86_400_000

function holdsCode(table: Table, code: string): boolean {
  const [first, last] = [table['first']?.[0], table['last']?.[0]]
  if (table['code']?.includes(code)) return true
  return (
    first !== undefined &&
    String(first) <= code &&
    code <= String(last) &&
    code.length === String(first).length
  )
}

function near(table: Table, one: string, other: string): boolean {
  const scope = table['scope']?.[0] ?? 'day'
  if (scope === 'month') return one.slice(0, 7) === other.slice(0, 7)
  return Math.abs(day(one) - day(other)) <= (scope === 'week' ? 6 : 0)
}

/** What is wrong with a line, in words; nothing when it obeys. */
function breaches(
  line: ServiceLine,
  at: number,
  { lines }: BilledServices,
  facts: ServiceFacts,
): readonly string[] {
  const code = line.code.code
  const definition = definitionOf(code)
  const earlier = (facts.earlier ?? []).map((it): Billed => ({ ...it, code: it.code.code }))
  const others: readonly Billed[] = [
    ...earlier,
    ...lines.flatMap((it, index) =>
      index === at ? [] : [{ code: it.code.code, units: it.units, date: facts.date }],
    ),
  ]
  const found: string[] = []
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(`${code}: ${what}`)
  }
  const [unit = {}] = tables(definition, 'unit')
  const basis = unit['basis']?.[0]
  const isCoded = facts.services[line.service]?.codings[0]?.code === code
  const { minutes } = line
  if (!(isCoded && basis === 'time-or-decision')) {
    const [low, high] = [unit['minMinutes']?.[0], unit['maxMinutes']?.[0]]
    must(low === undefined || (minutes !== undefined && minutes >= Number(low)), 'too short')
    must(high === undefined || (minutes !== undefined && minutes <= Number(high)), 'too long')
  }
  must(Number.isInteger(line.units) && line.units > 0, 'units')

  const primaries = tables(definition, 'primary')
  const isBeside = (table: Table): boolean =>
    others.some((it) => holdsCode(table, it.code) && near(table, it.date, facts.date))
  must(primaries.length === 0 || primaries.some(isBeside), 'an add-on alone')
  for (const other of others) {
    const forbids = (of: string, that: string): boolean =>
      tables(definitionOf(of), 'excludes').some(
        (it) => it['severity']?.[0] !== 'warning' && holdsCode(it, that) && near(it, other.date, facts.date),
      )
    must(!forbids(code, other.code) && !forbids(other.code, code), `beside ${other.code}`)
  }

  const units = (days: number): number =>
    [...others, { code, date: facts.date, units: line.units }]
      .filter((it) => it.code === code && Math.abs(day(it.date) - day(facts.date)) < days)
      .reduce((sum, it) => sum + it.units, 0)
  const most = unit['maxUnitsPerDay']?.[0]
  must(most === undefined || units(1) <= Number(most), 'too many units of a day')
  for (const { units: limit, days } of tables(definition, 'limit'))
    must(units(Number(days?.[0])) <= Number(limit?.[0]), `too many units of ${String(days?.[0])} days`)
  const period = { day: 'day', week: 'week', month: 'month', 'month-minimum': 'month' }[String(basis)]
  if (period !== undefined)
    must(
      !others.some((it) => it.code === code && near({ scope: [period] }, it.date, facts.date)),
      `twice in a ${period}`,
    )

  const places = tables(definition, 'place').flatMap((it) =>
    it['when'] === undefined ? (it['code'] ?? []) : [],
  )
  must(places.length === 0 || places.includes(line.place?.code), 'place')
  const taxonomies = (definition['extension'] as JsonObject[])
    .filter(({ url }) => url === `${EXTENSION}provider`)
    .map(({ valueCoding }) => (valueCoding as JsonObject)['code'])
  must(
    taxonomies.length === 0 || taxonomies.some((it) => facts.taxonomies?.some((own) => own.code === it)),
    'provider',
  )
  must(
    line.modifiers.length <= 4 && new Set(line.modifiers.map((it) => it.code)).size === line.modifiers.length,
    'modifiers',
  )
  const { start = '0', end = '9' } = (definition['effectivePeriod'] ?? {}) as { start?: string; end?: string }
  must(start <= facts.date && facts.date <= end, 'not in force')
  return found
}

const minutes = fc.option(fc.integer({ min: 0, max: 240 }), { nil: undefined, freq: 5 })
const service = fc
  .tuple(
    fc.oneof(fc.constantFrom(...kinds), fc.constantFrom(...names)),
    minutes,
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([name, time, quantity]) => done(name, time, quantity))
/** Codes that say much of each other, more often than chance would bring them together. */
const close = fc
  .tuple(
    fc.constantFrom(
      'individual-psychotherapy',
      'crisis-psychotherapy',
      'office-visit-established',
      'interactive-complexity',

      'group-psychotherapy',
      'collaborative-care-initial',
      'opioid-program-week-methadone',
      'pharmacologic-management',

      '99213',
      '90836',
      '90840',
      '99494',
      'G2078',
      'G2068',
      'H0035',
      '90791',
      '99484',
      'G2080',
      '96127',
      'H0018',
    ),
    minutes,
  )
  .map(([name, time]) => done(name, time))
const earlierLine = fc
  .tuple(
    fc.constantFrom(
      '90837',
      '99213',
      '90791',
      'G2067',
      '99492',
      'G2078',
      'H0018',
      '96127',
      'G0444',
      '90839',
      'H0004',
    ),
    fc.constantFrom('2026-03-02', '2026-03-01', '2026-02-24', '2026-02-23', '2026-03-31', '2025-06-01'),
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([code, date, units]): EarlierLine => ({ code: codeOf(code), date, units }))

const visit = fc.record(
  {
    services: fc.array(fc.oneof(service, close), { minLength: 1, maxLength: 5 }),
    modality: fc.constantFrom('in-person', 'video', 'audio'),
    atHome: fc.boolean(),
    place: fc.constantFrom('11', '58', '02', '55').map((code) => ({ system: PLACES, code })),
    participants: fc.integer({ min: 1, max: 12 }),
    taxonomies: fc.constantFrom([], [{ system: 'http://nucc.org/provider-taxonomy', code: '103TP0016X' }]),
    earlier: fc.array(earlierLine, { maxLength: 3 }),
  },
  { requiredKeys: ['services', 'taxonomies', 'earlier'] },
) as fc.Arbitrary<Omit<ServiceFacts, 'date'>>

t.test('no line breaks a rule, and nothing is lost without a word', async (t) => {
  const billed = new Set<string>()
  fc.assert(
    fc.property(visit, (facts) => {
      const result = bill(facts.services, facts)
      const whole = { ...facts, date: '2026-03-02' }
      const wrong = result.lines.flatMap((line, at) => breaches(line, at, result, whole))
      for (const at of facts.services.keys()) {
        const has = result.lines.some((line) => line.service === at)
        const told = result.warnings.some((it) => it.service === at && it.severity === 'error')
        if (!has && !told) wrong.push(`service ${at} is lost`)
      }
      if (wrong.length > 0) throw new Error(wrong.join('; '))
      for (const { code } of result.lines) billed.add(code.code)
    }),
    runs(1500),
  )
  t.ok(billed.size > 150, `${billed.size} codes were billed`)
})

t.test('the same facts make the same lines, and facts are left as they are', async () => {
  fc.assert(
    fc.property(visit, (facts) => {
      const before = JSON.stringify(facts)
      const first = JSON.stringify(bill(facts.services, facts))
      return first === JSON.stringify(bill(facts.services, facts)) && before === JSON.stringify(facts)
    }),
    runs(100),
  )
})
