// A resource as it will be stored: id and meta first, version and time left open for the write turn.
import { writeJson, type JsonObject, type Resource } from '../fhir/index.ts'
import type { BodyTemplate } from '../store/index.ts'

/** What the client said of version and time is dropped: both are the server's to say (https://hl7.org/fhir/R4/resource.html#Meta). */
export function bodyTemplate(resource: Resource, id: string): BodyTemplate {
  const { resourceType, id: _id, meta, ...rest } = resource
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...metaRest } = (meta ?? {}) as JsonObject

  const head = `{"resourceType":"${resourceType}","id":"${id}","meta":{"versionId":"`
  const middle = '","lastUpdated":"'
  const tail = `"${continued(metaRest)}${continued(rest)}`
  return {
    bytes: Buffer.from(head + middle + tail),
    versionAt: head.length,
    lastUpdatedAt: head.length + middle.length,
  }
}

/** The rest of an object that is already open: `,"a":1}` or, when nothing is left, `}`. */
function continued(rest: JsonObject): string {
  const text = writeJson(rest)
  return text === '{}' ? '}' : `,${text.slice(1)}`
}
