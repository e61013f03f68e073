// What is wrong with a claim before it is sent: by which edit, where, and as whoever mends it is told.
import type { Issue } from '../../fhir/index.ts'

/** `OperationOutcome.issue.details`, of this CodeSystem; its concepts say the likely denial and what mends it. */
export const CLAIM_EDITS = 'https://alcove.health/fhir/CodeSystem/claim-edits'

export const EDIT_CODES = [
  'add-on-without-primary',
  'excluded-pair',
  'units-over-day-limit',
  'units-over-period-limit',
  'duplicate',
  'per-diem-overlap',
  'authorization-missing',
  'authorization-unknown',
  'authorization-not-for-service',
  'authorization-outside-dates',
  'authorization-exceeded',
  'filing-limit-passed',
  'note-missing',
  'daily-note-missing',
  'note-not-final',
  'note-amended',
  'visit-not-finished',
  'visit-changed',
  'pointer-missing',
  'pointer-unknown',
  'too-many-pointers',
  'diagnosis-not-billable',
  'rendering-npi-missing',
  'rendering-npi-invalid',
  'rendering-taxonomy-missing',
  'rendering-taxonomy-not-allowed',
  'billing-npi-missing',
  'billing-npi-invalid',
  'billing-tax-id-missing',
  'billing-address-missing',
  'telehealth-modifier',
  'telehealth-place',
  'place-not-allowed',
  'coverage-not-active',
  'coverage-not-begun',
  'coverage-ended',
  'coverage-of-another',
  'payer-id-missing',
  'payment-consent-missing',
  'self-pay-restriction',
  'total-not-sum',
  'net-not-product',
  'too-many-lines',
  'too-many-diagnoses',
  'too-many-modifiers',
  'code-unknown',
  'code-not-in-force',
  'code-not-billable',
  'not-writable',
] as const
export type EditCode = (typeof EDIT_CODES)[number]

/** What an edit found, before the table says what comes of it and what mends it. */
export interface Fault {
  readonly edit: EditCode
  /** FHIRPath: of the Claim (`Claim.item[1].net`), or of what it refers to (`Coverage.period`). */
  readonly at: string
  /** What is wrong and by which rule, as the beginning of a sentence without its full stop; no patient's words. */
  readonly what: string
  /** Instead of the table's, where the finding itself says it. */
  readonly severity?: 'error' | 'warning'
  /** Claim adjustment reason code, where the rule of the service says it; instead of the table's. */
  readonly denial?: string
  /** `Type/id` of other resources that it tells of. */
  readonly about?: readonly string[]
}

/** A fault as it is told. An `error` stands against sending the claim. `details` has the edit's code. */
export interface Finding extends Issue {
  readonly severity: 'error' | 'warning'
  readonly edit: EditCode
  /** Claim adjustment reason code of the denial that a payer would likely give. */
  readonly denial?: string
  /** What to do about it, in sentences. */
  readonly mend: string
  /** `Type/id` of other resources that it tells of: whoever may not see one of them is not to be told. */
  readonly about: readonly string[]
}
