// Required bindings: the code must come from the value set (https://hl7.org/fhir/R4/terminologies.html#required).
import type { JsonObject, JsonValue, ValueSetCodes } from '../../fhir/index.ts'
import { isJsonObject } from '../../fhir/index.ts'
import type { Report } from './report.ts'
import { allowedCodes, quote } from './wording.ts'

/** `type` is the type of the bound element: a primitive, Coding, CodeableConcept or Quantity. */
export function checkBinding(value: JsonValue, type: string, codes: ValueSetCodes, report: Report): void {
  if (!isJsonObject(value)) {
    if (typeof value === 'string' && !codes.hasCode(value))
      report.add('error', 'code-invalid', `${quote(value)} is not among the codes of ${allowedCodes(codes)}.`)
  } else if (type === 'CodeableConcept') {
    checkConcept(value, codes, report)
  } else if (value['code'] !== undefined && !isMember(value, codes)) {
    report.add('error', 'code-invalid', `${coded(value)} is not among the codes of ${allowedIn(codes)}.`)
  }
}

/** One coding from the value set is enough; extensions alone may say why there is none. */
function checkConcept(concept: JsonObject, codes: ValueSetCodes, report: Report): void {
  const { coding } = concept
  if (Array.isArray(coding)) {
    if (coding.some((it) => isJsonObject(it) && isMember(it, codes))) return
    const given = coding.filter(isJsonObject).map(coded).join(', ')
    report.add(
      'error',
      'code-invalid',
      `None of the codings (${given}) is among the codes of ${allowedIn(codes)}.`,
    )
  } else if (concept['text'] !== undefined || concept['extension'] === undefined) {
    report.add('error', 'code-invalid', `A coding is needed, from the codes of ${allowedIn(codes)}.`)
  }
}

function isMember({ system, code }: JsonObject, codes: ValueSetCodes): boolean {
  return typeof code === 'string' && codes.has(typeof system === 'string' ? system : undefined, code)
}

function coded({ system, code }: JsonObject): string {
  return `${typeof system === 'string' ? system : ''}|${typeof code === 'string' ? code : ''}`.slice(0, 200)
}

function allowedIn(codes: ValueSetCodes): string {
  return `${allowedCodes(codes)}, with the system ${codes.systems.join(' or ')}`
}
