// When an instrument is due again: by the calendar, where a month's end stays in its month.
import t from 'tap'
import type { Frequency } from '../../../src/behavioral/index.ts'
import { dueAfter } from '../../../src/behavioral/outcomes/due.ts'

const CASES: readonly (readonly [string, number, Frequency['unit'], string | undefined])[] = [
  ['2024-01-31', 1, 'mo', '2024-02-29'],
  ['2023-01-31', 1, 'mo', '2023-02-28'],
  ['2024-02-29', 1, 'a', '2025-02-28'],
  ['2024-11-30', 3, 'mo', '2025-02-28'],
  ['2024-01-08', 4, 'wk', '2024-02-05'],
  ['2024-12-25', 14, 'd', '2025-01-08'],
  ['2024-06-30T23:30:00-05:00', 1, 'd', '2024-07-01'],
  ['2024-06-30T00:30:00+13:00', 1, 'wk', '2024-07-07'],
  ['2024-05', 1, 'mo', '2024-06-01'],
  ['2024', 1, 'a', '2025-01-01'],
  ['9999-12-31', 1e12, 'd', undefined],
  ['none', 1, 'd', undefined],
]

for (const [date, every, unit, due] of CASES)
  t.equal(dueAfter(date, { every, unit, basis: 'published' }), due, `${every} ${unit} after ${date}`)
