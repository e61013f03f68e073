// The places in a resource that may name another one: references, uri elements and the links of its narrative
// (https://hl7.org/fhir/R4/http.html#trules), visited and rewritten.
import type { Definitions, TypeDefinition } from './definitions/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './resource.ts'

/**
 * `reference`: Reference.reference; `uri`: an element of type uri, url, oid or uuid (Attachment.url is one);
 * `canonical`: an element of type canonical, perhaps with `|version`; `narrative`: href or src of a tag in a div.
 */
export type LinkKind = 'reference' | 'uri' | 'canonical' | 'narrative'

/** Given a link's text, the text that is to stand in its place (the same for no change). */
export type LinkMapping = (text: string, kind: LinkKind) => string

const URI_TYPES: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid'])

/**
 * Rewrites every link of a resource in place (clone it before), contained resources and extensions included.
 * Without definitions, and below a property that they do not know, any string may be a `uri`: the mapping must
 * then compare whole texts. Returns whether anything changed.
 */
export function mapReferences(resource: JsonObject, map: LinkMapping, definitions?: Definitions): boolean {
  const walk: Walk = { map, definitions, changed: false }
  walkObject(walk, resource, typeOfResource(walk, resource))
  return walk.changed
}

/** Calls `visit` with every link of a resource, as `mapReferences` finds them; nothing is changed. */
export function eachReference(
  resource: JsonObject,
  visit: (text: string, kind: LinkKind) => void,
  definitions?: Definitions,
): void {
  const keep: LinkMapping = (text, kind) => {
    visit(text, kind)
    return text
  }
  mapReferences(resource, keep, definitions)
}

interface Walk {
  readonly map: LinkMapping
  readonly definitions: Definitions | undefined
  changed: boolean
}

function typeOfResource(walk: Walk, resource: JsonObject): TypeDefinition | undefined {
  return typeof resource.resourceType === 'string' ? walk.definitions?.type(resource.resourceType) : undefined
}

function walkObject(walk: Walk, object: JsonObject, type: TypeDefinition | undefined): void {
  for (const name in object) {
    const value = object[name]
    if (value === undefined || value === null || name === 'resourceType') continue
    const typeCode = codeOf(name, value, type)
    const mapped = walkValue(walk, value, name, typeCode)
    if (mapped !== value) object[name] = mapped
  }
}

function mapItems(walk: Walk, array: JsonValue[], name: string, typeCode: string | undefined): void {
  for (let index = 0; index < array.length; index++) {
    const item = array[index] as JsonValue
    const mapped = walkValue(walk, item, name, typeCode)
    if (mapped !== item) array[index] = mapped
  }
}

/** The type of a property; that of `_birthDate` is Element. Undefined when it is not known. */
function codeOf(name: string, value: JsonValue, type: TypeDefinition | undefined): string | undefined {
  const property = type?.properties.get(name)
  if (property !== undefined)
    return type?.name === 'Reference' && name === 'reference' ? 'reference' : property.type.code
  const beside =
    name.startsWith('_') && typeof value === 'object' ? type?.properties.get(name.slice(1)) : undefined
  return beside?.primitive === true ? 'Element' : undefined
}

function walkValue(walk: Walk, value: JsonValue, name: string, typeCode: string | undefined): JsonValue {
  if (typeof value === 'string') return mapText(walk, value, name, typeCode)
  if (Array.isArray(value)) {
    mapItems(walk, value, name, typeCode)
    return value
  }
  if (isJsonObject(value)) {
    const isResource = typeCode === undefined || typeCode === 'Resource'
    const own = isResource ? typeOfResource(walk, value) : undefined
    walkObject(walk, value, own ?? (typeCode === undefined ? undefined : walk.definitions?.type(typeCode)))
  }
  return value
}

function mapText(walk: Walk, text: string, name: string, typeCode: string | undefined): string {
  const kind = linkKind(name, typeCode)
  if (kind === undefined) return text
  const mapped = kind === 'narrative' ? mapNarrative(text, walk.map) : walk.map(text, kind)
  if (mapped !== text) walk.changed = true
  return mapped
}

function linkKind(name: string, typeCode: string | undefined): LinkKind | undefined {
  if (typeCode === undefined) return name === 'reference' ? 'reference' : name === 'div' ? 'narrative' : 'uri'
  if (typeCode === 'reference' || typeCode === 'canonical') return typeCode
  if (typeCode === 'xhtml') return 'narrative'
  return URI_TYPES.has(typeCode) ? 'uri' : undefined
}

const TAG = /<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>/g
const LINK_ATTRIBUTE = /(\s(?:href|src)\s*=\s*)(?:"([^"]*)"|'([^']*)')/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function mapNarrative(div: string, map: LinkMapping): string {
  return div.replace(TAG, (tag) =>
    tag.replace(LINK_ATTRIBUTE, (whole: string, start: string, double?: string, single?: string) => {
      const text = (double ?? single ?? '').replace(
        /&(amp|lt|gt|quot|apos);/g,
        (_, name: string) => ENTITIES[name] ?? '',
      )
      const mapped = map(text, 'narrative')
      return mapped === text ? whole : `${start}"${escapeAttribute(mapped)}"`
    }),
  )
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
