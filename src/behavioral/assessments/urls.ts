// Names of extensions and code systems that instruments are written in.

const OURS = 'https://alcove.health/fhir/StructureDefinition/assessment-'
const CORE = 'http://hl7.org/fhir/StructureDefinition/'
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'

export const ACCEPTS = `${OURS}accepts`
export const ITEM_ALIAS = `${OURS}item-alias`
export const ANSWER_ALIAS = `${OURS}answer-alias`
export const FREQUENCY = `${OURS}frequency`
export const SCORE = `${OURS}score`
export const BAND = `${OURS}band`
export const POSITIVE = `${OURS}positive`
export const CHANGE = `${OURS}change`
export const ALERT = `${OURS}alert`

/** The weight of an answer since R5 (https://hl7.org/fhir/extensions/StructureDefinition-itemWeight.html). */
export const ITEM_WEIGHT = `${CORE}itemWeight`
/** The same in R4 (https://hl7.org/fhir/R4/extension-ordinalvalue.html). */
export const ORDINAL_VALUE = `${CORE}ordinalValue`

/** https://hl7.org/fhir/uv/sdc/expressions.html */
export const VARIABLE = `${CORE}variable`
export const CALCULATED_EXPRESSION = `${SDC}calculatedExpression`
export const ENABLE_WHEN_EXPRESSION = `${SDC}enableWhenExpression`

export const LOINC = 'http://loinc.org'
