// Reads a query string or form (https://url.spec.whatwg.org/#application/x-www-form-urlencoded) strictly: broken
// escapes are errors, not replacement characters.
import { FhirError } from '../fhir/index.ts'

export type Pair = readonly [name: string, value: string]

/** Decoded name and value pairs in order. @throws FhirError `malformed` */
export function readPairs(query: string): Pair[] {
  if (query === '') return []
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]
    })
}

/** The reverse: a query string without `?`. */
export function writePairs(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
}

/** Where a page begins. @throws FhirError `invalid-search` */
export function cursorOf(pairs: readonly Pair[]): string | undefined {
  const cursors = pairs.filter(([name]) => name === '_cursor')
  if (cursors.length > 1) throw new FhirError('invalid-search', '_cursor stands more than once.')
  return cursors[0]?.[1]
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new FhirError(
      'malformed',
      'The query has a % that is not followed by the escape of a UTF-8 character.',
      {
        cause,
      },
    )
  }
}

const PLAIN = /^[\w.!~*'():,/$-]*$/
const READABLE: Readonly<Record<string, string>> = { '%3A': ':', '%2C': ',', '%2F': '/', '%24': '$' }

/** Leaves readable what may stand in a query: `:` `,` `/` `$`; `|` is escaped, for some clients refuse it bare. */
function encode(text: string): string {
  if (PLAIN.test(text)) return text
  return encodeURIComponent(text).replace(/%(?:3A|2C|2F|24)/g, (escape) => READABLE[escape] as string)
}
