// Turns the bytes of a body into text: UTF-8, a byte order mark passed over.
import { isUtf8 } from 'node:buffer'
import { FhirError } from '../errors.ts'
import { positionAt } from './position.ts'

/** `format`: for the error alone. @throws FhirError `malformed`, saying the line, the column and the byte */
export function decodeUtf8(bytes: Uint8Array, format: 'JSON' | 'XML'): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(buffer)) throw notUtf8(buffer, format)
  const bom = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf
  return buffer.toString('utf8', bom ? 3 : 0)
}

/** Decodes with replacement characters, and finds the first that does not stand in the bytes. */
function notUtf8(buffer: Buffer, format: string): FhirError {
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
    `Line ${line}, column ${column}: the byte 0x${byte} is not UTF-8, the encoding of FHIR's ${format}.`,
  )
}
