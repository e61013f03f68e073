// Random stays, attendances and weeks, asked for in random windows, against a second count that knows no rules.
import t from 'tap'
import { type EpisodeClaims, generateForEpisode, savePlan } from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { type BillingWorld, billingWorld } from '../practice.ts'
import {
  attended,
  dailyNotes,
  daysFrom,
  dose,
  episode,
  informationOf,
  linesOf,
  programParts,
  stay,
} from './programs.ts'
import { seeded } from './random.ts'

const DAY = 86_400_000
const FIRST = Date.parse('2026-01-05')
const NOW = Date.parse('2026-06-01')
const dayAt = (at: number) => new Date(at).toISOString().slice(0, 10)

type Next = () => number
const whole = (next: Next, least: number, most: number) => least + Math.floor(next() * (most - least + 1))

async function world(): Promise<BillingWorld> {
  const made = await billingWorld()
  await made.put(...programParts)
  return made
}

/** Asks, and stores what is answered. */
async function bill(made: BillingWorld, start: string, end: string): Promise<EpisodeClaims> {
  const found = await generateForEpisode(made.view(), made.parts, { episodeId: 'ep1', start, end, now: NOW })
  for (const { plan, name } of found.claims)
    if (plan !== undefined) await savePlan(made.repository, plan, name, NOW)
  return found
}

function soundOf(claim: Resource): void {
  // oxlint-disable-next-line no-explicit-any -- any claim
  const { item, total, diagnosis, careTeam, billablePeriod } = claim as any
  const cents = (money: { value: number }) => Math.round(money.value * 10_000)
  t.equal(
    // oxlint-disable-next-line no-explicit-any -- any line
    item.reduce((sum: number, one: any) => sum + cents(one.net), 0),
    cents(total),
    'the total is the sum',
  )
  for (const one of item) {
    t.ok(one.diagnosisSequence.length >= 1 && one.diagnosisSequence.length <= 4)
    t.ok(one.diagnosisSequence.every((at: number) => at <= diagnosis.length))
    t.ok(one.careTeamSequence.every((at: number) => at <= careTeam.length))
    t.ok(one.servicedDate >= billablePeriod.start && one.servicedDate <= billablePeriod.end)
  }
}

const claimsOf = ({ claims }: EpisodeClaims): readonly Resource[] => claims.map(({ claim }) => claim)

t.test('stays, billed window after window', async (t) => {
  const next = seeded(31)
  for (let round = 0; round < 14; round++) {
    const made = await world()
    const admitted = FIRST + whole(next, 0, 20) * DAY
    const nights = whole(next, 0, 70)
    const left = admitted + nights * DAY
    const leaves: (readonly [number, number])[] = []
    for (let at = admitted + whole(next, 1, 20) * DAY; at < left; at += whole(next, 5, 25) * DAY) {
      const back = Math.min(left, at + whole(next, 0, 3) * DAY)
      leaves.push([at, back])
      at = back
    }
    await made.put(
      episode({
        level: 'residential-substance-use',
        service: 'residential-short-term-day',
        start: dayAt(admitted),
        end: dayAt(left),
      }),
      stay('ep1', {
        start: `${dayAt(admitted)}T15:00:00-06:00`,
        end: `${dayAt(left)}T21:30:00-06:00`,
        more: {
          statusHistory: leaves.map(([away, back]) => ({
            status: 'onleave',
            period: { start: `${dayAt(away)}T16:00:00-06:00`, end: `${dayAt(back)}T20:00:00-06:00` },
          })),
        },
      }),
      ...dailyNotes('stay1', daysFrom(dayAt(admitted), dayAt(left))),
    )
    // By hand: the nights one by one.
    const naive: string[] = []
    for (let night = admitted; night < left; night += DAY) {
      const away = leaves.some(([from, to]) => night >= from && night < to)
      naive.push(`${dayAt(night).slice(5)} ${away ? '0183 not-applicable' : '1002 H0018'} x1`)
    }
    const lines: string[] = []
    const bills: string[] = []
    let start = admitted - whole(next, 0, 5) * DAY
    while (start <= left) {
      const end = start + whole(next, 0, 40) * DAY
      const found = await bill(made, dayAt(start), dayAt(end))
      for (const claim of claimsOf(found)) {
        soundOf(claim)
        lines.push(...linesOf(claim))
        bills.push(`${informationOf(claim)['typeofbill']} ${informationOf(claim)['discharge-status']}`)
      }
      if (found.claims.length === 0)
        t.same(
          found.refusals.map(({ details }) => details?.code),
          ['period-without-days'],
          `round ${round}`,
        )
      start = end + DAY
    }
    t.same(lines, naive, `round ${round}: each night once`)
    const [first, ...more] = bills
    const last = more.pop()
    if (first !== undefined && last === undefined) t.ok(['0861 01', '0862 30'].includes(first), first)
    if (last !== undefined) {
      t.equal(first, '0862 30')
      for (const bill of more) t.equal(bill, '0863 30')
      t.ok(['0864 01', '0863 30'].includes(last), last)
    }
    const again = await generateForEpisode(made.view(), made.parts, {
      episodeId: 'ep1',
      start: dayAt(admitted),
      end: dayAt(left),
      now: NOW,
    })
    const isWhole = bills.length === 1 && again.claims.length === 1
    t.ok(isWhole || again.refusals.length > 0, 'no night twice')
  }
})

t.test('attendances, in windows that overlap', async (t) => {
  const next = seeded(41)
  for (let round = 0; round < 6; round++) {
    const made = await world()
    const visits: Resource[] = []
    const days = new Set<string>()
    for (let day = 0; day < 60; day++)
      for (let count = whole(next, 0, 3) - 1; count > 0; count--) {
        const date = dayAt(FIRST + day * DAY)
        const isDone = next() < 0.9
        if (isDone) days.add(date)
        visits.push(
          ...attended('ep1', `v-${day}-${count}`, date, {
            minutes: whole(next, 20, 200),
            more: { status: isDone ? 'finished' : 'cancelled' },
          }),
        )
      }
    await made.put(
      episode({
        level: 'intensive-outpatient-psychiatric',
        start: dayAt(FIRST),
        end: dayAt(FIRST + 59 * DAY),
      }),
    )
    await made.put(...visits)
    const lines: string[] = []
    const tried: (readonly [string, string])[] = []
    let start = FIRST
    while (start < FIRST + 60 * DAY) {
      const end = start + whole(next, 0, 30) * DAY
      tried.push([dayAt(start), dayAt(end)])
      const found = await bill(made, dayAt(start), dayAt(end))
      for (const claim of claimsOf(found)) {
        soundOf(claim)
        lines.push(...linesOf(claim))
      }
      // Somebody asks for days that were billed.
      const overlapping = await bill(made, dayAt(start - whole(next, 0, 3) * DAY), dayAt(end))
      for (const { plan } of overlapping.claims)
        t.equal(plan, undefined, 'nothing is made of days that are billed')
      start = end + DAY
    }
    t.same(
      lines,
      [...days].toSorted().map((day) => `${day.slice(5)} 0905 S9480 x1`),
      `round ${round}`,
    )
    for (const [one, other] of tried)
      for (const { plan } of (await bill(made, one, other)).claims) t.equal(plan, undefined)
  }
})

t.test('weeks, in any windows', async (t) => {
  const next = seeded(51)
  for (let round = 0; round < 11; round++) {
    const made = await world()
    const begin = FIRST + whole(next, 0, 30) * DAY
    const end = begin + whole(next, 0, 80) * DAY
    const doses = daysFrom(dayAt(begin), dayAt(end)).filter(() => next() < 0.2)
    await made.put(
      episode({ level: 'opioid-treatment-program', start: dayAt(begin), end: dayAt(end) }),
      ...attended('ep1', 'intake', dayAt(begin), { location: 'opioid' }),
      ...doses.map((day) => dose(`d-${day}`, day)),
    )
    // By hand: the days are gone through, and counted to seven.
    const weeks = new Map<string, string>()
    let week = ''
    for (let at = begin, count = 0; at <= end; at += DAY, count++) {
      if (count % 7 === 0) week = dayAt(at)
      if (count === 0) weeks.set(week, 'G2074')
      if (doses.includes(dayAt(at))) weeks.set(week, 'G2067')
    }
    const lines: string[] = []
    const months: (readonly string[])[] = []
    for (let tries = 0; tries < 8; tries++) {
      const start = begin + whole(next, -10, 80) * DAY
      const found = await bill(made, dayAt(start), dayAt(start + whole(next, 0, 50) * DAY))
      for (const { plan, claim } of found.claims)
        if (plan !== undefined) {
          soundOf(claim)
          lines.push(...linesOf(claim))
          months.push([...new Set(linesOf(claim).map((line) => line.slice(0, 2)))])
        }
    }
    const rest = await bill(made, dayAt(begin), dayAt(end))
    for (const { plan, claim } of rest.claims) if (plan !== undefined) lines.push(...linesOf(claim))
    t.same(
      lines.toSorted(),
      [...weeks].map(([start, code]) => `${start.slice(5)} ${code} x1`).toSorted(),
      `round ${round}: each week once`,
    )
    for (const one of months) t.equal(one.length, 1, 'no claim has two months')
  }
})
