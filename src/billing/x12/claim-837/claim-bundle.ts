// A claim with the resources that it speaks of, and how billing writes their codes.
import type { Resource } from '../../../fhir/index.ts'

/** Everything that an 837 tells of one claim. Resources are whole; references between them are not followed. */
export interface ClaimBundle {
  readonly claim: Resource
  readonly patient: Resource
  readonly coverage: Resource
  /** Patient or RelatedPerson; absent when the patient is the subscriber. */
  readonly subscriber?: Resource
  /** Organization. */
  readonly payer: Resource
  /** Organization or Practitioner. */
  readonly billingProvider: Resource
  /** Location or Organization; absent when services are given at the billing provider's address. */
  readonly facility?: Resource
  /** Practitioner or Organization of each `Claim.careTeam.sequence` that is to be told. */
  readonly careTeam: Readonly<Record<number, Resource>>
  readonly terms: ClaimTerms
}

/** What stands in agreements and consents, not in the Claim. */
export interface ClaimTerms {
  /** The practice takes the payer's price: `A` yes, `B` for laboratory services only, `C` no. */
  readonly assignment: 'A' | 'B' | 'C'
  /** The patient's release of information: `Y` signed, `I` informed where no law asks for a signature. */
  readonly release: 'Y' | 'I'
  /** The provider's signature is on file; professional only. */
  readonly signature: boolean
}

/** A line's control number, as the Da Vinci guide for estimates has it; `valueIdentifier`. */
export const LINE_CONTROL_NUMBER =
  'http://hl7.org/fhir/us/davinci-pct/StructureDefinition/gfeBillingProviderLineItemCtrlNum'

/** Coverage.relationship as PAT01 has it; `self` is none. Others are `G8`, or a code of X12's own list. */
export const RELATIONSHIPS: Readonly<Record<string, string>> = {
  spouse: '01',
  child: '19',
  common: '53',
  other: 'G8',
}

/** Claim.careTeam.role as NM101 has it. */
export const CARE_TEAM_ROLES = {
  referring: 'DN',
  rendering: '82',
  supervisor: 'DQ',
  attending: '71',
  operating: '72',
  otheroperating: 'ZZ',
} as const

/** Claim.diagnosis.type of each kind. */
export const DIAGNOSIS_TYPES = {
  principal: 'principal',
  secondary: 'other',
  admitting: 'admitting',
  patientreasonforvisit: 'reason',
  externalcauseofinjury: 'external-cause',
} as const
