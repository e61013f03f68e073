// The prefix of an ordered value (https://hl7.org/fhir/R4/search.html#prefix).
import type { Comparator } from '../../store/index.ts'

const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s

export const PREFIXES = 'eq, ne, gt, lt, ge, le, sa, eb, ap'

/** `gt5` is `gt` and `5`; without a prefix it is `eq`. */
export function splitPrefix(text: string): { readonly comparator: Comparator; readonly rest: string } {
  const match = PREFIX.exec(text)
  return match === null
    ? { comparator: 'eq', rest: text }
    : { comparator: match[1] as Comparator, rest: match[2] as string }
}
