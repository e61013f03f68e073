// The face of FHIR's XML.
export { parseXml, parseXmlInSteps } from './parse.ts'
export { writeXml } from './write.ts'
export { isXmlText, toXmlText } from './characters.ts'
export { MAX_NARRATIVE_DEPTH } from './narrative-div.ts'
