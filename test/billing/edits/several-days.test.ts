// Lines of several days, weeks and windows of days.
import t from 'tap'
import { NOW } from '../practice.ts'
import { type Any, beside, billedCase, edits, findingsOf, stay, summed } from './billed.ts'

const DAYS = Array.from({ length: 17 }, (_, at) => `2026-02-${String(at + 10).padStart(2, '0')}`)

/** Seventeen days as one line. */
function longLine(units: number, noted = DAYS): Any {
  const made = stay({ day: '2026-02-10', lines: [{ code: 'H0018', revenue: '1002', unit: 'DA' }], noted })
  const [item] = made.claim.item
  delete item.servicedDate
  item.servicedPeriod = { start: DAYS[0], end: DAYS.at(-1) }
  item.quantity.value = units
  item.net = { value: Math.round(item.unitPrice.value * 100 * units) / 100, currency: 'USD' }
  made.claim.billablePeriod.end = DAYS.at(-1)
  made.visits[0].period.end = `${DAYS.at(-1)}T18:00:00-06:00`
  summed(made.claim)
  return made
}

t.test('a line has no more units than days', async (t) => {
  t.strictSame(await findingsOf(longLine(17)), [])
  t.match(await findingsOf(longLine(18)), [
    { edit: 'units-over-day-limit', diagnostics: /may have 17 units in one 17 days, and has 18/ },
  ])
})

t.test('days that it does not bill need no note, and leave room for another day', async (t) => {
  t.strictSame(await findingsOf(longLine(16, DAYS.slice(1))), [])
  t.match(await findingsOf(longLine(17, DAYS.slice(0, -2))), [
    { edit: 'daily-note-missing', diagnostics: /no final note of 2026-02-25, 2026-02-26\./ },
  ])
  for (const [units, told] of [
    [17, ['per-diem-overlap']],
    [16, []],
  ] as const) {
    const made = longLine(units)
    made.others.push(...beside({ id: 'c9', day: '2026-02-12', lines: [{ code: 'S9480' }] }))
    t.strictSame(edits(await findingsOf(made)), told, String(units))
  }
  const later = longLine(17)
  later.others.push(...beside({ id: 'c9', day: '2026-02-27', lines: [{ code: 'S9480' }] }))
  t.strictSame(await findingsOf(later), [])
})

t.test('a week has one bundle, whichever; the eighth day begins another', async (t) => {
  const week = () => billedCase({ lines: [{ code: 'G2067', place: '58' }] })
  for (const [code, day, told] of [
    ['G2067', '2026-02-24', ['units-over-period-limit']],
    ['G2067', '2026-02-23', []],
    ['G2067', '2026-03-08', ['units-over-period-limit']],
    ['G2068', '2026-02-24', ['excluded-pair']],
    ['G2068', '2026-02-23', []],
  ] as const) {
    const made = week()
    made.others.push(...beside({ id: 'c9', day, lines: [{ code, place: '58' }] }))
    t.strictSame(edits(await findingsOf(made, NOW + 7 * 86_400_000)), told, `${code} ${day}`)
  }
})

t.test('twelve months are counted from every day in them', async (t) => {
  for (const [day, told] of [
    ['2025-03-03', ['units-over-period-limit']],
    ['2025-03-02', []],
  ] as const) {
    const made = billedCase({ lines: [{ code: 'G0442' }] })
    made.others.push(...beside({ id: 'c9', day, lines: [{ code: 'G0442' }] }))
    t.strictSame(edits(await findingsOf(made)), told, day)
  }
})
