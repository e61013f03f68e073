// The face of FHIR's XML.
export { parseXml, parseXmlInSteps } from './parse.ts'
export { writeXml } from './write.ts'
export { isXmlText, toXmlText } from './characters.ts'
