// patch, conditional too (https://hl7.org/fhir/R4/http.html#patch).
import type { PatchRequest } from '../repository/index.ts'
import { patchBody } from './body.ts'
import type { Exchange } from './context.ts'
import { readIfMatch } from './preconditions.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import type { Route } from './route.ts'
import { targetOf } from './target.ts'
import { answerView, answerWrite } from './written.ts'

export async function patch(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository } = exchange
  answerView(exchange)
  return answerWrite(exchange, await repository.write(patchRequest(request, route)))
}

/** @throws FhirError `malformed`, `unsupported-media-type`, ... */
export function patchRequest(request: RestRequest, route: Route): PatchRequest {
  const target = targetOf(request, route)
  return { kind: 'patch', target, patch: patchBody(request), ifMatch: readIfMatch(request.headers.ifMatch) }
}
