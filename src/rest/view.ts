// `_summary` and `_elements`: what of a resource is shown (https://hl7.org/fhir/R4/search.html#summary, #elements).
import {
  copyValue,
  FhirError,
  isJsonObject,
  nearestName,
  parseJson,
  writeJson,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Property,
  type Resource,
  type TypeDefinition,
} from '../fhir/index.ts'
import type { Pair } from './query-string.ts'

export type View =
  | { readonly kind: 'whole' }
  | { readonly kind: 'summary' }
  | { readonly kind: 'text' }
  | { readonly kind: 'data' }
  | { readonly kind: 'count' }
  | { readonly kind: 'elements'; readonly names: readonly string[] }

export const WHOLE: View = Object.freeze({ kind: 'whole' })

const SUMMARIES = new Map<string, View>([
  ['true', { kind: 'summary' }],
  ['text', { kind: 'text' }],
  ['data', { kind: 'data' }],
  ['count', { kind: 'count' }],
  ['false', WHOLE],
])

const SUBSETTED = Object.freeze({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
})

/**
 * What `_summary` and `_elements` ask for. Names are those of elements at the resource's root: `name`, `value` for
 * `value[x]`. `type` is '' when resources of several types may come.
 * @throws FhirError `invalid-search`
 */
export function readView(pairs: readonly Pair[], type: string, definitions: Definitions): View {
  let summary: View | undefined
  const names: string[] = []
  for (const [name, value] of pairs) {
    if (name === '_summary') {
      if (summary !== undefined) throw invalid('_summary', 'it stands twice')
      summary = SUMMARIES.get(value)
      if (summary === undefined) throw invalid('_summary', 'it must be one of true, text, data, count, false')
    } else if (name === '_elements') names.push(...value.split(',').map((text) => text.trim()))
  }
  if (names.length === 0) return summary ?? WHOLE
  if (summary !== undefined && summary !== WHOLE)
    throw invalid('_elements', 'it cannot be combined with _summary')
  const types = type === '' ? definitions.resourceTypes : [type]
  for (const name of names) requireElement(name, types, definitions)
  return { kind: 'elements', names }
}

function requireElement(name: string, types: readonly string[], definitions: Definitions): void {
  if (types.some((type) => hasElement(definitions.type(type), name))) return
  const where = types.length === 1 ? (types[0] as string) : 'no resource type'
  const near =
    types.length === 1
      ? nearestName(
          name,
          (definitions.type(where)?.elements ?? []).map((element) => element.name),
        )
      : undefined
  const shown = /^\w{1,64}$/.test(name) ? name : 'of that name'
  throw invalid(
    '_elements',
    types.length === 1
      ? `${where} has no element ${shown}${near === undefined ? '' : `, did you mean ${near}?`}`
      : `${where} has an element ${shown}`,
  )
}

function hasElement(type: TypeDefinition | undefined, name: string): boolean {
  return type?.properties.has(name) || type?.elements.some((element) => element.name === name) || false
}

function invalid(parameter: string, rule: string): FhirError {
  return new FhirError('invalid-search', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: `${parameter} cannot be used so: ${rule}.`,
      expression: `http.${parameter}`,
    },
  ])
}

/** The stored bytes as the view shows them; the bytes themselves when it shows all. */
export function viewBytes(body: Buffer, view: View, definitions: Definitions): Buffer {
  if (view.kind === 'whole' || view.kind === 'count') return body
  const resource = parseJson(body) as Resource
  const type = definitions.type(resource.resourceType)
  const shown = type === undefined ? resource : subset(resource, view, type, definitions)
  return Buffer.from(writeJson(markSubsetted(shown)))
}

function subset(
  resource: Resource,
  view: Exclude<View, { kind: 'whole' | 'count' }>,
  type: TypeDefinition,
  definitions: Definitions,
): JsonObject {
  switch (view.kind) {
    case 'summary':
      return summaryOf(resource, type, definitions)
    case 'data':
      return pick(resource, (key) => key !== 'text')
    case 'text':
      return pick(resource, (key) => key === 'text' || isMandatory(type, key))
    case 'elements':
      return pick(resource, (key) => isMandatory(type, key) || isNamed(type, key, view.names))
  }
}

const ALWAYS = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension'])

/** Without these it would not be the resource that it is, or mean something else. */
function isMandatory(type: TypeDefinition, key: string): boolean {
  return ALWAYS.has(key) || (propertyOf(type, key)?.element.min ?? 0) > 0
}

function isNamed(type: TypeDefinition, key: string, names: readonly string[]): boolean {
  const name = key.startsWith('_') ? key.slice(1) : key
  return names.includes(name) || names.includes(type.properties.get(name)?.element.name ?? name)
}

function propertyOf(type: TypeDefinition, key: string): Property | undefined {
  return type.properties.get(key.startsWith('_') ? key.slice(1) : key)
}

function pick(object: JsonObject, keep: (key: string) => boolean): JsonObject {
  const picked: JsonObject = {}
  for (const key of Object.keys(object)) if (keep(key)) copyValue(object, key, picked, key)
  return picked
}

/** Elements marked as summary at every level, and what is mandatory within them. */
function summaryOf(object: JsonObject, type: TypeDefinition, definitions: Definitions): JsonObject {
  const summary: JsonObject = {}
  for (const key of Object.keys(object)) {
    const property = propertyOf(type, key)
    const kept =
      ALWAYS.has(key) || (property !== undefined && (property.element.summary || property.element.min > 0))
    if (!kept) continue
    const inner = property === undefined || property.primitive ? undefined : property.type.code
    if (inner === undefined || key === 'meta') copyValue(object, key, summary, key)
    else summary[key] = summaryOfValue(object[key] as JsonValue, inner, definitions)
  }
  return summary
}

function summaryOfValue(value: JsonValue, typeName: string, definitions: Definitions): JsonValue {
  if (Array.isArray(value)) return value.map((item) => summaryOfValue(item, typeName, definitions))
  if (!isJsonObject(value)) return value
  const name = typeof value.resourceType === 'string' ? value.resourceType : typeName
  const type = definitions.type(name)
  if (type === undefined) return value
  const summary = summaryOf(value, type, definitions)
  // A reference, extension or the like of which nothing is left would be an empty object, which FHIR does not have.
  return Object.keys(summary).length === 0 ? value : summary
}

function markSubsetted(resource: JsonObject): JsonObject {
  const meta = isJsonObject(resource.meta) ? resource.meta : {}
  const tags = Array.isArray(meta.tag) ? meta.tag : []
  const marked = tags.some(
    (tag) => isJsonObject(tag) && tag.system === SUBSETTED.system && tag.code === SUBSETTED.code,
  )
  return marked ? resource : { ...resource, meta: { ...meta, tag: [...tags, { ...SUBSETTED }] } }
}
