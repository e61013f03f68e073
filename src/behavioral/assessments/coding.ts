// Codings as instruments hold them: what tells a concept, and nothing that is no text.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'

export interface Coding extends JsonObject {
  system?: string
  code?: string
  display?: string
}

/** Without extensions, version and `userSelected`. */
export function codingOf({ system, code, display }: JsonObject): Coding {
  return {
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof display === 'string' ? { display } : {}),
  }
}

/** Of `Questionnaire.code` or `Questionnaire.item.code`. */
export function codingsOf(value: JsonValue | undefined): readonly Coding[] {
  return Array.isArray(value) ? value.filter(isJsonObject).map(codingOf) : []
}
