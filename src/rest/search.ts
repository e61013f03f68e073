// search of one type, of all types and of a compartment, by GET and by POST _search (https://hl7.org/fhir/R4/http.html#search).
import { labelsKeptApart, labelsNamed } from '../access/index.ts'
import { FhirError } from '../fhir/index.ts'
import type { ParsedSearch, SearchScope } from '../search/index.ts'
import { compartmentOf } from './compartment.ts'
import type { Exchange } from './context.ts'
import { readPrefer } from './prefer.ts'
import { readPairs, type Pair } from './query-string.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { isShaping } from './result-parameters.ts'
import type { Route } from './route.ts'
import { answerSearch } from './searchset.ts'
import { readView } from './view.ts'

export const DEFAULT_COUNT = 20
export const MAX_COUNT = 1000

/** @throws FhirError `invalid-search`, `not-found`, `expired`, `too-costly` */
export async function search(asked: Exchange): Promise<RestResponse> {
  const { request, route, context } = asked
  const pairs = [...readPairs(request.query), ...formPairs(request)]
  const exchange = keepingApart(asked, pairs)
  const view = readView(pairs, viewedType(route), context.definitions)
  const parsed = await parse(exchange, pairs)
  if (view.kind === 'text' && parsed.query.includes.length > 0)
    throw new FhirError('invalid-search', '_summary=text cannot be combined with _include or _revinclude.')
  const path = [route.type, route.id, route.other].filter((part) => part !== '').join('/')
  const used: readonly Pair[] = [...parsed.used, ...pairs.filter(([name]) => isShaping(name))]
  return answerSearch(exchange, { path, query: parsed.query, pairs, used, view, contained: parsed.contained })
}

/** Faults in the query, without searching: transactions ask this of their GET entries before they write. */
export async function checkSearch(exchange: Exchange): Promise<void> {
  const { request, route, context } = exchange
  const pairs = [...readPairs(request.query), ...formPairs(request)]
  readView(pairs, viewedType(route), context.definitions)
  await parse(keepingApart(exchange, pairs), pairs)
}

/** A compartment is searched as if the notes that the law keeps apart were not there, but those that `_security` names. */
function keepingApart(exchange: Exchange, pairs: readonly Pair[]): Exchange {
  if (exchange.route.other === '') return exchange
  const asked = labelsNamed(pairs.filter(([name]) => name === '_security').map(([, value]) => value))
  return { ...exchange, repository: exchange.repository.leavingOut(labelsKeptApart(asked)) }
}

function parse(
  { request, route, repository, context }: Exchange,
  pairs: readonly Pair[],
): Promise<ParsedSearch> {
  return context.search.parse(
    scopeOf(route),
    pairs.filter(([name]) => !isShaping(name) && name !== '_cursor'),
    {
      handling: readPrefer(request.headers.prefer).handling,
      defaultCount: DEFAULT_COUNT,
      maxCount: MAX_COUNT,
    },
    repository.lookup,
  )
}

function scopeOf({ type, id, other }: Route): SearchScope {
  if (other !== '') return { kind: 'compartment', compartment: compartmentOf(type), id, type: other }
  return type === '' ? { kind: 'system' } : { kind: 'type', type }
}

/** The type whose elements `_elements` may name; '' when several may come. */
function viewedType({ type, other }: Route): string {
  if (other === '') return type
  return other === '*' ? '' : other
}

/** @throws FhirError `unsupported-media-type` */
function formPairs({ method, body }: RestRequest): readonly Pair[] {
  if (method !== 'POST' || body === undefined) return []
  if (body.kind === 'form') return readPairs(body.text)
  throw new FhirError(
    'unsupported-media-type',
    'The parameters of _search are sent as application/x-www-form-urlencoded.',
  )
}
