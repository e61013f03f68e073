// Weeks of a program, months, and which service the drugs of a week make.
import t from 'tap'
import { boundsOfMonth, monthsFrom } from '../../../src/billing/claims/episodes/calendar-days.ts'
import { ruleOfDrug, ruleOfWeek, unitsOfSupply } from '../../../src/billing/claims/episodes/given-drugs.ts'
import { weeksIn } from '../../../src/billing/claims/episodes/weeks.ts'
import { book } from '../rules/services.ts'
import { seeded } from './random.ts'

const DAY = 86_400_000
const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10)
const BEGIN = Date.parse('2026-01-01')
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

t.test(
  'weeks follow one another from the first day, and no window makes another week of a day',
  async (t) => {
    const next = seeded(7)
    for (let round = 0; round < 500; round++) {
      const begin = BEGIN + Math.floor(next() * 60) * DAY
      const startsOn = next() < 0.5 ? undefined : NAMES[Math.floor(next() * 7)]
      // By hand: the days are gone through one by one.
      let day = begin
      while (startsOn !== undefined && NAMES[new Date(day).getUTCDay()] !== startsOn) day -= DAY
      const starts: string[] = []
      for (let count = 0; day < begin + 200 * DAY; day += DAY, count++)
        if (count % 7 === 0) starts.push(dayAt(day))
      const first = dayAt(begin + Math.floor(next() * 100 - 20) * DAY)
      const last = dayAt(Date.parse(first) + Math.floor(next() * 60) * DAY)
      const weeks = weeksIn(dayAt(begin), startsOn, { first, last })
      t.strictSame(
        weeks.map(({ start }) => start),
        starts.filter((start) => start >= first && start <= last),
      )
      for (const { start, end } of weeks) t.equal(Date.parse(end) - Date.parse(start), 6 * DAY)
    }
  },
)

t.test('months', async (t) => {
  t.strictSame(monthsFrom('2025-12-31', '2026-03-01'), ['2025-12', '2026-01', '2026-02', '2026-03'])
  t.strictSame(boundsOfMonth('2026-02'), { start: '2026-02-01', end: '2026-02-28' })
  t.strictSame(boundsOfMonth('2028-02'), { start: '2028-02-01', end: '2028-02-29' })
  t.strictSame(boundsOfMonth('2026-12'), { start: '2026-12-01', end: '2026-12-31' })
})

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
const SNOMED = 'http://snomed.info/sct'
const rules = ['G2067', 'G2068', 'G2069', 'G2073', 'G2078', 'G2079'].map((code) => {
  const rule = book
    .inForce({ date: '2026-03-02' })
    .ofCode({ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code })
  if (rule === undefined) throw new Error(code)
  return rule
})

function given(code: string, route?: string, supplyDays?: number) {
  return {
    date: '2026-03-02',
    source: 'MedicationAdministration/m',
    codings: [{ system: RXNORM, code }],
    routes: route === undefined ? [] : [{ system: SNOMED, code: route }],
    ...(supplyDays === undefined ? {} : { supplyDays }),
  }
}

t.test('drug and route make the service', async (t) => {
  const found = (...drug: Parameters<typeof given>) => {
    const finding = ruleOfDrug(given(...drug), rules)
    return finding.kind === 'rule' ? finding.rule.code?.code : finding.kind
  }
  t.equal(found('6813'), 'G2067', 'methadone, however it is given')
  t.equal(found('6813', '26643006'), 'G2067')
  t.equal(found('1819', '37839007'), 'G2068', 'under the tongue')
  t.equal(found('1819', '34206005'), 'G2069', 'under the skin')
  t.equal(found('1819'), 'route', 'either week might be meant')
  t.equal(found('7243', '26643006'), 'route', 'swallowed naltrexone makes no week')
  t.equal(found('7243', '78421000'), 'G2073')
  t.equal(found('1191'), 'none', 'aspirin')
  t.equal(found('6813', undefined, 6), 'G2078', 'taken home')
  t.equal(found('1819', undefined, 6), 'G2079')
  t.equal(found('7243', undefined, 6), 'none')
  const take = ruleOfDrug(given('6813', undefined, 8), rules)
  t.equal(take.kind === 'rule' && unitsOfSupply(given('6813', undefined, 8), take.drug), 2)
  t.equal(take.kind === 'rule' && unitsOfSupply(given('6813', undefined, 7), take.drug), 1)
})

t.test('of two drugs in a week that of most days counts, then the later', async (t) => {
  const [methadone, buprenorphine] = rules as [(typeof rules)[0], (typeof rules)[0]]
  const on = (date: string, rule: (typeof rules)[0]) => ({ date, rule })
  t.equal(ruleOfWeek([]), undefined)
  t.strictSame(ruleOfWeek([on('2026-03-02', methadone)]), { rule: methadone, isMixed: false })
  const mixed = [
    on('2026-03-02', methadone),
    on('2026-03-02', methadone),
    on('2026-03-03', buprenorphine),
    on('2026-03-04', buprenorphine),
  ]
  t.strictSame(ruleOfWeek(mixed), { rule: buprenorphine, isMixed: true }, 'days, not doses')
  t.equal(ruleOfWeek(mixed.slice(0, 3))?.rule, buprenorphine, 'the later')
  t.equal(ruleOfWeek(mixed.slice(0, 3).toReversed())?.rule, buprenorphine)
})
