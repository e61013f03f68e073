// Exclusions, add-ons and units of random claims, held to a second and naive reading of the rules as their sources tell
// them: a table of codes written down here, and days counted one by one.
import fc from 'fast-check'
import t from 'tap'
import { runs } from '../../runs.ts'
import { beside, billedCase, findingsOf, type LineMade } from './billed.ts'

interface Told {
  /** Units in one day. */
  readonly day?: number
  /** Not on the same day. */
  readonly not?: string
  /** Only with one of these on the same day. */
  readonly with?: string
  /** At most so many in so many days. */
  readonly most?: readonly [units: number, days: number]
  /** One in the calendar month, and not in one month with these. */
  readonly month?: string
}

const PSYCHOTHERAPY = '90832 90834 90837'
const ADD_ONS = '90833 90836 90838'
const CRISIS = '90839 90840'
const OFFICE = '99202 99203 99204 99205 99211 99212 99213 99214 99215'

const TABLE: Readonly<Record<string, Told>> = {
  '90791': { day: 1, not: `${OFFICE} ${CRISIS} ${PSYCHOTHERAPY}` },
  '90832': { day: 1, not: `${CRISIS} ${ADD_ONS}` },
  '90834': { day: 1, not: CRISIS },
  '90837': { day: 1, not: CRISIS },
  '90836': { day: 1, not: `${PSYCHOTHERAPY} ${CRISIS}`, with: OFFICE },
  '90839': { day: 1, not: `90791 90792 90785 ${PSYCHOTHERAPY} ${ADD_ONS}` },
  '90840': { not: `90791 90792 90785 ${PSYCHOTHERAPY} ${ADD_ONS}`, with: '90839' },
  '90847': { day: 1, not: '90785' },
  '90853': { day: 1 },
  '90785': {
    day: 1,
    not: `${CRISIS} 90846 90847`,
    with: `90791 90792 ${PSYCHOTHERAPY} ${ADD_ONS} 90853`,
  },
  '96127': { day: 3 },
  '99213': { day: 1, not: '90791 90792' },
  G0442: { day: 1, most: [1, 365] },
  '99484': { month: '99492 99493 99494' },
  '99492': { month: '99484 99493 G2214' },
}
const CODES = Object.keys(TABLE)
const DAYS = ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']

interface Line {
  readonly code: string
  readonly day: string
  readonly units: number
}

const has = (codes: string | undefined, code: string): boolean => codes?.split(' ').includes(code) === true
const month = (day: string): string => day.slice(0, 7)

/** `edit code`, each that is told of the first claim. */
function told(own: readonly Line[], others: readonly Line[]): ReadonlySet<string> {
  const all = [...own, ...others]
  const faults = new Set<string>()
  for (const line of own) {
    const rule = TABLE[line.code] as Told
    const sameDay = all.filter((other) => other !== line && other.day === line.day)
    if (rule.with !== undefined && !sameDay.some(({ code }) => has(rule.with, code)))
      faults.add(`add-on-without-primary ${line.code}`)
    for (const other of all) {
      if (other === line) continue
      const otherRule = TABLE[other.code] as Told
      const inDay = other.day === line.day && (has(rule.not, other.code) || has(otherRule.not, line.code))
      const inMonth =
        month(other.day) === month(line.day) &&
        (has(rule.month, other.code) || has(otherRule.month, line.code))
      if (inDay || inMonth) faults.add(`excluded-pair ${[line.code, other.code].toSorted().join(' ')}`)
    }
    const sum = (within: (day: string) => boolean): number =>
      all.reduce(
        (units, other) => units + (other.code === line.code && within(other.day) ? other.units : 0),
        0,
      )
    if (rule.day !== undefined && sum((day) => day === line.day) > rule.day)
      faults.add(`units-over-day-limit ${line.code}`)
    if (rule.month !== undefined && sum((day) => month(day) === month(line.day)) > 1)
      faults.add(`units-over-period-limit ${line.code}`)
    // All days here are within any such window.
    if (rule.most !== undefined && sum(() => true) > rule.most[0])
      faults.add(`units-over-period-limit ${line.code}`)
  }
  return faults
}

const line = fc.record({
  code: fc.constantFrom(...CODES),
  day: fc.constantFrom(...DAYS),
  units: fc.constantFrom(1, 1, 1, 2, 4),
})
/** Lines of one code and day are told apart by modifiers, so that none is a duplicate of another. */
const claims = fc
  .array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })
  .map((all) =>
    all.map((lines, claim) =>
      lines.map((one, at): LineMade => ({ ...one, modifiers: [`U${claim + 1}`, `${at + 1}X`] })),
    ),
  )

const JUDGED = /^(add-on|excluded|units)/

t.test('a claim is told of what the table says, and of nothing else', async (t) => {
  let broken = 0
  await fc.assert(
    fc.asyncProperty(claims, async ([own = [], ...others]) => {
      const made = billedCase({ day: '2026-02-27', lines: own })
      made.others.push(
        ...others.flatMap((lines, at) => beside({ id: `c${at + 8}`, day: '2026-02-27', lines })),
      )
      const findings = (await findingsOf(made)).filter(({ edit }) => JUDGED.test(edit))
      const found = new Set(
        findings.map(({ edit, expression = '', diagnostics }) => {
          const code = String(own[Number(/\d+/.exec(expression)?.[0])]?.code)
          if (edit !== 'excluded-pair') return `${edit} ${code}`
          const other = /in one \w+ with (\S+)/.exec(diagnostics)?.[1] as string
          return `${edit} ${[code, other].toSorted().join(' ')}`
        }),
      )
      const wanted = told(own as Line[], others.flat() as Line[])
      if (wanted.size > 0) broken += 1
      t.strictSame([...found].toSorted(), [...wanted].toSorted(), JSON.stringify([own, others]))
    }),
    runs(120, 1500),
  )
  t.ok(broken > 30, 'many break something')
})
