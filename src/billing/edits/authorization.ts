// Whether a payer authorized what needs it: for the service, on the day, and with units left.
import { isAuthorizationNeeded, type Authorization } from '../authorizations/index.ts'
import { isOnDay } from '../authorizations/authorization.ts'
import { byEnd, serviceFor } from '../authorizations/count-units.ts'
import type { BilledLine } from './billed-line.ts'
import { environmentOfClaim, type ClaimUnderCheck, type Edit } from './claim-under-check.ts'
import type { EditCode, Fault } from './finding.ts'
import { ruleOf } from './rule-of.ts'

export const AUTHORIZATION: Edit = (context) => {
  const left = new UnitsLeft()
  return [...context.lines].toSorted(byDay).flatMap((line) => faultOf(context, line, left) ?? [])
}

function faultOf(context: ClaimUnderCheck, line: BilledLine, left: UnitsLeft): Fault | undefined {
  const { at, name } = line
  const fault = (edit: EditCode, what: string, those: readonly Authorization[] = []): Fault => ({
    edit,
    at,
    what,
    about: those.map(({ reference }) => reference),
  })
  const isNeeded = isNeededFor(context, line)
  if (line.authorizations.length === 0)
    return isNeeded
      ? fault(
          'authorization-missing',
          `the payer wants ${name} authorized, and the claim names no authorization`,
        )
      : undefined
  const known = context.authorizations.filter((one) => isNamed(context, line, one))
  if (known.length === 0)
    return isNeeded
      ? fault(
          'authorization-unknown',
          `nothing is known here of the authorization that the claim names, so that it is not checked for ${name}`,
        )
      : undefined
  const ofService = known.filter((one) => isFor(one, line))
  if (ofService.length === 0)
    return isNeeded
      ? fault(
          'authorization-not-for-service',
          `the authorization that the claim names is not for ${name}`,
          known,
        )
      : undefined
  const ofDay = ofService.filter((one) => isWithin(one, line)).toSorted(byEnd)
  if (ofDay.length === 0)
    return fault(
      'authorization-outside-dates',
      `the day of ${name} is outside the dates of its authorization, ${ofService.map(tellPeriod).join(' or ')}`,
      ofService,
    )
  const missing = left.take(ofDay, line)
  return missing === undefined
    ? undefined
    : fault(
        'authorization-exceeded',
        `${name} has ${line.units} units, and ${missing} are left of what was authorized`,
        ofDay,
      )
}

/** By what the most specific rule says that says anything of it. */
function isNeededFor(context: ClaimUnderCheck, line: BilledLine): boolean {
  const rule = ruleOf(context, line)
  if (rule === undefined || line.days === undefined) return false
  const { general } = context.rulesOn(line.days.first)
  return isAuthorizationNeeded([rule, ...general], environmentOfClaim(context, line))
}

function isNamed({ payerKey }: ClaimUnderCheck, line: BilledLine, one: Authorization): boolean {
  if (one.number === undefined || !line.authorizations.includes(one.number)) return false
  return one.payer === undefined || one.payer === payerKey
}

function codingsOf({ code, revenue }: BilledLine) {
  return [code, revenue].filter((one) => one !== undefined)
}

function isFor(one: Authorization, line: BilledLine): boolean {
  return one.services.length === 0 || serviceFor(one, codingsOf(line)) !== undefined
}

function isWithin({ period }: Authorization, { days }: BilledLine): boolean {
  return days === undefined || (isOnDay(period, days.first) && isOnDay(period, days.last))
}

/** Units that other claims leave, less those of the lines before. */
class UnitsLeft {
  readonly #left = new Map<object, number>()

  /** Of the first authorization that has enough; else the most that there is, which is not enough. */
  take(those: readonly Authorization[], line: BilledLine): number | undefined {
    let most = 0
    for (const one of those) {
      const service = serviceFor(one, codingsOf(line))
      if (service?.left === undefined) return undefined
      const left = this.#left.get(service) ?? service.left
      most = Math.max(most, left)
      if (left < line.units) continue
      this.#left.set(service, Math.round((left - line.units) * 1000) / 1000)
      return undefined
    }
    return most
  }
}

function tellPeriod({ period: { start, end } }: Authorization): string {
  return `${start ?? 'any day'} to ${end ?? 'any day'}`
}

function byDay(one: BilledLine, other: BilledLine): number {
  const [first, second] = [one.days?.first ?? '', other.days?.first ?? '']
  return first === second ? 0 : first < second ? -1 : 1
}
