// URIs as search values (https://hl7.org/fhir/R4/search.html#uri).
import { or, uriBelowMatch, uriMatch, type Expression } from '../../store/index.ts'
import type { ValueTarget } from './reading.ts'
import { quoted, SearchFault } from './refusal.ts'

const URL = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/]/
/** Where a URL may end so that what follows is below it. */
const ENDS = /[/?#|]/g

export function uriExpression(
  { name, param }: ValueTarget,
  modifier: 'above' | 'below' | undefined,
  text: string,
): Expression {
  if (modifier === undefined) return uriMatch(param, text)
  if (!URL.test(text)) {
    throw new SearchFault(
      name,
      'value',
      `${quoted(text)} is not a URL, and nothing else has anything ${modifier} it. Right would be http://example.org/fhir/.`,
    )
  }
  return modifier === 'below'
    ? uriBelowMatch(param, text)
    : or(addressesAbove(text).map((it) => uriMatch(param, it)))
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
