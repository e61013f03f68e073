// How a write is answered (https://hl7.org/fhir/R4/http.html#ops): status, where it is, and as much as Prefer asks.
import { operationOutcome, type Issue } from '../fhir/index.ts'
import type { WriteOutcome } from '../repository/index.ts'
import type { Exchange } from './context.ts'
import { readPrefer } from './prefer.ts'
import { readPairs } from './query-string.ts'
import { etagOf, resourceBytes, versionUrl, type RestResponse } from './response.ts'
import { readView, viewBytes, WHOLE, type View } from './view.ts'

const DONE = {
  created: 'The resource was created.',
  updated: 'The resource was updated.',
  unchanged: 'The content is that of the current version: no new version was made.',
  existing: 'A resource that meets the criteria exists already: nothing was created.',
  deleted: 'The resource was deleted.',
  absent: 'There was nothing to delete.',
} as const satisfies Record<WriteOutcome['outcome'], string>

/** Status and headers, as HTTP and the entries of a transaction-response share them. */
export function answerWrite(exchange: Exchange, outcome: WriteOutcome): RestResponse {
  const { context, request } = exchange
  const preference = readPrefer(request.headers.prefer).return
  const isDelete = outcome.outcome === 'deleted' || outcome.outcome === 'absent'
  if (preference === 'OperationOutcome')
    return { ...headersOf(outcome, context.baseUrl, isDelete ? 200 : undefined), ...outcomeBody(outcome) }
  const headers = headersOf(outcome, context.baseUrl)
  const { version } = outcome
  const stored = preference === 'minimal' ? undefined : version?.body
  if (version === undefined || stored === undefined) return { ...headers, body: undefined }
  return {
    ...headers,
    contentLocation: versionUrl(context.baseUrl, version),
    body: viewBytes(stored, answerView(exchange), context.definitions),
    bodyKind: 'resource',
  }
}

/**
 * What of the resource the answer to a write shows. Asked for before the write, for afterwards it is too late to refuse.
 * @throws FhirError `invalid-search`
 */
export function answerView({
  request: { query },
  route,
  context,
}: Pick<Exchange, 'request' | 'route' | 'context'>): View {
  return query === '' ? WHOLE : readView(readPairs(query), route.type, context.definitions)
}

/** The outcome as an OperationOutcome: what was done, and every warning that came with it. */
export function outcomeBody({ outcome, warnings }: WriteOutcome): Pick<RestResponse, 'body' | 'bodyKind'> {
  const done: Issue = { severity: 'information', code: 'informational', diagnostics: DONE[outcome] }
  return { body: resourceBytes(operationOutcome([done, ...warnings])), bodyKind: 'outcome' }
}

function headersOf(
  { outcome, version }: WriteOutcome,
  baseUrl: string,
  deleteStatus = 204,
): Omit<RestResponse, 'body'> {
  if (version === undefined) return { status: deleteStatus }
  const etag = etagOf(version.versionId)
  if (version.change === 'delete') return { status: deleteStatus, etag }
  return {
    status: outcome === 'created' ? 201 : 200,
    etag,
    lastModified: version.lastUpdated,
    location: versionUrl(baseUrl, version),
  }
}
