// Units within what a code may have in a day, and in so many days.
import { keyOf, PERIODS, unitOf, type ServiceRule, type ServiceUnit } from '../rules/index.ts'
import { sumOfUnits, type BilledLine } from './billed-line.ts'
import { daysFrom, isNear, lengthOf } from './calendar.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import { withoutRepeats } from './duplicates.ts'
import type { Fault } from './finding.ts'
import { ruleOf } from './rule-of.ts'

type DatedLine = BilledLine & Required<Pick<BilledLine, 'days' | 'code'>>

/** What is billed twice is told as that, and not again as too many units. */
export const UNITS: Edit = (context) => {
  const byCode = new Map<string, DatedLine[]>()
  for (const line of withoutRepeats([...context.lines, ...context.others])) {
    if (!isDated(line)) continue
    const key = keyOf(line.code)
    const those = byCode.get(key)
    if (those === undefined) byCode.set(key, [line])
    else those.push(line)
  }
  return [...byCode.values()].flatMap((lines) => faultsOfCode(context, lines.toSorted(byDay)))
}

/** @param lines of one code, the first day first, and of a day those of other claims first */
function faultsOfCode(context: ClaimUnderCheck, lines: readonly DatedLine[]): readonly Fault[] {
  const told = new Map<string, Fault>()
  for (const line of lines) {
    const rule = line.claim === undefined ? ruleOf(context, line) : undefined
    if (rule === undefined) continue
    const unit = unitOf(rule, context.rulesOn(line.days.first).general)
    for (const fault of [
      ...dayFaults(unit, line, lines),
      ...periodFaults(unit, line, lines),
      ...windowFaults(rule, line, lines),
    ]) {
      const key = `${fault.edit} ${fault.line.at}`
      if (!told.has(key)) told.set(key, tell(fault))
    }
  }
  return [...told.values()]
}

interface Excess {
  readonly edit: 'units-over-day-limit' | 'units-over-period-limit'
  readonly line: BilledLine
  readonly limit: number
  readonly per: string
  readonly units: number
  readonly among: readonly BilledLine[]
}

/** Of one date all lines together; of a line of several days, what all of its days may have. */
function dayFaults(
  { maxUnitsPerDay, basis }: ServiceUnit,
  line: DatedLine,
  lines: readonly DatedLine[],
): readonly Excess[] {
  const most = Math.min(maxUnitsPerDay ?? Infinity, basis === 'day' ? 1 : Infinity)
  if (most === Infinity) return []
  const length = lengthOf(line.days)
  const among = length > 1 ? [line] : lines.filter(({ days }) => isSame(days, line.days))
  const per = length > 1 ? `${length} days` : 'day'
  return over('units-over-day-limit', among, most * length, per)
}

/** Where one unit is a period, the period has no second: neither beside the line nor in it. */
function periodFaults(
  { basis }: ServiceUnit,
  line: DatedLine,
  lines: readonly DatedLine[],
): readonly Excess[] {
  const period = PERIODS[basis]
  if (period === undefined || period === 'day') return []
  const beside = lines.filter((other) => other !== line && isNear(period, line.days, other.days))
  return beside.length > 0
    ? beside.flatMap((other) => over('units-over-period-limit', [line, other].toSorted(byDay), 1, period))
    : over('units-over-period-limit', [line], periodsIn(line, period), period)
}

function periodsIn({ days }: DatedLine, period: 'week' | 'month'): number {
  if (period === 'week') return Math.ceil(lengthOf(days) / 7)
  const [first, last] = [days.first, days.last].map(
    (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)),
  )
  return (last as number) - (first as number) + 1
}

/** Each so many days that begin with some line and have this one in them. */
function windowFaults(
  { limits }: ServiceRule,
  line: DatedLine,
  lines: readonly DatedLine[],
): readonly Excess[] {
  return limits.flatMap(({ units, days }) => {
    const isWithin = (from: DatedLine, other: DatedLine): boolean => {
      const after = daysFrom(from.days.first, other.days.first)
      return after >= 0 && after < days
    }
    const starts = lines.filter((from) => isWithin(from, line))
    return starts.flatMap((from) =>
      over(
        'units-over-period-limit',
        lines.filter((other) => isWithin(from, other)),
        units,
        `${days} days`,
      ),
    )
  })
}

/** Told of the last line of the claim among them. */
function over(
  edit: Excess['edit'],
  among: readonly BilledLine[],
  limit: number,
  per: string,
): readonly Excess[] {
  const units = sumOfUnits(among)
  const line = among.findLast(({ claim }) => claim === undefined)
  return units > limit && line !== undefined ? [{ edit, line, limit, per, units, among }] : []
}

function tell({ edit, line, limit, per, units, among }: Excess): Fault {
  const about = [...new Set(among.flatMap(({ claim }) => claim ?? []))]
  const elsewhere = about.length === 0 ? '' : `, with those of ${about.join(', ')}`
  const most = limit === 1 ? '1 unit' : `${limit} units`
  return {
    edit,
    at: `${line.at}.quantity`,
    what: `${line.name} may have ${most} in one ${per}, and has ${units}${elsewhere}`,
    ...(about.length === 0 ? {} : { about }),
  }
}

function isDated(line: BilledLine): line is DatedLine {
  return line.days !== undefined && line.code !== undefined
}

function isSame(one: DatedLine['days'], other: DatedLine['days']): boolean {
  return one.first === other.first && one.last === other.last
}

function byDay(one: DatedLine, other: DatedLine): number {
  if (one.days.first !== other.days.first) return one.days.first < other.days.first ? -1 : 1
  return Number(one.claim === undefined) - Number(other.claim === undefined)
}
