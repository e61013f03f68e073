// Reads JSON strictly and without loss (https://hl7.org/fhir/R4/json.html): UTF-8, unique property names,
// numbers as they were written.
import type { JsonValue } from '../resource.ts'
import { decodeUtf8 } from './decode.ts'
import { ExactParser } from './exact-parser.ts'
import { MAX_DEPTH } from './measure.ts'

/**
 * The value that these bytes say. A byte order mark is passed over. `maxDepth`: how many objects and arrays may
 * stand in one another.
 * @throws FhirError `malformed`, saying the line, the column and what stands there
 */
export function parseJson(bytes: Uint8Array, maxDepth = MAX_DEPTH): JsonValue {
  return new ExactParser(decodeUtf8(bytes, 'JSON'), maxDepth).parse()
}
