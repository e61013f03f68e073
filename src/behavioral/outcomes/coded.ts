// Codings of what was measured, and how they are read and compared.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Coding } from '../assessments/instrument.ts'

export type { Coding } from '../assessments/instrument.ts'
export type CodeableConcept = JsonObject

export function codingsOf(concept: JsonValue | undefined): readonly Coding[] {
  if (!isJsonObject(concept) || !Array.isArray(concept.coding)) return []
  return concept.coding.filter(isJsonObject).filter(({ code }) => typeof code === 'string') as Coding[]
}

/** Equal for equal codings. */
export function codingKey({ system, code }: Coding): string {
  return `${system ?? ''}|${code ?? ''}`
}

/** What people call it: its text, the display of a coding, or a code. */
export function wordsOf(concept: JsonValue | undefined): string | undefined {
  if (!isJsonObject(concept)) return undefined
  if (typeof concept.text === 'string') return concept.text
  const codings = codingsOf(concept)
  return codings.find(({ display }) => typeof display === 'string')?.display ?? codings[0]?.code
}
