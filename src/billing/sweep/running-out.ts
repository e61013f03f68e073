// Which authorizations run out: they end soon, or most of their units are used, and no other takes their place.
import { parseDateRange } from '../../fhir/index.ts'
import { shareUsed, type Authorization, type AuthorizedService } from '../authorizations/index.ts'
import { serviceFor } from '../authorizations/count-units.ts'
import { addDays } from '../edits/calendar.ts'

/** An authorization is told of from so many days before its last on. */
export const DAYS_BEFORE_END = 14
/** Of the units of a service: from this part on they are told of. */
export const MOST_USED = 0.8

export interface RunningOut {
  readonly authorization: Authorization
  /** `YYYY-MM-DD`: its last day, where that is near. */
  readonly end?: string
  /** Those of which most is used. */
  readonly used: readonly AuthorizedService[]
}

/** For any service, where an authorization names none. */
const ANY: AuthorizedService = { codings: [], used: 0 }

/** @param today `YYYY-MM-DD`: an authorization whose last day is before has run out, and is not told of */
export function runningOut(list: readonly Authorization[], today: string): readonly RunningOut[] {
  const usable = list.filter((one) => one.decided && one.number !== undefined && !isOver(one, today))
  return usable.flatMap((one) => {
    const others = usable.filter((other) => other !== one && takesOver(other, one, today))
    const services = one.services.length === 0 ? [ANY] : one.services
    const open = services.filter(
      (service) => isShort(one, service, today) && !others.some((other) => hasRoom(other, service, today)),
    )
    if (open.length === 0) return []
    const used = open.filter(isMostlyUsed)
    const end = endsSoon(one, today) ? lastDay(one) : undefined
    return [{ authorization: one, ...(end === undefined ? {} : { end }), used }]
  })
}

function isShort(authorization: Authorization, service: AuthorizedService, today: string): boolean {
  return endsSoon(authorization, today) || isMostlyUsed(service)
}

function isMostlyUsed(service: AuthorizedService): boolean {
  return (shareUsed(service) ?? 0) >= MOST_USED
}

/** Of the same payer, and from no later than the day after the other's last; `today`, where that has no last. */
function takesOver(other: Authorization, one: Authorization, today: string): boolean {
  const from = addDays(lastDay(one) ?? today, 1)
  const { start } = other.period
  return other.payer === one.payer && (start === undefined || start <= from)
}

function hasRoom(other: Authorization, { codings }: AuthorizedService, today: string): boolean {
  const service = other.services.length === 0 ? ANY : serviceFor(other, codings)
  return service !== undefined && !isShort(other, service, today)
}

function isOver(authorization: Authorization, today: string): boolean {
  const end = lastDay(authorization)
  return end !== undefined && end < today
}

function endsSoon(authorization: Authorization, today: string): boolean {
  const end = lastDay(authorization)
  return end !== undefined && end <= addDays(today, DAYS_BEFORE_END)
}

/** Of `2026-03` it is the 31st. */
function lastDay({ period: { end } }: Authorization): string | undefined {
  const range = end === undefined ? undefined : parseDateRange(end)
  return range && new Date(range.high - 1).toISOString().slice(0, 10)
}
