// A resource as it will be stored: id and meta first, version and time left open for the write turn.
import { writeJson, type JsonObject, type Resource } from '../fhir/index.ts'
import type { BodyTemplate } from '../store/index.ts'

/** A resource as it was sent, and its JSON as `writeJson` would write it. */
export interface SentText {
  readonly resource: Resource
  readonly text: string
}

/**
 * What the client said of version and time is dropped: both are the server's to say (https://hl7.org/fhir/R4/resource.html#Meta).
 * @param sent what says the same but for id and meta, so that the rest need not be written anew
 */
export function bodyTemplate(resource: Resource, id: string, sent?: SentText): BodyTemplate {
  const head = `{"resourceType":"${resource.resourceType}","id":"${id}","meta":{"versionId":"`
  const middle = '","lastUpdated":"'
  const tail = `"${restOfMeta(resource)}${(sent && textBehindMeta(sent)) ?? rest(resource)}`
  return {
    bytes: Buffer.from(head + middle + tail),
    versionAt: head.length,
    lastUpdatedAt: head.length + middle.length,
  }
}

/** What stands in the text behind type, id and meta; undefined unless these come first. */
function textBehindMeta({ resource: { resourceType, id, meta }, text }: SentText): string | undefined {
  // What would be written otherwise than it reads does not stand in the text so.
  let head = `{"resourceType":"${resourceType}"`
  if (id !== undefined) head += `,"id":"${String(id)}"`
  if (meta !== undefined) head += `,"meta":${writeJson(meta)}`
  return text.startsWith(head) ? text.slice(head.length) : undefined
}

function restOfMeta({ meta }: Resource): string {
  if (meta === undefined) return '}'
  return continued(writeJson({ ...(meta as JsonObject), versionId: undefined, lastUpdated: undefined }))
}

/** What is undefined is not written; to leave properties out of a copy takes the engine many times as long. */
function rest(resource: JsonObject): string {
  return continued(writeJson({ ...resource, resourceType: undefined, id: undefined, meta: undefined }))
}

/** The rest of an object that is already open: `,"a":1}` or, when nothing is left, `}`. */
function continued(text: string): string {
  return text === '{}' ? '}' : `,${text.slice(1)}`
}
