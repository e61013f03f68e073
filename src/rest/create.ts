// create, conditional too (https://hl7.org/fhir/R4/http.html#create, #ccreate).
import type { CreateRequest } from '../repository/index.ts'
import { resourceBody, textOfBody } from './body.ts'
import type { Exchange } from './context.ts'
import { readPairs } from './query-string.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { criteriaOf, refuseUnknownParameters } from './result-parameters.ts'
import { answerView, answerWrite } from './written.ts'

export async function create(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository } = exchange
  answerView(exchange)
  return answerWrite(exchange, await repository.write(createRequest(request, route.type)))
}

/** An id that the client sent is passed over: the server assigns one. @throws FhirError `malformed`, `invalid`, ... */
export function createRequest(request: RestRequest, type: string): CreateRequest {
  refuseUnknownParameters(readPairs(request.query), request.headers.prefer)
  const { ifNoneExist } = request.headers
  const criteria = ifNoneExist === undefined ? undefined : criteriaIn(ifNoneExist, type)
  return {
    kind: 'create',
    type,
    resource: resourceBody(request, type),
    text: textOfBody(request),
    ifNoneExist: criteria,
  }
}

/** R4 wants what stands behind the `?`; some clients send the whole URL of the search, with the format they read. */
function criteriaIn(ifNoneExist: string, type: string): string {
  const url = new RegExp(`^(?:https?://[^?]*/${type}|/?(?:${type})?)\\?`)
  return criteriaOf(ifNoneExist.trim().replace(url, ''))
}
