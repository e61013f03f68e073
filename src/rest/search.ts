// search of one type, by GET and by POST _search (https://hl7.org/fhir/R4/http.html#search).
import { FhirError } from '../fhir/index.ts'
import type { ParsedSearch } from '../search/index.ts'
import type { StoredVersion } from '../store/index.ts'
import { bundleBytes, pageLinks, type BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import { readPrefer } from './prefer.ts'
import { readPairs, writePairs, type Pair } from './query-string.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { isShaping } from './result-parameters.ts'
import { readView, viewBytes, WHOLE } from './view.ts'

export const DEFAULT_COUNT = 20
export const MAX_COUNT = 1000

/** @throws FhirError `invalid-search` */
export async function search(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository, context } = exchange
  const { definitions, baseUrl } = context
  const pairs = [...readPairs(request.query), ...formPairs(request)]
  const view = readView(pairs, route.type, definitions)
  const parsed = await parse(exchange, pairs)
  if (view.kind === 'text' && parsed.query.includes.length > 0)
    throw new FhirError('invalid-search', '_summary=text cannot be combined with _include.')

  const used: readonly Pair[] = [...parsed.used, ...pairs.filter(([name]) => isShaping(name))]
  const scope = `${repository.principal.name}\n${route.type}?${writePairs(used)}`
  const cursor = cursorOf(pairs)
  const after = cursor === undefined ? undefined : context.pageLinks.open(scope, cursor)
  const page = await repository.search(
    view.kind === 'count'
      ? { ...parsed.query, count: 0, total: 'accurate', includes: [], cursor: undefined }
      : { ...parsed.query, cursor: after },
  )

  const whole = page.next === undefined && after === undefined && parsed.query.count > 0
  const next = page.next === undefined ? undefined : context.pageLinks.seal(scope, page.next)
  const entry = (version: StoredVersion, mode: 'match' | 'include'): BundleEntry => ({
    fullUrl: `${baseUrl}/${version.type}/${version.id}`,
    // The list of _elements does not apply to included resources.
    resource: viewBytes(
      version.body as Buffer,
      mode === 'include' && view.kind === 'elements' ? WHOLE : view,
      definitions,
    ),
    search: { mode },
  })
  return {
    status: 200,
    body: bundleBytes(
      {
        type: 'searchset',
        timestamp: context.now(),
        total: page.total ?? (whole && view.kind !== 'count' ? page.matches.length : undefined),
        links:
          pageLinks(`${baseUrl}/${route.type}`, used, cursor, view.kind === 'count' ? undefined : next) ?? [],
      },
      view.kind === 'count'
        ? []
        : [
            ...page.matches.map((version) => entry(version, 'match')),
            ...page.included.map((version) => entry(version, 'include')),
          ],
    ),
    bodyKind: 'resource',
  }
}

/** Faults in the query, without searching: transactions ask this of their GET entries before they write. */
export async function checkSearch(exchange: Exchange): Promise<void> {
  const pairs = readPairs(exchange.request.query)
  readView(pairs, exchange.route.type, exchange.context.definitions)
  await parse(exchange, pairs)
}

function parse(
  { request, route, repository, context }: Exchange,
  pairs: readonly Pair[],
): Promise<ParsedSearch> {
  return context.search.parse(
    { kind: 'type', type: route.type },
    pairs.filter(([name]) => !isShaping(name) && name !== '_cursor'),
    {
      handling: readPrefer(request.headers.prefer).handling,
      defaultCount: DEFAULT_COUNT,
      maxCount: MAX_COUNT,
    },
    repository.lookup,
  )
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
