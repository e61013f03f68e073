// Claims in time: what a payer takes for so long after the service only.
import { objectAt, textAt } from '../elements.ts'
import type { FilingLimit } from '../rules/index.ts'
import { addDays, addMonths, isDay, lastDayGoingOn } from './calendar.ts'
import { environmentOfClaim, type ClaimUnderCheck, type Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'

/** What decides until when a claim is taken. */
export type FiledClaim = Pick<
  ClaimUnderCheck,
  'claim' | 'kind' | 'lines' | 'patient' | 'coverage' | 'payer' | 'rulesOn'
>

/** Until when a payer takes a claim for a service, both as `YYYY-MM-DD`; of a service without a limit there is none. */
export interface FilingDay {
  /** FHIRPath of what says the day of the service. */
  readonly at: string
  readonly service: string
  /** The last day on which it is taken. */
  readonly last: string
}

/** What replaces an earlier claim has limits of its own. */
export const FILING: Edit = (context) => {
  const day = context.sent ?? lastDayGoingOn(context.now)
  const severity = context.isCorrection ? ({ severity: 'warning' } as const) : {}
  return filingDays(context)
    .filter(({ last }) => day > last)
    .map(
      ({ at, service, last }): Fault => ({
        edit: 'filing-limit-passed',
        at,
        what: `the payer takes claims for services of ${service} until ${last}`,
        ...severity,
      }),
    )
}

/** A stay is counted from its end, a service from its day. */
export function filingDays(context: FiledClaim): readonly FilingDay[] {
  const { kind, lines, claim } = context
  if (kind === 'institutional') {
    const stated = textAt(objectAt(claim, 'billablePeriod'), 'end')?.slice(0, 10)
    const end = isDay(stated) ? stated : lines.findLast(({ days }) => days !== undefined)?.days?.last
    return end === undefined ? [] : filingDay(context, 'Claim.billablePeriod', end)
  }
  return lines.flatMap(({ at, days }) => (days === undefined ? [] : filingDay(context, at, days.first)))
}

function filingDay(context: FiledClaim, at: string, service: string): readonly FilingDay[] {
  const limit = limitOn(context, service)
  if (limit === undefined) return []
  const last =
    limit.days === undefined ? addMonths(service, limit.months as number) : addDays(service, limit.days)
  return [{ at, service, last }]
}

/** That of the most specific rule for all services that has one. */
function limitOn(context: FiledClaim, service: string): FilingLimit | undefined {
  const environment = environmentOfClaim(context)
  for (const { filingLimits } of context.rulesOn(service).general) {
    const limit = filingLimits.find(({ when }) => when === undefined || when(environment))
    if (limit !== undefined) return limit
  }
  return undefined
}
