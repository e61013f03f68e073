// Takes back what was made from a response that turned out to be no answer, and brings it back when it was one after all.
import { isJsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { isExplained, isPutAway } from './dismissal.ts'

/** On a Flag or Task that was taken back: its status before. */
export const STATUS_BEFORE_WITHDRAWAL =
  'https://alcove.health/fhir/StructureDefinition/status-before-withdrawal'

const WITHDRAWN = 'entered-in-error'

/** undefined when it is taken back already. */
export function withdrawn(resource: Resource): Resource | undefined {
  const { status } = resource
  if (status === WITHDRAWN) return undefined
  if (resource.resourceType === 'Observation' || typeof status !== 'string')
    return { ...resource, status: WITHDRAWN }
  const extension = [...otherExtensions(resource), { url: STATUS_BEFORE_WITHDRAWAL, valueCode: status }]
  return { ...resource, status: WITHDRAWN, extension }
}

/**
 * A Flag or Task as it was before it was taken back; undefined when it was not, which is also for what somebody has said
 * to be an error with a reason.
 */
export function broughtBack(resource: Resource): Resource | undefined {
  if (resource['status'] !== WITHDRAWN) return undefined
  const before = statusBefore(resource)
  if (before === undefined && isExplained(resource)) return undefined
  const { extension: _extension, ...rest } = resource
  const others = otherExtensions(resource)
  const restored: Resource = {
    ...rest,
    resourceType: resource.resourceType,
    ...(others.length === 0 ? {} : { extension: others }),
    status: before ?? null,
  }
  const isOpen = before === undefined || (isPutAway(restored) && !isExplained(restored))
  return isOpen
    ? { ...restored, status: resource.resourceType === 'Flag' ? 'active' : 'requested' }
    : restored
}

function statusBefore(resource: Resource): string | undefined {
  const found = extensionsOf(resource).find(isStatusBefore)
  const code = isJsonObject(found) ? found['valueCode'] : undefined
  return typeof code === 'string' && code !== WITHDRAWN ? code : undefined
}

function otherExtensions(resource: Resource): JsonValue[] {
  return extensionsOf(resource).filter((it) => !isStatusBefore(it))
}

function isStatusBefore(extension: JsonValue): boolean {
  return isJsonObject(extension) && extension['url'] === STATUS_BEFORE_WITHDRAWAL
}

function extensionsOf({ extension }: Resource): readonly JsonValue[] {
  return Array.isArray(extension) ? extension : []
}
