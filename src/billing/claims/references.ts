// Following references of a visit to what the caller may see.
import { type JsonObject, parseReference, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { textAt } from '../elements.ts'

/** `Type/id` of a resource of this server; undefined for any other reference. */
export function localKeyOf(
  reference: JsonObject | undefined,
  baseUrl: string | undefined,
): string | undefined {
  const text = textAt(reference, 'reference')
  if (text === undefined) return undefined
  const parsed = parseReference(text, baseUrl)
  return parsed.kind === 'local' ? `${parsed.type}/${parsed.id}` : undefined
}

/** The id of a resource of this type of this server; undefined for any other reference. */
export function localIdOf(
  reference: JsonObject | undefined,
  type: string,
  baseUrl: string | undefined,
): string | undefined {
  const [found, id] = localKeyOf(reference, baseUrl)?.split('/') ?? []
  return found === type ? id : undefined
}

/** What is referred to, where it is of one of these types and the caller may see it. */
export async function referenced(
  view: WorldView,
  reference: JsonObject | undefined,
  baseUrl: string,
  types: readonly string[],
): Promise<KnownVersion | undefined> {
  const key = localKeyOf(reference, baseUrl)
  const [type = '', id = ''] = key?.split('/') ?? []
  return types.includes(type) ? view.read(type, id) : undefined
}

export function keyOfResource({ resourceType, id }: Resource): string {
  return `${resourceType}/${String(id)}`
}

/** `Type/id/_history/version` of what is stored, or going to be; without the version where that is not known. */
export function versionKeyOf({ resource, versionId, becomes }: KnownVersion): string {
  const version = versionId > 0 ? versionId : becomes
  return `${keyOfResource(resource)}${version === undefined ? '' : `/_history/${version}`}`
}
