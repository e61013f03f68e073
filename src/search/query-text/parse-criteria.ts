// The criteria of a conditional interaction or reference (https://hl7.org/fhir/R4/http.html#cond-update).
import { FhirError } from '../../fhir/index.ts'
import { and, type Expression } from '../../store/index.ts'
import { Budget } from './budget.ts'
import { Criteria } from './criteria.ts'
import { splitName } from './criterion.ts'
import type { ReadingParts } from './reading.ts'
import { remembered } from './remembered-lookup.ts'
import { quoted, refusedSearch, SearchFault } from './refusal.ts'
import { isResultParameter } from './result.ts'

/** See `Search.parseCriteria`. */
export async function parseCriteria(
  type: string,
  criteria: string,
  parts: ReadingParts,
): Promise<Expression> {
  const pairs = criteria
    .split('&')
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const equals = part.indexOf('=')
      return equals < 0
        ? [decoded(part), '']
        : [decoded(part.slice(0, equals)), decoded(part.slice(equals + 1))]
    })
  if (pairs.length === 0) {
    throw new FhirError('invalid-search', 'The criteria are empty: at least one search parameter is needed.')
  }
  const gathered = new Criteria(
    [type],
    { ...parts, lookup: remembered(parts.lookup), budget: new Budget(), alsoKnown: [] },
    false,
  )
  for (const [name, value] of pairs) {
    const { code, rest } = splitName(name)
    if (rest === undefined && isResultParameter(code))
      gathered.faults.push(new SearchFault(name, 'not-supported', 'it shapes a result, and is no criterion.'))
    else await gathered.add(name, value)
  }
  if (gathered.faults.length > 0) throw refusedSearch(gathered.faults)
  return and(gathered.of(type))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new FhirError(
      'invalid-search',
      `The criteria hold ${quoted(text)}, whose percent-encoding is broken.`,
      { cause },
    )
  }
}
