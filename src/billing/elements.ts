// Reading the resources that claims are about: codings, identifiers and supporting information by what they are.
import { isJsonObject, type JsonObject, type JsonValue } from '../fhir/index.ts'

export function objectsAt(holder: JsonObject | undefined, key: string): readonly JsonObject[] {
  const value = holder?.[key]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

export function objectAt(holder: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = holder?.[key]
  return isJsonObject(value) ? value : undefined
}

export function textAt(holder: JsonObject | undefined, key: string): string | undefined {
  const value = holder?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function textsAt(holder: JsonObject | undefined, key: string): readonly string[] {
  const value = holder?.[key]
  return Array.isArray(value) ? value.filter((one: JsonValue) => typeof one === 'string') : []
}

export function numbersAt(holder: JsonObject, key: string): readonly number[] {
  const value = holder[key]
  return Array.isArray(value) ? value.filter((one: JsonValue) => typeof one === 'number') : []
}

/** The code of a CodeableConcept, in one of `systems` (any, when none is given); the https form of a system counts. */
export function codeIn(concept: JsonObject | undefined, ...systems: readonly string[]): string | undefined {
  const coding = objectsAt(concept, 'coding').find((one) => {
    const system = textAt(one, 'system')?.replace(
      /^https:\/\/www\.cms\.gov\/Medicare\/Coding\/HCPCS/,
      CMS_HCPCS,
    )
    return textAt(one, 'code') !== undefined && (systems.length === 0 || systems.includes(system ?? ''))
  })
  return textAt(coding, 'code')
}

const CMS_HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCS'

export function hasCode(concept: JsonObject | undefined, code: string): boolean {
  return objectsAt(concept, 'coding').some((one) => one.code === code)
}

/** The next free `sequence` of a list, however long it is. */
export function nextSequence(list: readonly JsonObject[]): number {
  return list.reduce((last, one) => Math.max(last, Number(one['sequence'])), 0) + 1
}

/** `Claim.supportingInfo` of this category, whatever guide's code system names it. */
export function informationOf(claim: JsonObject, category: string): readonly JsonObject[] {
  return objectsAt(claim, 'supportingInfo').filter((one) => hasCode(objectAt(one, 'category'), category))
}

export function identifierIn(resource: JsonObject, ...systems: readonly string[]): string | undefined {
  for (const system of systems) {
    const found = objectsAt(resource, 'identifier').find((one) => one.system === system)
    const value = textAt(found, 'value')
    if (value !== undefined) return value
  }
  return undefined
}

/** The value of the identifier whose type has this code. */
export function identifierOfType(resource: JsonObject, type: string): string | undefined {
  const found = objectsAt(resource, 'identifier').find((one) => hasCode(objectAt(one, 'type'), type))
  return textAt(found, 'value')
}
