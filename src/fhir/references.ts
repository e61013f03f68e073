// What a reference points to (https://hl7.org/fhir/R4/references.html): read from its text.
import { ID_PATTERN } from './resource.ts'

export type ParsedReference =
  /** A resource of this server, by its relative URL or an absolute one below the base. */
  | { readonly kind: 'local'; readonly type: string; readonly id: string; readonly versionId?: string }
  /**
   * Any other absolute URI. `type`, `id` and `versionId` when it ends as a RESTful URL of a resource does.
   */
  | {
      readonly kind: 'absolute'
      readonly url: string
      readonly type?: string
      readonly id?: string
      readonly versionId?: string
    }
  /** `urn:uuid:` or `urn:oid:`, such as the fullUrl of a resource that has no place yet. */
  | { readonly kind: 'urn'; readonly urn: string }
  /** A contained resource; an empty id (`#`) is the resource that contains this one. */
  | { readonly kind: 'fragment'; readonly id: string }
  /** A search that a transaction resolves (https://hl7.org/fhir/R4/http.html#transaction). */
  | { readonly kind: 'conditional'; readonly type: string; readonly criteria: string }
  | { readonly kind: 'invalid' }

const RESTFUL = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/
const RESTFUL_END = /\/([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/
const CONDITIONAL = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s
const URN =
  /^urn:(?:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|oid:[0-2](?:\.(?:0|[1-9][0-9]*))+)$/i
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/

/**
 * Reads `Reference.reference` or another URL. `baseUrl` is the server's FHIR base, with or without a slash at its
 * end; without it only relative references are local. Whether R4 has the type is the caller's to ask.
 */
export function parseReference(text: string, baseUrl?: string): ParsedReference {
  if (text.startsWith('#')) return parseFragment(text.slice(1))
  const relative = parseRelative(text)
  if (relative !== undefined) return relative
  if (URN.test(text)) return { kind: 'urn', urn: text }
  if (!ABSOLUTE.test(text)) return { kind: 'invalid' }
  const below = baseUrl === undefined ? undefined : pathBelow(text, baseUrl)
  const local = below === undefined ? undefined : parseRelative(below)
  if (local !== undefined) return local
  const [, type, id, versionId] = RESTFUL_END.exec(text) ?? []
  if (type === undefined || id === undefined) return { kind: 'absolute', url: text }
  return { kind: 'absolute', url: text, type, id, ...(versionId === undefined ? {} : { versionId }) }
}

function parseFragment(id: string): ParsedReference {
  return id === '' || ID_PATTERN.test(id) ? { kind: 'fragment', id } : { kind: 'invalid' }
}

function parseRelative(text: string): ParsedReference | undefined {
  const [, type, id, versionId] = RESTFUL.exec(text) ?? []
  if (type !== undefined && id !== undefined) {
    return { kind: 'local', type, id, ...(versionId === undefined ? {} : { versionId }) }
  }
  const [, searched, criteria] = CONDITIONAL.exec(text) ?? []
  return searched === undefined || criteria === undefined
    ? undefined
    : { kind: 'conditional', type: searched, criteria }
}

function pathBelow(url: string, baseUrl: string): string | undefined {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`
  return url.startsWith(base) ? url.slice(base.length) : undefined
}

export { eachReference, mapReferences, type LinkKind, type LinkMapping } from './links.ts'
