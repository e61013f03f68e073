// Names of the extensions by which HL7's Structured Data Capture says how forms are populated and what is extracted.

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'

/** https://hl7.org/fhir/uv/sdc/extraction.html */
export const OBSERVATION_EXTRACT = `${SDC}observationExtract`
export const OBSERVATION_EXTRACT_CATEGORY = `${SDC}observation-extract-category`
export const OBSERVATION_EXTRACT_ENTRY = `${SDC}observationExtractEntry`
export const DEFINITION_EXTRACT = `${SDC}definitionExtract`
export const DEFINITION_EXTRACT_VALUE = `${SDC}definitionExtractValue`
export const EXTRACT_ALLOCATE_ID = `${SDC}extractAllocateId`
/** What definitionExtract took the place of. */
export const ITEM_EXTRACTION_CONTEXT = `${SDC}itemExtractionContext`

/** https://hl7.org/fhir/uv/sdc/populate.html */
export const LAUNCH_CONTEXT = `${SDC}launchContext`
export const INITIAL_EXPRESSION = `${SDC}initialExpression`
export const ITEM_POPULATION_CONTEXT = `${SDC}itemPopulationContext`
export const OBSERVATION_LINK_PERIOD = `${SDC}observationLinkPeriod`

/** The unit of a number (https://hl7.org/fhir/R4/extension-questionnaire-unit.html). */
export const UNIT = 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit'
