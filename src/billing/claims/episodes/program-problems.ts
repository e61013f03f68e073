// Why an episode of care cannot be billed, in the codes of https://alcove.health/fhir/CodeSystem/billing-problems.
import { problem, type BillingProblem } from '../problems.ts'

export type ProgramProblem =
  | BillingProblem
  | 'episode-not-billable'
  | 'program-missing'
  | 'period-not-over'
  | 'period-without-days'
  | 'leave-without-period'
  | 'leave-not-billed'
  | 'day-without-note'
  | 'days-billed-before'
  | 'days-before-not-billed'
  | 'drug-route-missing'
  | 'drugs-of-week'
  | 'discharge-status-missing'

/** An issue of billing; as `warning` it does not stand against a claim. */
export const programProblem = problem<ProgramProblem>
