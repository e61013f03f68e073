// Which item of a Claim each service of a payer's answer is about.
import type { JsonObject } from '../../../fhir/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../../elements.ts'
import { SYSTEMS } from '../../systems.ts'
import type { DecidedService } from './answer.ts'
import { extensionIdentifier } from './pas.ts'

export interface Matches {
  readonly matched: ReadonlyMap<JsonObject, DecidedService>
  /** Those that are about none. */
  readonly rest: readonly DecidedService[]
}

/**
 * By the trace number of the item; else in their order, when there are as many services as items and no code differs;
 * else by code and modifiers, each item once.
 */
export function matchServices(services: readonly DecidedService[], items: readonly JsonObject[]): Matches {
  const matched = new Map<JsonObject, DecidedService>()
  const byTrace = new Map(items.flatMap((item) => traceOf(item).map((trace) => [trace, item] as const)))
  const untraced = services.filter((service) => {
    const item = service.traces.map(({ number }) => byTrace.get(number)).find((one) => one !== undefined)
    if (item === undefined || matched.has(item)) return true
    matched.set(item, service)
    return false
  })
  const open = items.filter((item) => !matched.has(item))
  if (untraced.length === open.length && untraced.every((one, at) => isLike(one, open[at] as JsonObject))) {
    for (const [at, service] of untraced.entries()) matched.set(open[at] as JsonObject, service)
    return { matched, rest: [] }
  }
  const rest = untraced.filter((service) => {
    const item = open.find((one) => !matched.has(one) && service.code !== undefined && isLike(service, one))
    if (item === undefined) return true
    matched.set(item, service)
    return false
  })
  return { matched, rest }
}

function traceOf(item: JsonObject): readonly string[] {
  const number = textAt(extensionIdentifier(item, 'traceNumber'), 'value')
  return number === undefined ? [] : [number]
}

/** What the service tells of its codes is what the item has. */
function isLike({ code, modifiers, revenue }: DecidedService, item: JsonObject): boolean {
  const own = codeIn(objectAt(item, 'productOrService'), SYSTEMS.cpt, SYSTEMS.hcpcs)
  const ownRevenue = codeIn(objectAt(item, 'revenue'), SYSTEMS.revenue)
  const ownModifiers = objectsAt(item, 'modifier').map((one) => codeIn(one))
  return (
    (code === undefined || code === own) &&
    (revenue === undefined || revenue === ownRevenue?.padStart(4, '0')) &&
    (modifiers.length === 0 || modifiers.join() === ownModifiers.join())
  )
}
