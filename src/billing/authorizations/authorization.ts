// What a payer has authorized, and how much of it is used.
import type { Coding } from '../rules/index.ts'

export interface Authorization {
  /** By which claims name it. Absent while the payer has not decided. */
  readonly number?: string
  /** False while the payer has not decided: nothing may be given under it yet. */
  readonly decided: boolean
  /** `ClaimResponse/[id]` that says so. */
  readonly reference: string
  /** `Claim/[id]` by which it was asked for. */
  readonly request?: string
  /** `Organization/[id]`. */
  readonly payer?: string
  /** Both included. */
  readonly period: AuthorizedPeriod
  /** Empty: for any service, without a limit. */
  readonly services: readonly AuthorizedService[]
}

/** Dates as they are written, of which the first ten characters count: `YYYY-MM-DD`, or less. */
export interface AuthorizedPeriod {
  readonly start?: string
  readonly end?: string
}

/** Units have three decimals at most. */
export interface AuthorizedService {
  /** Codes of services, or revenue codes. Empty: for any service. */
  readonly codings: readonly Coding[]
  /** Absent where the payer tells no units: there is no limit. */
  readonly approved?: number
  /** Of claims that stand, drafts as well. More than `approved` where more was billed. */
  readonly used: number
  /** Never less than 0. Absent as `approved` is. */
  readonly left?: number
}

/** Units that are not counted yet. */
export type ApprovedService = Omit<AuthorizedService, 'used' | 'left'>
export interface Approval extends Omit<Authorization, 'services'> {
  readonly services: readonly ApprovedService[]
}

/** What part of its units is used: 0.8 of ten are eight. Undefined without a limit, and of a limit of 0. */
export function shareUsed({ approved, used }: AuthorizedService): number | undefined {
  return approved === undefined || approved === 0 ? undefined : used / approved
}

export function isOnDay({ start, end }: AuthorizedPeriod, day: string): boolean {
  return (
    (start === undefined || day.slice(0, start.length) >= start) &&
    (end === undefined || day.slice(0, end.length) <= end)
  )
}

/** Whether there may be a day that both have. */
export function overlap(one: AuthorizedPeriod, other: AuthorizedPeriod): boolean {
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start)
}

function isBefore(end: string | undefined, start: string | undefined): boolean {
  if (end === undefined || start === undefined) return false
  const length = Math.min(end.length, start.length)
  return end.slice(0, length) < start.slice(0, length)
}
