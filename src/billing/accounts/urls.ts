// Names by which invoices to patients tell what they are for.

const OURS = 'https://alcove.health/fhir'

/** On Invoice.lineItem, valueReference: the Claim of which it is the patient's share. */
export const INVOICED_CLAIM = `${OURS}/StructureDefinition/invoiced-claim`
export const BILLING_TERMS = `${OURS}/CodeSystem/billing-terms`
/** `Invoice.lineItem.chargeItemCodeableConcept`, of BILLING_TERMS: nothing of what was done is told. */
export const PATIENT_SHARE_TERM = 'patient-share'
