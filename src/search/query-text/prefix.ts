// The prefix of an ordered value (https://hl7.org/fhir/R4/search.html#prefix).
import type { Comparator } from '../../store/index.ts'
import { PREFIXES } from './support.ts'

const LENGTH = 2

/** `gt5` is `gt` and `5`; without a prefix it is `eq`. */
export function splitPrefix(text: string): { readonly comparator: Comparator; readonly rest: string } {
  const comparator = PREFIXES.find((prefix) => text.startsWith(prefix))
  return comparator === undefined
    ? { comparator: 'eq', rest: text }
    : { comparator, rest: text.slice(LENGTH) }
}
