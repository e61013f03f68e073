// Claims in time: what a payer takes for so long after the service only.
import type { FilingLimit } from '../rules/index.ts'
import { addDays, addMonths, lastDayGoingOn } from './calendar.ts'
import { environmentOfClaim, type ClaimUnderCheck, type Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'

/** A stay is counted from its end, a service from its day. What replaces an earlier claim has limits of its own. */
export const FILING: Edit = (context) => {
  const { kind, lines, claim } = context
  const day = context.sent ?? lastDayGoingOn(context.now)
  const severity = context.isCorrection ? ({ severity: 'warning' } as const) : {}
  if (kind === 'institutional') {
    const period = claim['billablePeriod'] as { readonly end?: string } | undefined
    const end = period?.end?.slice(0, 10) ?? lines.findLast(({ days }) => days !== undefined)?.days?.last
    return end === undefined
      ? []
      : faultOf(context, 'Claim.billablePeriod', end, day).map((it) => ({ ...it, ...severity }))
  }
  return lines.flatMap(({ at, days }) =>
    days === undefined ? [] : faultOf(context, at, days.first, day).map((it) => ({ ...it, ...severity })),
  )
}

function faultOf(context: ClaimUnderCheck, at: string, service: string, day: string): readonly Fault[] {
  const limit = limitOn(context, service)
  if (limit === undefined) return []
  const last =
    limit.days === undefined ? addMonths(service, limit.months as number) : addDays(service, limit.days)
  if (day <= last) return []
  return [
    {
      edit: 'filing-limit-passed',
      at,
      what: `the payer takes claims for services of ${service} until ${last}`,
    },
  ]
}

/** That of the most specific rule for all services that has one. */
function limitOn(context: ClaimUnderCheck, service: string): FilingLimit | undefined {
  const environment = environmentOfClaim(context)
  for (const { filingLimits } of context.rulesOn(service).general) {
    const limit = filingLimits.find(({ when }) => when === undefined || when(environment))
    if (limit !== undefined) return limit
  }
  return undefined
}
