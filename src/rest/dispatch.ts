// Every FHIR request, from HTTP or from an entry of a batch, goes through here to its interaction.
import type { Repository } from '../repository/index.ts'
import { batch } from './batch.ts'
import { capabilities } from './capability.ts'
import type { Exchange, RestContext } from './context.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { history } from './history.ts'
import type { InteractionName } from './interactions.ts'
import { operation } from './operation.ts'
import { patch } from './patch.ts'
import { read, vread } from './read.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { findRoute, type Route } from './route.ts'
import { search } from './search.ts'
import { update } from './update.ts'

type Handler = (exchange: Exchange) => RestResponse | Promise<RestResponse>

/** `findRoute` lets through only what is offered. */
const HANDLERS = {
  capabilities,
  batch,
  'history-system': history,
  'history-type': history,
  'history-instance': history,
  'search-type': search,
  'search-type-post': search,
  'search-system': search,
  'search-system-post': search,
  'search-compartment': search,
  'search-compartment-post': search,
  'operation-system': operation,
  'operation-type': operation,
  'operation-instance': operation,
  create,
  update,
  'conditional-update': update,
  patch,
  'conditional-patch': patch,
  delete: remove,
  'conditional-delete': remove,
  read,
  vread,
} as const satisfies Record<InteractionName, Handler>

/** @throws FhirError as the interaction does, or as `findRoute` */
export function dispatch(
  request: RestRequest,
  repository: Repository,
  context: RestContext,
): RestResponse | Promise<RestResponse> {
  return perform(
    request,
    findRoute(request.method, request.segments, context.definitions),
    repository,
    context,
  )
}

/** For a caller that has found the route already. What needs no waiting is answered, or thrown, at once. */
export function perform(
  request: RestRequest,
  route: Route,
  repository: Repository,
  context: RestContext,
): RestResponse | Promise<RestResponse> {
  const handler: Handler = HANDLERS[route.name]
  return handler({
    request,
    route,
    repository,
    context,
    dispatch: (inner) => dispatch(inner, repository, context),
  })
}
