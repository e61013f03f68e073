// Whether a payer authorized what needs it: for the service, on the day, and with units left.
import { isSameCode } from '../rules/index.ts'
import { sumOfUnits, type BilledLine } from './billed-line.ts'
import {
  environmentOfClaim,
  type Authorization,
  type AuthorizedService,
  type ClaimUnderCheck,
  type Edit,
} from './claim-under-check.ts'
import type { Fault } from './finding.ts'
import { ruleOf } from './rule-of.ts'

export const AUTHORIZATION: Edit = (context) => [...lineFaults(context), ...exceeded(context)]

function lineFaults(context: ClaimUnderCheck): readonly Fault[] {
  return context.lines.flatMap((line): readonly Fault[] => {
    const { at, name } = line
    const isNeeded = isAuthorizationNeeded(context, line)
    if (line.authorizations.length === 0)
      return isNeeded
        ? [
            {
              edit: 'authorization-missing',
              at,
              what: `the payer wants ${name} authorized, and the claim names no authorization`,
            },
          ]
        : []
    const known = knownTo(context, line)
    if (known.length === 0)
      return isNeeded
        ? [
            {
              edit: 'authorization-unknown',
              at,
              what: `no answer of the payer about the authorization that the claim names is known here, so that it is not checked for ${name}`,
            },
          ]
        : []
    const about = known.map(({ reference }) => reference)
    const fitting = known.filter((it) => serviceFor(it, line) !== undefined)
    if (fitting.length === 0)
      return isNeeded
        ? [
            {
              edit: 'authorization-not-for-service',
              at,
              what: `the authorization that the claim names is not for ${name}`,
              about,
            },
          ]
        : []
    if (fitting.some(({ period }) => isWithin(period, line))) return []
    return [
      {
        edit: 'authorization-outside-dates',
        at,
        what: `the day of ${name} is outside the dates of its authorization, ${fitting.map(tellPeriod).join(' or ')}`,
        about,
      },
    ]
  })
}

/** By what the most specific rule says that says anything of it. */
export function isAuthorizationNeeded(context: ClaimUnderCheck, line: BilledLine): boolean {
  const rule = ruleOf(context, line)
  if (rule === undefined || line.days === undefined) return false
  const environment = environmentOfClaim(context, line)
  for (const { authorizations } of [rule, ...context.rulesOn(line.days.first).general]) {
    const said = authorizations.find(({ when }) => when === undefined || when(environment))
    if (said !== undefined) return said.isRequired
  }
  return false
}

/** Units of each service that is authorized, against those of all lines that use it. */
function exceeded(context: ClaimUnderCheck): readonly Fault[] {
  const faults = new Map<BilledLine, Fault>()
  for (const authorization of context.authorizations)
    for (const service of authorization.services) {
      const { approved } = service
      if (approved === undefined) continue
      const using = [...context.others, ...context.lines].filter(
        (line) =>
          line.authorizations.includes(authorization.number) &&
          serviceFor(authorization, line) === service &&
          isWithin(authorization.period, line),
      )
      const last = using.findLast(({ claim }) => claim === undefined)
      const used = sumOfUnits(using)
      if (last === undefined || used <= approved || faults.has(last)) continue
      const claims = [...new Set(using.flatMap(({ claim }) => claim ?? []))]
      faults.set(last, {
        edit: 'authorization-exceeded',
        at: `${last.at}.quantity`,
        what: `${approved} units are authorized, and ${used} are billed${claims.length === 0 ? '' : `, with those of ${claims.join(', ')}`}`,
        about: [authorization.reference, ...claims],
      })
    }
  return [...faults.values()]
}

function knownTo({ authorizations }: ClaimUnderCheck, line: BilledLine): readonly Authorization[] {
  return authorizations.filter(({ number }) => line.authorizations.includes(number))
}

const ANYTHING: AuthorizedService = { codings: [] }

function serviceFor({ services }: Authorization, { code }: BilledLine): AuthorizedService | undefined {
  if (services.length === 0) return ANYTHING
  if (code === undefined) return undefined
  return services.find(({ codings }) => codings.some((one) => isSameCode(one, code)))
}

function isWithin({ start, end }: Authorization['period'], { days }: BilledLine): boolean {
  if (days === undefined) return true
  return (start === undefined || days.first >= start) && (end === undefined || days.last <= end)
}

function tellPeriod({ period: { start, end } }: Authorization): string {
  return `${start ?? 'any day'} to ${end ?? 'any day'}`
}
