// What a claim comes to: of each of its lines what was charged, paid, taken off, and is open.
import type { Resource } from '../../fhir/index.ts'
import { NO_MONEY, subtractMoney, type Money } from '../money.ts'
import type { BilledClaim, BilledLine } from './billed-claim.ts'
import { amountsOf } from './payers-amounts.ts'

/** `charged` is the sum of `paid`, `patient`, `adjusted` and `open`. */
export interface LineAccount extends Omit<BilledLine, 'sequence'> {
  readonly allowed: Money
  readonly paid: Money
  readonly patient: Money
  readonly adjusted: Money
  /** The charge of a line that the payer denied; most of it, or all, stands in `adjusted` too. */
  readonly denied: Money
  readonly open: Money
}

export interface ClaimAccount {
  readonly payer: string | undefined
  /** Whether it is a claim of its own; else what was paid on it counts alone. */
  readonly counts: boolean
  readonly lastDay: string
  /** The first day on which anything was paid, where that is known. */
  readonly paidOn: string | undefined
  readonly lines: readonly LineAccount[]
  /** ClaimResponses that paid and do not say when. */
  readonly undated: readonly string[]
}

/**
 * @param priorStands whether a claim that this one replaces has not been cancelled: then the payer has not taken this
 *   one on, and it does not count yet
 * @throws FhirError `business-rule` for an amount that is none
 */
export function accountOf(
  billed: BilledClaim,
  responses: readonly Resource[],
  priorStands: boolean,
): ClaimAccount {
  const counts = !billed.isSuperseded && !priorStands
  const amounts = amountsOf(billed, counts, responses)
  const lines = billed.lines.map((line, at): LineAccount => {
    const { allowed, paid, patient, decided, isDenied } = amounts.lines[at] as (typeof amounts.lines)[number]
    const charged = counts ? line.charged : NO_MONEY
    const adjusted = counts ? subtractMoney(subtractMoney(decided, paid), patient) : NO_MONEY
    return {
      date: line.date,
      code: line.code,
      clinician: line.clinician,
      charged,
      allowed,
      paid,
      patient,
      adjusted,
      denied: isDenied ? charged : NO_MONEY,
      open: subtractMoney(subtractMoney(subtractMoney(charged, paid), patient), adjusted),
    }
  })
  const dates = amounts.payments.flatMap(({ date }) => date ?? [])
  return {
    payer: billed.payer,
    counts,
    lastDay: billed.lastDay,
    paidOn: dates.length === 0 ? undefined : dates.reduce((a, b) => (a < b ? a : b)),
    lines,
    undated: amounts.payments.flatMap(({ response, date }) => (date === undefined ? response : [])),
  }
}
