// Names of the extensions and systems by which visits say what was done, and claims what they are made of.

const OURS = 'https://alcove.health/fhir'

/** On Encounter, valueCode: `in-person`, `video` or `audio`. */
export const ENCOUNTER_MODALITY = `${OURS}/StructureDefinition/encounter-modality`
/** On Encounter: `service`, `minutes` and `quantity` of one thing that was done. */
export const PERFORMED_SERVICE = `${OURS}/StructureDefinition/performed-service`
/** On Claim.item, valueCanonical: the rule that made the line. */
export const BILLED_BY = `${OURS}/StructureDefinition/billed-by`
/** On Claim.item, valuePositiveInt: minutes of the service. */
export const BILLED_MINUTES = `${OURS}/StructureDefinition/billed-minutes`

export const BILLABLE_SERVICES = `${OURS}/CodeSystem/billable-services`
export const LEVELS_OF_CARE = `${OURS}/CodeSystem/levels-of-care`
/** System of the claim's number: the identifier of type PLAC. */
export const CLAIM_CONTROL_NUMBERS = `${OURS}/NamingSystem/claim-control-number`
