// X12's code lists that eligibility and authorization speak of, as systems of FHIR codings: by the number of their data element.
const X12 = 'https://codesystem.x12.org/005010'

export const X12_CODES = {
  action: `${X12}/306`,
  timePeriod: `${X12}/615`,
  quantityQualifier: `${X12}/673`,
  followUp: `${X12}/889`,
  rejectReason: `${X12}/901`,
  coverageLevel: `${X12}/1207`,
  certificationType: `${X12}/1322`,
  levelOfService: `${X12}/1338`,
  serviceType: `${X12}/1365`,
  benefitInformation: `${X12}/1390`,
  requestCategory: `${X12}/1525`,
  /** Why a review was decided so: a list of X12's outside its sets. */
  decisionReason: 'https://codesystem.x12.org/external/886',
} as const
