// Coded concepts as the practice writes them.
import type { JsonObject, Resource } from '../../fhir/index.ts'

export const SYSTEM = {
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
  cpt: 'http://www.ama-assn.org/go/cpt',
  hcpcs: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  nucc: 'http://nucc.org/provider-taxonomy',
  ein: 'urn:oid:2.16.840.1.113883.4.4',
  place: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
  /** X12's list of kinds of insurance (data element 1032). */
  insurance: 'https://codesystem.x12.org/005010/1032',
} as const

/** A code of one of HL7's own systems: `hl7('condition-clinical', 'active')`. */
export function hl7(system: string, code: string, display?: string): JsonObject {
  return { coding: [coding(`http://terminology.hl7.org/CodeSystem/${system}`, code, display)] }
}

export function coding(system: string, code: string, display?: string): JsonObject {
  return { system, code, ...(display === undefined ? {} : { display }) }
}

export function concept(text: string, ...codings: readonly JsonObject[]): JsonObject {
  return { ...(codings.length === 0 ? {} : { coding: [...codings] }), text }
}

export const snomed = (code: string, display: string) => coding(SYSTEM.snomed, code, display)
export const loinc = (code: string, display: string) => coding(SYSTEM.loinc, code, display)
export const icd10 = (code: string, display: string) => coding(SYSTEM.icd10, code, display)
export const rxnorm = (code: string, display: string) => coding(SYSTEM.rxnorm, code, display)

/** A resource of the practice: its id is known from the start, so that others can refer to it. */
export type Entry = Resource & { readonly id: string }

export function reference(type: string, id: string, display?: string): JsonObject {
  return { reference: `${type}/${id}`, ...(display === undefined ? {} : { display }) }
}
