// Why a visit cannot be billed, in codes that programs act on.
import type { Issue } from '../../fhir/index.ts'
import type { ServiceIssue, ServiceProblem } from '../rules/index.ts'

/** `OperationOutcome.issue.details`, of this CodeSystem. */
export const BILLING_PROBLEMS = 'https://alcove.health/fhir/CodeSystem/billing-problems'

/** Those of claims of visits; the rules of services have their own. */
export const VISIT_PROBLEMS = [
  'visit-not-finished',
  'visit-without-period',
  'visit-of-group',
  'visit-without-patient',
  'not-billable',
  'note-missing',
  'note-not-final',
  'note-not-signed',
  'coverage-missing',
  'coverage-not-active',
  'coverage-not-in-force',
  'coverage-of-another',
  'coverage-ambiguous',
  'payer-missing',
  'diagnosis-missing',
  'diagnosis-not-billable',
  'diagnosis-not-verified',
  'diagnoses-left-out',
  'pointers-left-out',
  'provider-missing',
  'provider-without-npi',
  'rendering-missing',
  'rendering-without-npi',
  'rendering-without-taxonomy',
  'place-missing',
  'self-pay',
  'consent-missing',
  'authorization-missing',
  'authorization-exceeded',
  'nothing-billed',
  'visit-of-period',
  'price-missing',
  'price-unusable',
  'claim-type-unfit',
  'correction-of-another',
  'correction-not-accepted',
  'billed-before',
] as const

export type BillingProblem = (typeof VISIT_PROBLEMS)[number] | ServiceProblem

/** An issue of billing; as `warning` it does not stand against a claim. */
export function problem<Code extends string = BillingProblem>(
  code: Code,
  expression: string,
  diagnostics: string,
  severity: 'error' | 'warning' = 'error',
): Issue {
  return {
    severity,
    code: 'business-rule',
    details: { system: BILLING_PROBLEMS, code },
    diagnostics,
    expression,
  }
}

/** What a rule says of a service, as an issue of the element that tells of the service. */
export function problemOfService(
  { problem: code, diagnostics, denial }: ServiceIssue,
  expression: string,
  severity: 'error' | 'warning',
): Issue {
  const likely = denial === undefined ? '' : ` (a payer denies it by ${denial})`
  return problem(code, expression, `${diagnostics}${likely}`, severity)
}
