// Reads stored claims and answers by the hundred thousand, and loses no digit of their amounts.
import { parseJson, type Resource } from '../../fhir/index.ts'

/** More digits than every decimal keeps that becomes a double and is written again (IEEE 754: 15). */
const LONG_NUMBER = /[\d.]{16}/

/** As `parseJson`, but for zeros at the end of a decimal: they change no amount. */
export function readBody(body: Buffer): Resource {
  const text = body.toString('utf8')
  return LONG_NUMBER.test(text) ? (parseJson(body) as Resource) : (JSON.parse(text) as Resource)
}
