// history of an instance, a type and everything (https://hl7.org/fhir/R4/http.html#history).
import { FhirError, isInstant, parseDateRange } from '../fhir/index.ts'
import type { HistoryQuery, StoredVersion } from '../store/index.ts'
import { bundleBytes, pageLinks, type BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import { pageScope } from './page-links.ts'
import { cursorOf, readPairs, type Pair } from './query-string.ts'
import { etagOf, type RestResponse } from './response.ts'
import { isShaping, refuseUnknownParameters } from './result-parameters.ts'
import { DEFAULT_COUNT, MAX_COUNT } from './search.ts'
import { readView, viewBytes } from './view.ts'

const PARAMETERS = new Set(['_since', '_at', '_count', '_cursor'])

/** @throws FhirError `not-found`, `invalid-search` */
export async function history(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository, context } = exchange
  const { definitions, baseUrl } = context
  const pairs = readPairs(request.query)
  refuseUnknownParameters(pairs, request.headers.prefer, PARAMETERS)
  const view = readView(pairs, route.type, definitions)
  const scope = scopeOf(exchange)
  const { since, at, count } = readLimits(pairs)

  const path = [route.type, route.id, '_history'].filter((part) => part !== '').join('/')
  const used = pairs.filter(([name]) => name !== '_cursor' && (PARAMETERS.has(name) || isShaping(name)))
  const sealed = pageScope(repository.principal.name, path, used)
  const cursor = cursorOf(pairs)
  const after = cursor === undefined ? undefined : context.pageLinks.open(sealed, cursor)
  const page = await repository.history({ scope, since, at, count: view.kind === 'count' ? 0 : count, after })
  const complete = page.next === undefined && after === undefined && count > 0 && view.kind !== 'count'
  const next =
    page.next === undefined || view.kind === 'count' ? undefined : context.pageLinks.seal(sealed, page.next)

  return {
    status: 200,
    body: bundleBytes(
      {
        type: 'history',
        timestamp: context.now(),
        total: page.total ?? (complete ? page.versions.length : undefined),
        links: pageLinks(`${baseUrl}/${path}`, used, { self: cursor, next }),
      },
      page.versions.map((version) =>
        entryOf(
          version,
          baseUrl,
          version.body === undefined ? undefined : viewBytes(version.body, view, definitions),
        ),
      ),
    ),
    ownsBody: true,
    bodyKind: 'resource',
  }
}

function scopeOf({ route: { type, id } }: Exchange): HistoryQuery['scope'] {
  if (id !== '') return { kind: 'instance', type, id }
  return type === '' ? { kind: 'system' } : { kind: 'type', type }
}

function entryOf(version: StoredVersion, baseUrl: string, resource: Buffer | undefined): BundleEntry {
  const { type, id, versionId, lastUpdated, change, method } = version
  const place = `${type}/${id}`
  return {
    fullUrl: { base: baseUrl, type, id },
    resource,
    request: { method, url: method === 'POST' ? type : place },
    response: {
      status: change === 'delete' ? '204' : change === 'create' ? '201' : '200',
      etag: etagOf(versionId),
      lastModified: lastUpdated,
    },
  }
}

function readLimits(pairs: readonly Pair[]): Pick<HistoryQuery, 'since' | 'at' | 'count'> {
  const since = single(pairs, '_since')
  if (since !== undefined && !isInstant(since))
    throw invalid('_since', 'it must be an instant, such as 2026-01-31T08:00:00Z')
  const atText = single(pairs, '_at')
  const at = atText === undefined ? undefined : parseDateRange(atText)
  if (atText !== undefined && at === undefined)
    throw invalid('_at', 'it must be a date or a time, such as 2026-01-31 or 2026-01-31T08:00:00Z')
  const count = single(pairs, '_count')
  if (count !== undefined && !/^\d{1,9}$/.test(count))
    throw invalid('_count', 'it must be a whole number, 0 or more')
  return {
    since: since === undefined ? undefined : parseDateRange(since)?.low,
    at,
    count: count === undefined ? DEFAULT_COUNT : Math.min(Number(count), MAX_COUNT),
  }
}

function single(pairs: readonly Pair[], name: string): string | undefined {
  const values = pairs.filter((pair) => pair[0] === name)
  if (values.length > 1) throw invalid(name, 'it stands more than once')
  return values[0]?.[1]
}

function invalid(parameter: string, rule: string): FhirError {
  return new FhirError('invalid-search', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: `${parameter} cannot be read: ${rule}. (A + in a query must be escaped as %2B.)`,
      expression: `http.${parameter}`,
    },
  ])
}
