// Names of the extensions that a ChargeItemDefinition states a billable service with.

const OURS = 'https://alcove.health/fhir/StructureDefinition/service-'

export const SERVICE_KIND = `${OURS}kind`
export const SERVICE_UNIT = `${OURS}unit`
export const SERVICE_PRIMARY = `${OURS}primary`
export const SERVICE_EXCLUDES = `${OURS}excludes`
export const SERVICE_MODIFIER = `${OURS}modifier`
export const SERVICE_REVENUE = `${OURS}revenue`
export const SERVICE_PLACE = `${OURS}place`
export const SERVICE_PROVIDER = `${OURS}provider`
export const SERVICE_LIMIT = `${OURS}limit`
export const SERVICE_AUTHORIZATION = `${OURS}authorization`
export const SERVICE_FILING_LIMIT = `${OURS}filing-limit`
export const SERVICE_BASIS = `${OURS}basis`
export const SERVICE_CENSUS = `${OURS}census`
export const SERVICE_BILL = `${OURS}bill`
export const SERVICE_CONDITION = `${OURS}condition`
export const SERVICE_DRUG = `${OURS}drug`

/** Of these a rule is made; any other of ours is a mistake in its name. */
export const OWN_EXTENSIONS = OURS

/** `useContext.code` of a rule for one payer. */
export const BILLING_TERMS = 'https://alcove.health/fhir/CodeSystem/billing-terms'
