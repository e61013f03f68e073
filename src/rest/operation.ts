// An operation over HTTP (https://hl7.org/fhir/R4/operations.html#executing).
import { createHash } from 'node:crypto'
import { isJsonObject, type Resource } from '../fhir/index.ts'
import type { Operation, OperationAnswer } from '../operations/index.ts'
import type { Exchange } from './context.ts'
import { operationBody } from './operation-body.ts'
import { hasTag } from './preconditions.ts'
import { readPrefer } from './prefer.ts'
import { cursorOf, readPairs, type Pair } from './query-string.ts'
import { resourceBytes, versionUrl, type RestResponse } from './response.ts'
import { isShaping } from './result-parameters.ts'
import { MAX_COUNT } from './search.ts'
import { answerMatches, answerSearch } from './searchset.ts'
import { readView, viewBytes } from './view.ts'

/** @throws FhirError as the operation does */
export async function operation(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository, context } = exchange
  const { definitions, search, assessments, instruments, billing } = context
  const { name, run } = route.operation as Operation
  const sent = operationBody(
    request,
    route.operation as Operation,
    route.type,
    levelOf(exchange),
    definitions,
  )
  const pairs = [...readPairs(request.query), ...sent.pairs]
  const view = readView(pairs, '', definitions)
  const answer = await run({
    repository,
    search,
    definitions,
    assessments,
    instruments,
    billing,
    method: request.method,
    type: route.type,
    id: route.id,
    resource: sent.resource,
    parts: sent.parts,
    structures: sent.structures,
    x12: sent.x12,
    pairs: pairs.filter(([known]) => !isShaping(known) && known !== '_cursor'),
    handling: readPrefer(request.headers.prefer).handling,
    mediaType: request.mediaType,
    paging: cursorOf(pairs) !== undefined,
    maxCount: MAX_COUNT,
    now: context.now(),
  })
  if (answer.kind === 'resource')
    return {
      ...(answer.created === true
        ? { status: 201, location: locationOf(answer.resource, context.baseUrl) }
        : { status: 200 }),
      body: viewBytes(resourceBytes(answer.resource), view, definitions),
      bodyKind: 'resource',
    }
  if (answer.kind === 'bytes') return bytesAnswer(exchange, answer)
  const path = `${route.type}/${route.id === '' ? '' : `${route.id}/`}$${name}`
  const used: readonly Pair[] = [...answer.used, ...pairs.filter(([known]) => isShaping(known))]
  if (answer.kind === 'resources') return answerMatches(exchange, { path, used, view }, answer.versions)
  const narrowed = { ...exchange, repository: repository.leavingOut(answer.leavingOut) }
  return answerSearch(narrowed, { path, query: answer.query, pairs, used, view })
}

/** @param resource as it is stored */
function locationOf({ resourceType, id, meta }: Resource, baseUrl: string): string {
  const versionId = isJsonObject(meta) ? Number(meta['versionId']) : 1
  return versionUrl(baseUrl, { type: resourceType, id: String(id), versionId })
}

/** With an ETag of what it says, since no version stands behind it. */
function bytesAnswer(
  { request }: Exchange,
  { mediaType, body }: Extract<OperationAnswer, { kind: 'bytes' }>,
): RestResponse {
  const tag = createHash('sha256').update(body).digest('base64url')
  const etag = `W/"${tag}"`
  const { ifNoneMatch } = request.headers
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && ifNoneMatch !== undefined && hasTag(ifNoneMatch, tag))
    return { status: 304, etag, body: undefined }
  return { status: 200, etag, body, mediaType }
}

function levelOf({ route }: Exchange): 'system' | 'type' | 'instance' {
  if (route.id !== '') return 'instance'
  return route.type === '' ? 'system' : 'type'
}
