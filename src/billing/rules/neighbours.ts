// What else is billed near a line: whether an add-on has its primary, what excludes it, and how many units are left.
import { isIn, keyOf } from './codes.ts'
import type { Refusal } from './judge-rule.ts'
import { codesOf } from './judge-rule.ts'
import type { RulesInForce } from './rule-book.ts'
import type { Coding, EarlierLine } from './service-facts.ts'
import type { CodeSet, Exclusion, Primary, Scope, ServiceRule, ServiceUnit } from './service-rule.ts'

const DAY = 86_400_000
const WEEK = 7

/** Where one unit is a period, the period has no second. */
export const PERIODS: Readonly<Partial<Record<ServiceUnit['basis'], Scope>>> = {
  day: 'day',
  week: 'week',
  month: 'month',
  'month-minimum': 'month',
}

/** The first of what the add-on needs that is there. */
export function primaryOf(
  rule: ServiceRule,
  date: string,
  billed: readonly EarlierLine[],
): Primary | undefined {
  return rule.primaries.find((primary) => billed.some((line) => isNear(primary, line, date)))
}

export function withoutPrimary({ primaries }: ServiceRule): Refusal {
  const denial = primaries.find((it) => it.denial !== undefined)?.denial
  return {
    problem: 'without-primary',
    why: `it is an add-on, and needs one of ${primaries.map(shown).join(', ')} beside it`,
    ...(denial === undefined ? {} : { denial }),
  }
}

/** What excludes this line, or is excluded by it, whichever of the two rules says so. */
export function exclusionsOf(
  rule: ServiceRule & { readonly code: Coding },
  date: string,
  billed: readonly EarlierLine[],
  rules: RulesInForce,
): readonly { readonly severity: Exclusion['severity']; readonly refusal: Refusal }[] {
  return billed.flatMap((line) => {
    // Two rules often say it of each other; it is told once.
    const own = rule.exclusions.filter((it) => isNear(it, line, date))
    const others = (rules.ofCode(line.code)?.exclusions ?? []).filter((it) =>
      isNear(it, { ...line, code: rule.code }, date),
    )
    const told = [...own, ...others].toSorted((one, other) => weight(other) - weight(one)).slice(0, 1)
    return told.map(({ severity, scope, denial }) => ({
      severity,
      refusal: {
        problem: 'excluded' as const,
        why: `it is not billed in one ${scope} with ${line.code.code}`,
        ...(denial === undefined ? {} : { denial }),
      },
    }))
  })
}

/** Units that are left of a code, by what its unit and its limits allow; Infinity when nothing bounds it. */
export function unitsLeft(
  { code, limits }: ServiceRule & { readonly code: Coding },
  { basis, maxUnitsPerDay }: ServiceUnit,
  date: string,
  billed: readonly EarlierLine[],
): number {
  const key = keyOf(code)
  const own = billed.filter((line) => keyOf(line.code) === key)
  const within = (days: number): number =>
    own.filter((line) => daysBetween(line.date, date) < days).reduce((sum, { units }) => sum + units, 0)
  const left = limits.map(({ units, days }) => units - within(days))
  if (maxUnitsPerDay !== undefined) left.push(maxUnitsPerDay - within(1))
  const period = PERIODS[basis]
  if (period !== undefined && own.some((line) => isInScope(period, line.date, date))) left.push(0)
  return Math.max(0, Math.min(...left))
}

/** Minutes and units of a code that the day has already. */
export function onDay(
  code: Coding,
  date: string,
  billed: readonly EarlierLine[],
): { readonly minutes: number; readonly units: number } {
  const key = keyOf(code)
  const own = billed.filter((line) => line.date === date && keyOf(line.code) === key)
  return {
    minutes: own.reduce((sum, { minutes = 0 }) => sum + minutes, 0),
    units: own.reduce((sum, { units }) => sum + units, 0),
  }
}

function weight({ severity }: Exclusion): number {
  return severity === 'error' ? 1 : 0
}

function isNear(codes: CodeSet & { readonly scope: Scope }, line: EarlierLine, date: string): boolean {
  return isIn(codes, line.code) && isInScope(codes.scope, line.date, date)
}

function isInScope(scope: Scope, one: string, other: string): boolean {
  if (scope === 'month') return one.slice(0, 7) === other.slice(0, 7)
  return scope === 'week' ? daysBetween(one, other) < WEEK : one === other
}

function daysBetween(one: string, other: string): number {
  return Math.abs(Date.parse(one) - Date.parse(other)) / DAY
}

function shown({ codes, range }: CodeSet): string {
  const singles = codesOf(codes)
  if (range === undefined) return singles
  const span = `${range.first.code} to ${range.last.code}`
  return singles === '' ? span : `${singles}, ${span}`
}
