// Which resources are made from a response, and under which ids, so that making them again makes no others.
import { hash } from 'node:crypto'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'

/** Of an Observation that holds a score, an answer or the panel of them. */
export const RESULT_IDENTIFIER = 'https://alcove.health/fhir/NamingSystem/assessment-result'
/** Of a Flag or Task that an alert raised. */
export const ALERT_IDENTIFIER = 'https://alcove.health/fhir/NamingSystem/assessment-alert'
/** Of all of these: the id of the response. */
export const RESPONSE_IDENTIFIER = 'https://alcove.health/fhir/NamingSystem/assessment-response'

/** On a Flag: what it is about (http://hl7.org/fhir/StructureDefinition/flag-detail). */
export const FLAG_DETAIL = 'http://hl7.org/fhir/StructureDefinition/flag-detail'

export type MadeType = 'Observation' | 'Flag' | 'Task'

/** One resource of those that are made from a response. */
export interface Part {
  readonly type: MadeType
  readonly responseId: string
  /** The id that it gets when nothing else has it; by this it is known whatever its id. */
  readonly name: string
}

/** What the resources of one response are made with. */
export interface Making {
  /** The id of a part that is made along with it. */
  readonly idOf: (part: Part) => string
  /** Who is to act on what was found: a Reference. */
  readonly owner: JsonObject | undefined
}

/** A resource to be made, which leaves its own id out. */
export interface WantedPart {
  readonly part: Part
  readonly build: (making: Making) => Resource
}

export function withId({ resourceType, ...rest }: Resource, id: string): Resource {
  return { resourceType, id, ...rest }
}

/** Characters of an id: 160 bits. */
const ID_LENGTH = 40

/** @param what tells it from the others of its type: a linkId, the id of an alert; '' for the panel */
export function partOf(type: MadeType, responseId: string, what: string): Part {
  return { type, responseId, name: hashed(`${type}/${responseId}/0/${what}`) }
}

/**
 * The id for a part. Others may have taken it for something else: then the next is its id.
 * @param attempt counts from 0
 */
export function idOf({ name }: Part, attempt = 0): string {
  return attempt === 0 ? name : hashed(`${name}/${attempt}`)
}

function hashed(text: string): string {
  return hash('sha256', text, 'hex').slice(0, ID_LENGTH)
}

/** The identifiers by which a part is known. */
export function identifiersOf({ type, responseId, name }: Part): JsonObject[] {
  return [
    { system: type === 'Observation' ? RESULT_IDENTIFIER : ALERT_IDENTIFIER, value: name },
    { system: RESPONSE_IDENTIFIER, value: responseId },
  ]
}

/** The name of the part that a resource is which was made from the response; undefined for any other resource. */
export function partNameOf(resource: Resource, responseId: string): string | undefined {
  const system = resource.resourceType === 'Observation' ? RESULT_IDENTIFIER : ALERT_IDENTIFIER
  if (!hasIdentifier(resource, RESPONSE_IDENTIFIER, responseId)) return undefined
  if (!refersTo(resource, `QuestionnaireResponse/${responseId}`)) return undefined
  const own = listOf(resource['identifier']).find((it) => isJsonObject(it) && it['system'] === system)
  const value = isJsonObject(own) ? own['value'] : undefined
  return typeof value === 'string' ? value : undefined
}

/** @param value any when not given */
export function hasIdentifier(resource: Resource, system: string, value?: JsonValue): boolean {
  return listOf(resource['identifier']).some(
    (identifier) =>
      isJsonObject(identifier) &&
      identifier['system'] === system &&
      (value === undefined || identifier['value'] === value),
  )
}

/** What the resource was made from, as it says itself. */
function refersTo(resource: Resource, response: string): boolean {
  switch (resource.resourceType) {
    case 'Observation':
      return listOf(resource['derivedFrom']).some((it) => isReference(it, response))
    case 'Task':
      return isReference(resource['focus'], response)
    default:
      return listOf(resource['extension']).some(
        (it) => isJsonObject(it) && it['url'] === FLAG_DETAIL && isReference(it['valueReference'], response),
      )
  }
}

function isReference(value: JsonValue | undefined, reference: string): boolean {
  return isJsonObject(value) && value['reference'] === reference
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
