// The query parameters that shape an answer rather than choose what is in it, the same for every interaction
// (https://hl7.org/fhir/R4/http.html#parameters).
import { FhirError } from '../fhir/index.ts'
import { readPrefer } from './prefer.ts'
import type { Pair } from './query-string.ts'

const SHAPING = new Set(['_format', '_pretty', '_summary', '_elements'])

export function isShaping(name: string): boolean {
  return SHAPING.has(name)
}

/**
 * For interactions that know no parameters of their own.
 * @throws FhirError `invalid-search`, unless the client asked for lenient handling
 */
export function refuseUnknownParameters(
  pairs: readonly Pair[],
  prefer: string | undefined,
  known: ReadonlySet<string> = SHAPING,
): void {
  const unknown = pairs.filter(([name]) => !SHAPING.has(name) && !known.has(name))
  if (unknown.length === 0 || readPrefer(prefer).handling === 'lenient') return
  const names = new Set(unknown.map(([name]) => shown(name)))
  throw new FhirError(
    'invalid-search',
    Array.from(names).map((name) => ({
      severity: 'error' as const,
      code: 'not-supported' as const,
      diagnostics: `The parameter ${name} is not known here; what is: ${[...new Set([...known, ...SHAPING])].join(', ')}.`,
      expression: `http.${name}`,
    })),
  )
}

/** The criteria of a conditional interaction: the query without what only shapes the answer. */
export function criteriaOf(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '' && !SHAPING.has(part.split('=', 1)[0] as string))
    .join('&')
}

function shown(name: string): string {
  return /^[\w.:-]{1,64}$/.test(name) ? name : '(unreadable)'
}
