// Days of stays against a second count that goes through the midnights one by one, as instants.
import t from 'tap'
import { censusOf, staysOf } from '../../../src/billing/claims/episodes/census.ts'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { ACT_CODE, resource } from '../practice.ts'
import { seeded } from './random.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ZONE = -6 * 60 * MINUTE
const FIRST = Date.parse('2026-02-20T00:00:00-06:00')

const local = (at: number) => `${new Date(at + ZONE).toISOString().slice(0, 19)}-06:00`
const dateOf = (at: number) => local(at).slice(0, 10)

function encounter(id: string, status: string, more: JsonObject): ReturnType<typeof resource> {
  return resource({
    resourceType: 'Encounter',
    id,
    status,
    class: { system: ACT_CODE, code: 'IMP' },
    ...more,
  })
}

/** Where the patient was from an instant on. */
interface Move {
  readonly at: number
  readonly where: 'here' | 'leave' | 'gone'
}

t.test('random stays are counted as by a loop over midnights', async (t) => {
  const next = seeded(20261130)
  const minutes = (least: number, most: number) => (least + Math.floor(next() * (most - least))) * MINUTE
  let counted = 0
  for (let round = 0; round < 400; round++) {
    const moves: Move[] = []
    const encounters: ReturnType<typeof resource>[] = []
    let at = FIRST + minutes(1, 5 * 1440)
    const stays = 1 + Math.floor(next() * 3)
    for (let stay = 0; stay < stays; stay++) {
      const start = at
      moves.push({ at, where: 'here' })
      const history: JsonObject[] = []
      const wards = 1 + Math.floor(next() * 3)
      let from = start
      for (let ward = 0; ward < wards; ward++) {
        const away = next() < 0.5
        if (away) {
          const leaves = at + minutes(1, 4 * 1440)
          const returns = leaves + minutes(1, 4 * 1440)
          moves.push({ at: leaves, where: 'leave' }, { at: returns, where: 'here' })
          history.push({ status: 'onleave', period: { start: local(leaves), end: local(returns) } })
          at = returns
        }
        at += minutes(1, 6 * 1440)
        const isLast = stay === stays - 1 && ward === wards - 1
        const isOpen = isLast && next() < 0.4
        encounters.push(
          encounter(`e${stay}-${ward}`, isOpen ? 'in-progress' : 'finished', {
            period: { start: local(from), ...(isOpen ? {} : { end: local(at) }) },
            ...(history.length === 0 ? {} : { statusHistory: history.splice(0) }),
          }),
        )
        if (ward === wards - 1 && !isOpen) moves.push({ at, where: 'gone' })
        from = at
      }
      at += minutes(1, 6 * 1440)
    }
    const whereAt = (instant: number) => moves.findLast((move) => move.at < instant)?.where ?? 'gone'
    const first = FIRST + Math.floor(next() * 8) * DAY
    const last = first + Math.floor(next() * 40) * DAY
    const naive: string[] = []
    for (let midnight = first + DAY; midnight <= last + DAY; midnight += DAY) {
      const where = whereAt(midnight)
      const word = where === 'here' ? 'present' : 'leave'
      if (where !== 'gone') naive.push(`${dateOf(midnight - DAY)} ${word}`)
    }
    const { stays: found, refusals } = staysOf(shuffled(encounters, next))
    const days = found
      .flatMap((stay) => censusOf(stay, dateOf(first), dateOf(last)))
      .filter(({ kind }) => kind !== 'discharge')
      .map(({ date, kind }) => `${date} ${kind}`)
    t.strictSame(refusals, [])
    t.strictSame(days, naive, `round ${round}`)
    counted += naive.length
  }
  t.ok(counted > 3000)
})

function shuffled<One>(list: readonly One[], next: () => number): readonly One[] {
  return list
    .map((one) => [next(), one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one)
}

t.test('the day of discharge is told apart, and a day without a midnight has none', async (t) => {
  const [stay] = staysOf([
    encounter('a', 'finished', {
      period: { start: '2026-03-03T10:00:00-05:00', end: '2026-03-06T11:00:00-05:00' },
    }),
  ]).stays
  t.strictSame(stay && censusOf(stay, '2026-03-01', '2026-03-31').map(({ date, kind }) => [date, kind]), [
    ['2026-03-03', 'present'],
    ['2026-03-04', 'present'],
    ['2026-03-05', 'present'],
    ['2026-03-06', 'discharge'],
  ])
  const [short] = staysOf([
    encounter('a', 'finished', {
      period: { start: '2026-03-03T10:00:00-05:00', end: '2026-03-03T21:00:00-05:00' },
    }),
  ]).stays
  t.strictSame(short && censusOf(short, '2026-03-01', '2026-03-31').map(({ kind }) => kind), ['discharge'])
})

t.test('leave that goes on, beds that are kept, and what cannot be read', async (t) => {
  const away = encounter('a', 'onleave', {
    period: { start: '2026-03-01' },
    statusHistory: [{ status: 'in-progress', period: { start: '2026-03-01', end: '2026-03-03' } }],
  })
  const kinds = (one: ReturnType<typeof resource>) =>
    staysOf([one]).stays.flatMap((stay) => censusOf(stay, '2026-03-01', '2026-03-05').map(({ kind }) => kind))
  t.strictSame(kinds(away), ['present', 'present', 'leave', 'leave', 'leave'])
  const bed = (status: string, start?: string, end?: string): JsonObject => ({
    location: { reference: 'Location/bed' },
    status,
    ...(start === undefined ? {} : { period: { start, ...(end === undefined ? {} : { end }) } }),
  })
  const kept = [bed('completed', '2026-03-01', '2026-03-02'), bed('reserved', '2026-03-02', '2026-03-04')]
  const stayed = (location: JsonObject[]) =>
    encounter('a', 'in-progress', { period: { start: '2026-03-01' }, location })
  t.strictSame(kinds(stayed(kept)), ['present', 'leave', 'leave', 'present', 'present'])
  t.strictSame(
    kinds(stayed([...kept, bed('active', '2026-03-03')])),
    ['present', 'leave', 'present', 'present', 'present'],
    'a bed is kept while the patient is in another',
  )
  t.strictSame(kinds(stayed([...kept, bed('active')])).includes('leave'), false)

  const refused = (one: ReturnType<typeof resource>) =>
    staysOf([one]).refusals.map(({ details, expression }) => `${details?.code} ${expression}`)
  t.strictSame(refused(encounter('a', 'onleave', { period: { start: '2026-03-01' } })), [
    'leave-without-period Encounter.statusHistory.period',
  ])
  t.strictSame(
    refused(
      encounter('a', 'in-progress', {
        period: { start: '2026-03-01' },
        statusHistory: [{ status: 'onleave', period: { start: '2026-03-03' } }],
      }),
    ),
    ['leave-without-period Encounter.statusHistory.period'],
  )
  t.strictSame(refused(encounter('a', 'finished', { period: { start: '2026-03-01' } })), [
    'visit-without-period Encounter.period.end',
  ])
  t.strictSame(staysOf([encounter('a', 'cancelled', {})]), { stays: [], refusals: [] })
})
