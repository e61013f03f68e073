// Names by which what payers answer is stored and found again.

const OURS = 'https://alcove.health/fhir'

/** `identifier.system` of the payer's own number of a claim, on what it answered: what a correction must name. */
export const PAYER_CLAIM_NUMBERS = `${OURS}/NamingSystem/payer-claim-number`
/** `identifier.system` of the number of the batch that a 277CA answers: BHT03 of the 837. */
export const X12_BATCHES = `${OURS}/NamingSystem/x12-batch`
/** `identifier.system` of what a remittance says, hashed: another of the same payment says something else. */
export const REMITTANCE_CONTENT = `${OURS}/NamingSystem/remittance-content`

/** On ClaimResponse and ExplanationOfBenefit, valueCoding: CLP02, of `CLAIM_STATUS`. */
export const REMITTANCE_STATUS = `${OURS}/StructureDefinition/remittance-status`
/** On processNote, valueCoding: the remark code. */
export const REMARK_CODE = `${OURS}/StructureDefinition/remark-code`
/** On PaymentReconciliation.detail, valueCoding: why a provider's payment was adjusted. */
export const PROVIDER_ADJUSTMENT = `${OURS}/StructureDefinition/provider-adjustment`

/** The code systems of the answers: numbers alone are kept, X12's texts are not. */
export const ANSWERED = {
  adjudication: 'http://terminology.hl7.org/CodeSystem/adjudication',
  coinsurance: 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication',
  group: 'https://x12.org/codes/claim-adjustment-group-codes',
  reason: 'https://x12.org/codes/claim-adjustment-reason-codes',
  remark: 'https://x12.org/codes/remittance-advice-remark-codes',
  statusCategory: 'https://x12.org/codes/claim-status-category-codes',
  status: 'https://x12.org/codes/claim-status-codes',
  claimStatus: 'https://codesystem.x12.org/005010/1029',
  providerAdjustment: 'https://codesystem.x12.org/005010/426',
  paymentType: 'http://terminology.hl7.org/CodeSystem/payment-type',
  claimPaymentType: 'http://terminology.hl7.org/CodeSystem/ex-paymenttype',
} as const
