// Answers as they were before the server put labels into them that it had found.
import { isJsonObject, type JsonObject } from '../src/fhir/index.ts'

/**
 * Without the codings in `meta.security` that the server says are its own: a system, a code, `userSelected` false, and
 * nothing else. What somebody sent stays, and so does an empty array, which no answer may hold.
 */
export function withoutFoundLabels(resource: JsonObject): JsonObject {
  const { meta } = resource
  if (!isJsonObject(meta) || !Array.isArray(meta['security'])) return resource
  const sent = meta['security'].filter((coding) => !isFound(coding))
  if (sent.length === meta['security'].length) return resource
  const { security: _security, ...rest } = meta
  if (sent.length > 0) return { ...resource, meta: { ...rest, security: sent } }
  if (Object.keys(rest).length > 0) return { ...resource, meta: rest }
  const { meta: _meta, ...others } = resource
  return others
}

function isFound(coding: unknown): boolean {
  if (!isJsonObject(coding as JsonObject)) return false
  const { system, code, userSelected, ...more } = coding as JsonObject
  return (
    typeof system === 'string' &&
    typeof code === 'string' &&
    userSelected === false &&
    Object.keys(more).length === 0
  )
}
