// Reads JSON strictly and without loss (https://hl7.org/fhir/R4/json.html): UTF-8, unique property names,
// numbers as they were written.
import { isUtf8 } from 'node:buffer'
import { FhirError } from '../errors.ts'
import type { JsonValue } from '../resource.ts'
import { ExactParser, MAX_DEPTH } from './exact-parser.ts'
import { positionAt } from './position.ts'

/**
 * The value that these bytes say. A byte order mark is passed over.
 * @throws FhirError `malformed`, saying the line, the column and what stands there
 */
export function parseJson(bytes: Uint8Array): JsonValue {
  const text = decode(bytes)
  const fast = parseFast(text)
  return fast === undefined ? new ExactParser(text).parse() : fast
}

/**
 * The engine's own parser is several times faster than ours, but keeps the last of two properties of one name,
 * and forgets how a number was written. When writing the value again gives the same text, neither happened.
 * Undefined when that cannot be said.
 */
function parseFast(text: string): JsonValue | undefined {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
    if (text.includes('"__proto__"') || !isWithin(value, MAX_DEPTH)) return undefined
    const written = JSON.stringify(value, undefined, indentOf(text))
    // What follows in a text that could be read is space.
    return text.startsWith(written) ? value : undefined
  } catch {
    return undefined
  }
}

/** The indentation of the first property or item, as `JSON.stringify` takes it; '' for a single line. */
function indentOf(text: string): string {
  if (text.charCodeAt(1) !== 0x0a) return ''
  let end = 2
  while (end <= 12 && (text[end] === ' ' || text[end] === '\t')) end++
  return text.slice(2, end)
}

function isWithin(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isWithin(item, levels - 1)) return false
    return true
  }
  for (const key in value) {
    const child = value[key]
    if (typeof child === 'object' && !isWithin(child, levels - 1)) return false
  }
  return true
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
