// delete, conditional too (https://hl7.org/fhir/R4/http.html#delete). Deleting nothing is no error.
import type { DeleteRequest } from '../repository/index.ts'
import type { Exchange } from './context.ts'
import { readIfMatch } from './preconditions.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import type { Route } from './route.ts'
import { targetOf } from './target.ts'
import { answerView, answerWrite } from './written.ts'

export async function remove(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository } = exchange
  answerView(exchange)
  return answerWrite(exchange, await repository.write(deleteRequest(request, route)))
}

/** @throws FhirError `malformed`, `invalid-search` */
export function deleteRequest(request: RestRequest, route: Route): DeleteRequest {
  return { kind: 'delete', target: targetOf(request, route), ifMatch: readIfMatch(request.headers.ifMatch) }
}
