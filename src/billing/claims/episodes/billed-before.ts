// What of a program other claims bill already, and what of it no claim bills yet.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import {
  type Coding,
  type EarlierLine,
  keyOf,
  type RulesInForce,
  type ServiceRule,
  unitOf,
} from '../../rules/index.ts'
import { SYSTEMS } from '../../systems.ts'
import { codingsOf } from '../people.ts'
import { keyOfResource, localKeyOf } from '../references.ts'
import { BILLED_MINUTES } from '../urls.ts'
import { dayOf, daysBetween, monthOf } from './calendar-days.ts'
import { programProblem } from './program-problems.ts'
import type { BilledDay, Segment } from './segments.ts'

/** One line of a claim that stands. */
export interface StandingLine extends EarlierLine {
  /** `Claim/[id]`. */
  readonly claim: string
  readonly encounters: readonly string[]
}

/** @param claims that stand @returns also lines that have a revenue code alone, by that */
export function standingLines(claims: readonly Resource[], baseUrl: string): readonly StandingLine[] {
  return claims.flatMap((claim) =>
    objectsAt(claim, 'item').flatMap((item) => lineOf(item, keyOfResource(claim), baseUrl) ?? []),
  )
}

function lineOf(item: JsonObject, claim: string, baseUrl: string): StandingLine | undefined {
  const date = dayOf(textAt(item, 'servicedDate') ?? textAt(objectAt(item, 'servicedPeriod'), 'start'))
  const [service] = codingsOf(objectAt(item, 'productOrService'))
  const [revenue] = codingsOf(objectAt(item, 'revenue'))
  const code = service?.system === SYSTEMS.dataAbsent ? revenue : service
  if (date === undefined || code === undefined) return undefined
  const units = objectAt(item, 'quantity')?.['value']
  const minutes = objectsAt(item, 'extension').find(({ url }) => url === BILLED_MINUTES)?.['valuePositiveInt']
  return {
    claim,
    code,
    date,
    units: typeof units === 'number' ? units : 1,
    ...(typeof minutes === 'number' ? { minutes } : {}),
    encounters: objectsAt(item, 'encounter').flatMap((one) => localKeyOf(one, baseUrl) ?? []),
  }
}

/** Lines that bill the same day, week or month of the program as this: of a code as one of these, or of one of its visits. */
export function conflictsOf(
  day: BilledDay,
  codes: readonly Coding[],
  lines: readonly StandingLine[],
  rules: RulesInForce,
): readonly StandingLine[] {
  const keys = new Set(codes.map(keyOf))
  return lines.filter((line) => {
    const rule = rules.ofCode(line.code)
    if (!isNear(day, line.date)) return false
    return (
      keys.has(keyOf(line.code)) ||
      (rule !== undefined &&
        isOfKind(rule, day, rules) &&
        (day.kind === 'week' || line.encounters.some((one) => day.encounters.includes(one))))
    )
  })
}

const WEEK = 7

function isNear({ kind, date }: BilledDay, other: string): boolean {
  if (kind === 'week') return Math.abs(daysBetween(date, other)) < WEEK
  return kind === 'month' ? monthOf(date) === monthOf(other) : date === other
}

const BASES: Readonly<Record<BilledDay['kind'], readonly string[]>> = {
  day: ['day'],
  leave: ['day'],
  week: ['week'],
  month: ['month', 'month-minimum'],
}

function isOfKind(rule: ServiceRule, { kind }: BilledDay, rules: RulesInForce): boolean {
  return BASES[kind].includes(unitOf(rule, rules.general).basis)
}

export function refuseConflicts(conflicts: readonly StandingLine[]): readonly Issue[] {
  if (conflicts.length === 0) return []
  const claims = [...new Set(conflicts.map(({ claim }) => claim))]
  const dates = [...new Set(conflicts.map(({ date }) => date))].toSorted()
  return [
    programProblem(
      'days-billed-before',
      'Claim.item.serviced',
      `${claims.join(', ')} bills days of it to the same payer already: ${dates.join(', ')}.`,
    ),
  ]
}

/** Institutional claims, that stand or are about to be made, of the same stay or program. */
export interface BilledSpan {
  readonly first: string
  readonly last: string
}

/**
 * Whether nothing of what a segment is part of has been billed; and a refusal where days before it are billable that
 * no claim bills: payers take the claims of a stay in their order.
 * @param billable days of the same stay or program that could be billed, from `segment.begin` on
 */
export function positionOf(
  segment: Segment,
  spans: readonly BilledSpan[],
  billable: readonly string[],
): { readonly isFirst: boolean; readonly refusals: readonly Issue[] } {
  const before = spans.filter(({ first }) => first < segment.first)
  const missing = billable.filter(
    (day) => day < segment.first && !before.some(({ first, last }) => day >= first && day <= last),
  )
  return {
    isFirst: before.length === 0,
    refusals:
      missing.length === 0
        ? []
        : [
            programProblem(
              'days-before-not-billed',
              'start',
              `It began on ${segment.begin}, and no claim bills its days before ${segment.first}, the first of them ${missing[0]}; payers take claims of a stay in their order.`,
            ),
          ],
  }
}
