// Counts what claims use of each authorized service.
import { isSameCode, type Coding } from '../rules/index.ts'
import {
  isOnDay,
  type Approval,
  type ApprovedService,
  type Authorization,
  type AuthorizedPeriod,
} from './authorization.ts'
import { addUnits, unitsLeft } from './units.ts'
import type { UsingLine } from './using-lines.ts'

/**
 * A line uses an authorization that its claim names, of its payer, for its code and within its days; each line one: of
 * several the one that ends first and has the units, in the order of the days of service.
 */
export function countUnits(
  approvals: readonly Approval[],
  lines: readonly UsingLine[],
): readonly Authorization[] {
  const used = new Map<ApprovedService, number>()
  const add = (service: ApprovedService, units: number): void =>
    void used.set(service, addUnits(used.get(service) ?? 0, units))
  const inOrder = approvals.toSorted(byEnd)
  for (const line of lines.toSorted(byDay)) {
    const fitting = inOrder.flatMap((one) => (isOf(one, line) ? (serviceFor(one, line.codings) ?? []) : []))
    const hasRoom = (service: ApprovedService): boolean =>
      service.approved === undefined || unitsLeft(service.approved, used.get(service) ?? 0) >= line.units
    const chosen = fitting.find(hasRoom) ?? fitting[0]
    if (chosen !== undefined) add(chosen, line.units)
  }
  return approvals.map((one) => ({
    ...one,
    services: one.services.map((service) => {
      const taken = used.get(service) ?? 0
      const { approved } = service
      return {
        ...service,
        used: taken,
        ...(approved === undefined ? {} : { left: unitsLeft(approved, taken) }),
      }
    }),
  }))
}

/** The service of one of these codes; else what is authorized for any. */
export function serviceFor<Service extends ApprovedService>(
  { services }: { readonly services: readonly Service[] },
  codings: readonly Coding[],
): Service | undefined {
  const isNamed = (service: Service): boolean =>
    service.codings.some((one) => codings.some((other) => isSameCode(one, other)))
  return services.find(isNamed) ?? services.find((service) => service.codings.length === 0)
}

function isOf({ number, payer, period }: Approval, line: UsingLine): boolean {
  if (number === undefined || !line.numbers.includes(number)) return false
  if (payer !== undefined && line.payer !== undefined && payer !== line.payer) return false
  return [line.first, line.last].every((day) => day === undefined || isOnDay(period, day))
}

/** What ends first stands first; what has no end stands last. */
export function byEnd(
  { period: one, number = '' }: { readonly period: AuthorizedPeriod; readonly number?: string },
  {
    period: other,
    number: otherNumber = '',
  }: { readonly period: AuthorizedPeriod; readonly number?: string },
): number {
  const LAST = '9999-12-31'
  return (
    compare(one.end ?? LAST, other.end ?? LAST) ||
    compare(one.start ?? '', other.start ?? '') ||
    compare(number, otherNumber)
  )
}

function byDay(one: UsingLine, other: UsingLine): number {
  return (
    compare(one.first ?? '', other.first ?? '') ||
    compare(one.claim, other.claim) ||
    one.sequence - other.sequence
  )
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
