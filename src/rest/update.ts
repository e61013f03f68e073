// update and update-as-create, conditional too (https://hl7.org/fhir/R4/http.html#update, #cond-update).
import { FhirError } from '../fhir/index.ts'
import type { Target, UpdateRequest } from '../repository/index.ts'
import { resourceBody, textOfBody } from './body.ts'
import type { Exchange } from './context.ts'
import { readIfMatch, readIfNoneMatchOfUpdate } from './preconditions.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import type { Route } from './route.ts'
import { targetOf } from './target.ts'
import { answerView, answerWrite } from './written.ts'

export async function update(exchange: Exchange): Promise<RestResponse> {
  const { request, route, repository } = exchange
  answerView(exchange)
  return answerWrite(exchange, await repository.write(updateRequest(request, route)))
}

/** @throws FhirError `malformed`, `invalid`, ... */
export function updateRequest(request: RestRequest, route: Route): UpdateRequest {
  const target = targetOf(request, route)
  const resource = resourceBody(request, route.type)
  requireSameId(target, resource.id)
  return {
    kind: 'update',
    target,
    resource,
    text: textOfBody(request),
    ifMatch: readIfMatch(request.headers.ifMatch),
    ifNoneMatch: readIfNoneMatchOfUpdate(request.headers.ifNoneMatch),
  }
}

function requireSameId(target: Target, sent: unknown): void {
  if (!('id' in target) || sent === target.id) return
  throw new FhirError('invalid', [
    {
      severity: 'error',
      code: sent === undefined ? 'required' : 'value',
      diagnostics: `The resource must have the id of the URL, "${target.id}"; it has ${sent === undefined ? 'none' : 'another'}.`,
      expression: `${target.type}.id`,
    },
  ])
}
