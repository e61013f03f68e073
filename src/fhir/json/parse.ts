// Reads JSON strictly and without loss (https://hl7.org/fhir/R4/json.html): UTF-8, unique property names,
// numbers as they were written.
import { isUtf8 } from 'node:buffer'
import { FhirError } from '../errors.ts'
import type { JsonValue } from '../resource.ts'
import { ExactParser } from './exact-parser.ts'
import { MAX_DEPTH } from './measure.ts'
import { positionAt } from './position.ts'

/**
 * The value that these bytes say. A byte order mark is passed over. `maxDepth`: how many objects and arrays may
 * stand in one another.
 * @throws FhirError `malformed`, saying the line, the column and what stands there
 */
export function parseJson(bytes: Uint8Array, maxDepth = MAX_DEPTH): JsonValue {
  return new ExactParser(decode(bytes), maxDepth).parse()
}

function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(buffer)) throw notUtf8(buffer)
  const bom = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf
  return buffer.toString('utf8', bom ? 3 : 0)
}

/** Decodes with replacement characters, and finds the first that does not stand in the bytes. */
function notUtf8(buffer: Buffer): FhirError {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(buffer)
  let offset = 0
  let index = 0
  for (const character of text) {
    if (character === '\ufffd' && buffer.readUIntBE(offset, Math.min(3, buffer.length - offset)) !== 0xefbfbd)
      break
    offset += Buffer.byteLength(character)
    index += character.length
  }
  const byte = buffer[offset]?.toString(16).padStart(2, '0') ?? ''
  const { line, column } = positionAt(text, index)
  return new FhirError(
    'malformed',
    `Line ${line}, column ${column}: the byte 0x${byte} is not UTF-8, the encoding of FHIR's JSON.`,
  )
}
