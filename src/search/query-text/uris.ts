// URIs as search values (https://hl7.org/fhir/R4/search.html#uri).
import { and, or, tokenMatch, uriBelowMatch, uriMatch, type Expression } from '../../store/index.ts'
import type { Registry } from '../registry.ts'
import type { ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

const URL = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/]/
/** Where a URL may end so that what follows is below it. */
const ENDS = /[/?#|]/g
/** URLs that one may be below of. */
const MOST_ABOVE = 100

/**
 * Whole and exact. The canonical URL that a resource has for itself may be followed by `|` and its version.
 * @param text without escapes
 */
export function uriExpression(
  { param, base, code }: ValueTarget,
  text: string,
  registry: Registry,
): Expression {
  const bar = text.lastIndexOf('|')
  const versioned = bar > 0 && code === 'url' && registry.offered(base).get('version')?.type === 'token'
  if (!versioned || bar === text.length - 1) return uriMatch(param, text)
  return and([uriMatch(param, text.slice(0, bar)), tokenMatch('version', undefined, text.slice(bar + 1))])
}

export function uriBy({ name, param }: ValueTarget, modifier: 'above' | 'below', text: string): Expression {
  if (!URL.test(text)) {
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is not a URL, and nothing else has anything ${modifier} it. Right would be http://example.org/fhir/.`,
    )
  }
  if (modifier === 'below') return uriBelowMatch(param, text)
  if (text.split(ENDS).length > MOST_ABOVE)
    throw new SearchFault(name, 'value', `${quoted(text)} has more than ${MOST_ABOVE} parts.`)
  return or(addressesAbove(text).map((it) => uriMatch(param, it)))
}

/** The URL itself and what it may be below of: cut before and behind each slash of its path, and before `?`, `#` and `|`. */
function addressesAbove(url: string): string[] {
  const host = url.indexOf('://') + 3
  const above = new Set<string>([url])
  for (const { index } of url.matchAll(ENDS)) {
    if (index < host) continue
    above.add(url.slice(0, index))
    if (url[index] === '/') above.add(url.slice(0, index + 1))
  }
  return [...above]
}
