// What a response says of itself that the resources made from it repeat: of whom, when, where and by whom.
import {
  isDateTime,
  isJsonObject,
  parseReference,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'

export interface ResponseSource {
  readonly id: string
  readonly response: Resource
  /** `QuestionnaireResponse/[id]`. */
  readonly reference: string
  /** A dateTime. */
  readonly authored: string | undefined
  readonly encounter: JsonObject | undefined
}

export function sourceOf(response: Resource, id: string): ResponseSource {
  const authored = response['authored']
  return {
    id,
    response,
    reference: `QuestionnaireResponse/${id}`,
    authored: typeof authored === 'string' && isDateTime(authored) ? authored : undefined,
    encounter: referenceTo(response['encounter'], ['Encounter']),
  }
}

/** Whether the response is done, so that something follows from it (https://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html). */
export function isDone(response: Resource | undefined): response is Resource {
  return response !== undefined && (response['status'] === 'completed' || response['status'] === 'amended')
}

/**
 * A Reference as an element that takes these types can have it; undefined when it cannot. What is contained in the
 * response is not there for others.
 */
export function referenceTo(value: JsonValue | undefined, types: readonly string[]): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined
  const { reference, type, display, identifier } = value
  const said = {
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof display === 'string' ? { display } : {}),
  }
  if (typeof reference === 'string') {
    const parsed = parseReference(reference)
    if (parsed.kind === 'invalid' || parsed.kind === 'conditional') return undefined
    if (parsed.kind !== 'fragment') {
      const target = 'type' in parsed ? parsed.type : type
      return typeof target !== 'string' || types.includes(target) ? { reference, ...said } : undefined
    }
  }
  if (typeof type === 'string' && !types.includes(type)) return undefined
  if (isJsonObject(identifier)) return { ...said, identifier }
  return typeof display === 'string' ? said : undefined
}

/** The id of the Patient of this server that the response is about. */
export function patientIdOf(response: Resource, baseUrl: string): string | undefined {
  const subject = response['subject']
  const reference = isJsonObject(subject) ? subject['reference'] : undefined
  const parsed = typeof reference === 'string' ? parseReference(reference, baseUrl) : undefined
  return parsed?.kind === 'local' && parsed.type === 'Patient' ? parsed.id : undefined
}
