// Reads JSON strictly and without loss (https://hl7.org/fhir/R4/json.html): UTF-8, unique property names,
// numbers as they were written.
import type { JsonValue } from '../resource.ts'
import { decodeUtf8 } from './decode.ts'
import { ExactParser } from './exact-parser.ts'
import { parsePlain } from './plain-parser.ts'
import { MAX_DEPTH } from './measure.ts'

export interface ReadJson {
  readonly value: JsonValue
  /** The text that was read, where `writeJson(value)` would be the same text; undefined when that is not known. */
  readonly text: string | undefined
}

/**
 * The value that these bytes say. A byte order mark is passed over. `maxDepth`: how many objects and arrays may
 * stand in one another.
 * @throws FhirError `malformed`, saying the line, the column and what stands there
 */
export function parseJson(bytes: Uint8Array, maxDepth = MAX_DEPTH): JsonValue {
  return readJson(bytes, maxDepth).value
}

/** As `parseJson`, with the text where nothing more need be done to write it again. */
export function readJson(bytes: Uint8Array, maxDepth = MAX_DEPTH): ReadJson {
  const text = decodeUtf8(bytes, 'JSON')
  const value = parsePlain(text, maxDepth)
  return value === undefined
    ? { value: new ExactParser(text, maxDepth).parse(), text: undefined }
    : { value, text }
}
