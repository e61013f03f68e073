// An entry of the transaction that stores what was extracted (https://hl7.org/fhir/uv/sdc/extraction.html).
import { createHash } from 'node:crypto'
import { ID_PATTERN, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import { extensionsOf, textOf } from './elements.ts'

/** Texts that an extension computes for an entry, by SDC's names. */
export type EntryDetails = Readonly<Partial<Record<DetailName, string>>>
type DetailName = (typeof DETAILS)[number]

const DETAILS = ['fullUrl', 'resourceId', 'ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifNoneExist'] as const

/** `evaluate` is handed each FHIRPath that the extension holds. */
export function readDetails(
  extension: JsonObject | undefined,
  evaluate: (expression: string) => readonly JsonValue[],
): EntryDetails {
  const details: Partial<Record<DetailName, string>> = {}
  for (const name of DETAILS) {
    const [part] = extensionsOf(extension, name)
    const expression = textOf(part?.valueString)
    const value = expression === undefined ? undefined : textOf(evaluate(expression)[0])
    if (value !== undefined && value !== '') details[name] = value
  }
  return details
}

/** A resource that has an id is updated, another is created. */
export function entryOf(resource: Resource, details: EntryDetails, urn: string): JsonObject {
  const { fullUrl, ifNoneMatch, ifModifiedSince, ifMatch, ifNoneExist } = details
  const id = textOf(resource.id)
  const isUpdate = id !== undefined && ID_PATTERN.test(id)
  return {
    fullUrl: fullUrl ?? urn,
    resource,
    request: {
      method: isUpdate ? 'PUT' : 'POST',
      url: isUpdate ? `${resource.resourceType}/${id}` : resource.resourceType,
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
      ...(ifModifiedSince === undefined ? {} : { ifModifiedSince }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
    },
  }
}

/** Makes the same names in the same order from the same seed, so that one response is extracted alike each time. */
export function urnSource(seed: string): () => string {
  let count = 0
  return () => {
    count += 1
    const hash = createHash('sha256').update(`${seed} ${count}`).digest('hex')
    // Version 8: a name that is made by no public rule (RFC 9562).
    const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16)
    return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`
  }
}
