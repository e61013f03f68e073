// The labels that a resource gives to what is made with its help.
import { taken } from '../../access/index.ts'
import { isJsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'

/** Those of a stored resource that say that it is sensitive. */
export function labelsGivenBy({ meta }: Resource): readonly SecurityLabel[] {
  const security = isJsonObject(meta) ? meta['security'] : undefined
  return Array.isArray(security) ? taken('inherits', security.flatMap(labelOf)) : []
}

function labelOf(coding: JsonValue): readonly SecurityLabel[] {
  if (!isJsonObject(coding)) return []
  const { system, code } = coding
  return typeof system === 'string' && typeof code === 'string' ? [{ system, code }] : []
}
