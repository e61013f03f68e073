// The meta of a stored version, read without the rest: it stands in front of everything else (../body-template.ts).
import type { JsonObject } from '../../fhir/index.ts'

const START = Buffer.from(',"meta":')
const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x7b, 0x7d]

export function storedMeta(body: Buffer): JsonObject {
  const from = body.indexOf(START) + START.length
  let depth = 0
  let inString = false
  for (let at = from; at < body.length; at++) {
    const byte = body[at]
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN) depth++
    else if (byte === CLOSE && --depth === 0)
      return JSON.parse(body.toString('utf8', from, at + 1)) as JsonObject
  }
  throw new Error('a stored version has no meta')
}
