// read and vread, conditional too (https://hl7.org/fhir/R4/http.html#read, #vread, #cread).
import { isNotModified } from './preconditions.ts'
import { readPairs } from './query-string.ts'
import { etagOf, type RestResponse } from './response.ts'
import type { Exchange } from './context.ts'
import { readView, viewBytes, WHOLE } from './view.ts'
import { refuseUnknownParameters } from './result-parameters.ts'
import type { StoredVersion } from '../store/index.ts'

/** @throws FhirError `not-found`, `deleted`, `invalid-search` */
export function read(exchange: Exchange): RestResponse | Promise<RestResponse> {
  const { repository, route } = exchange
  const atHand = repository.atHand(route.type, route.id)
  if (atHand !== undefined) return answer(exchange, atHand)
  return repository.read(route.type, route.id).then((version) => answer(exchange, version))
}

/** @throws FhirError `not-found`, `deleted`, `invalid-search` */
export function vread(exchange: Exchange): RestResponse | Promise<RestResponse> {
  const { repository, route } = exchange
  const atHand = repository.atHand(route.type, route.id, route.vid)
  if (atHand !== undefined) return answer(exchange, atHand)
  return repository.readVersion(route.type, route.id, route.vid).then((version) => answer(exchange, version))
}

function answer({ request, context, route }: Exchange, version: StoredVersion): RestResponse {
  let view = WHOLE
  if (request.query !== '') {
    const pairs = readPairs(request.query)
    refuseUnknownParameters(pairs, request.headers.prefer)
    view = readView(pairs, route.type, context.definitions)
  }
  const etag = etagOf(version.versionId)
  const lastModified = version.lastUpdated
  if (isNotModified(request.headers, version)) return { status: 304, etag, lastModified, body: undefined }
  const body = viewBytes(version.body as Buffer, view, context.definitions)
  return { status: 200, etag, lastModified, body, bodyKind: 'resource' }
}
