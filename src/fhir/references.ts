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
  const plain = parsePlain(text)
  if (plain !== undefined) return plain
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

/**
 * `Type/id`, as most are, and each is read several times on its way: by characters, for a regular expression leaves
 * four times the garbage behind. undefined for all others, and what is none.
 */
function parsePlain(text: string): ParsedReference | undefined {
  const slash = text.indexOf('/')
  const idLength = text.length - slash - 1
  if (slash < 2 || slash > 64 || idLength < 1 || idLength > 64 || text.charCodeAt(0) > UPPER_Z)
    return undefined
  for (let at = 0; at < slash; at++) if (!isLetter(text.charCodeAt(at))) return undefined
  for (let at = slash + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const isIdCharacter = isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e
    if (!isIdCharacter) return undefined
  }
  return { kind: 'local', type: text.slice(0, slash), id: text.slice(slash + 1) }
}

const UPPER_Z = 0x5a

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= UPPER_Z) || (code >= 0x61 && code <= 0x7a)
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
