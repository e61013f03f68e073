// A claim with the resources that it speaks of, and the code systems in which billing writes them.
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

const THO = 'http://terminology.hl7.org/CodeSystem'
const NUBC = 'https://www.nubc.org/CodeSystem'
const X12 = 'https://codesystem.x12.org/005010'

export const SYSTEMS = {
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd10pcs: 'http://www.cms.gov/Medicare/Coding/ICD10',
  drg: 'https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software',
  place: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  nucc: 'http://nucc.org/provider-taxonomy',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  ein: 'urn:oid:2.16.840.1.113883.4.4',
  ssn: 'http://hl7.org/fhir/sid/us-ssn',
  naic: 'urn:oid:2.16.840.1.113883.6.300',
  revenue: `${NUBC}/RevenueCodes`,
  typeOfBill: `${NUBC}/TypeOfBill`,
  dischargeStatus: `${NUBC}/PatDischargeStatus`,
  pointOfOrigin: `${NUBC}/PointOfOrigin`,
  admissionType: `${NUBC}/PriorityTypeOfAdmitOrVisit`,
  condition: `${NUBC}/ConditionCodes`,
  value: `${NUBC}/ValueCodesAndAmounts`,
  presentOnAdmission: `${NUBC}/PresentOnAdmissionIndicator`,
  claimType: `${THO}/claim-type`,
  careTeamRole: `${THO}/claimcareteamrole`,
  diagnosisType: `${THO}/diagnosistype`,
  procedureType: `${THO}/ex-procedure-type`,
  relatedClaim: `${THO}/ex-relatedclaimrelationship`,
  relationship: `${THO}/subscriber-relationship`,
  coverageClass: `${THO}/coverage-class`,
  payee: `${THO}/payeetype`,
  priority: `${THO}/processpriority`,
  dataAbsent: `${THO}/data-absent-reason`,
  identifierType: `${THO}/v2-0203`,
  information: `${THO}/claiminformationcategory`,
  informationPct: 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType',
  informationCarin: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType',
  payerId: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType',
  /** X12's code lists, by the number of their data element. */
  filingIndicator: `${X12}/1032`,
  noteType: `${X12}/363`,
  attachmentType: `${X12}/755`,
  attachmentTransmission: `${X12}/756`,
  relationshipX12: `${X12}/1069`,
} as const

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
