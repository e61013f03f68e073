// Which resource a write is about: the id in the URL, or the criteria in its query.
import { FhirError } from '../fhir/index.ts'
import type { Target } from '../repository/index.ts'
import { readPairs } from './query-string.ts'
import type { RestRequest } from './request.ts'
import { criteriaOf, refuseUnknownParameters } from './result-parameters.ts'
import type { Route } from './route.ts'

/** @throws FhirError `invalid-search` for a query beside an id, or no criteria without one */
export function targetOf({ query, headers, method }: RestRequest, { type, id }: Route): Target {
  if (id !== '') {
    if (query !== '') refuseUnknownParameters(readPairs(query), headers.prefer)
    return { type, id }
  }
  const criteria = criteriaOf(query)
  if (criteria === '')
    throw new FhirError(
      'invalid-search',
      `${method} needs an id, as in ${type}/123, or criteria, as in ${type}?identifier=system|value.`,
    )
  return { type, criteria }
}
