// Where in a resource's JSON an element stands, so that it can be changed there.
import type { Model, ResourceNode } from 'fhirpath'
import { isJsonObject, type JsonObject, type JsonValue } from '../resource.ts'

/** The place of one element: `owner[property]`, or `owner[property][index]` where that is an array. */
export interface FhirPathLocation {
  /** The resource that the expression was evaluated on. */
  readonly root: JsonObject
  /** The object that holds the property; undefined when the element is the root itself. */
  readonly owner: JsonObject | undefined
  /** The name as it stands in JSON: `valueQuantity`, `birthDate` (even when only `_birthDate` is there); '' at the root. */
  readonly property: string
  /** The position in the array that the property holds, undefined when it holds none. */
  readonly index: number | undefined
  /** What stands there; undefined for a primitive that has only extensions. The very object, not a copy. */
  readonly value: JsonValue | undefined
  /** The FHIR type: `Patient`, `HumanName`, `BackboneElement`, `string`; undefined where R4 knows no such element. */
  readonly type: string | undefined
  /** The path in the definitions at which the element's children are defined: `Patient.contact`, `HumanName`. */
  readonly path: string | undefined
}

/** The place of a node that the FHIRPath library selected; undefined for a computed value. */
export function locationOf(selected: unknown, model: Model): FhirPathLocation | undefined {
  if (!isResourceNode(selected)) return undefined
  let top: ResourceNode = selected
  while (top.parentResNode !== null) top = top.parentResNode
  const root: unknown = top.data
  if (!isJsonObject(root)) return undefined
  const path = selected.path ?? undefined
  // The library knows the path of an extension of a primitive, but not its type.
  const type = selected.fhirNodeDataType ?? (path === 'Extension' ? path : undefined)
  const about = { root, type, path }
  const parent = selected.parentResNode
  if (parent === null) return { ...about, owner: undefined, property: '', index: undefined, value: root }
  const owner = ownerOf(parent, selected.propName as string)
  if (owner === undefined) return undefined
  const property = jsonName(owner, parent, selected.propName as string, model)
  const held = owner[property]
  if (typeof selected.index !== 'number') return { ...about, owner, property, index: undefined, value: held }
  const value = Array.isArray(held) ? (held[selected.index] ?? undefined) : undefined
  return { ...about, owner, property, index: selected.index, value }
}

function isResourceNode(value: unknown): value is ResourceNode {
  return typeof value === 'object' && value !== null && 'parentResNode' in value && 'propName' in value
}

/** A primitive's own children (`id`, `extension`) stand in its `_x` sibling. */
function ownerOf(parent: ResourceNode, property: string): JsonObject | undefined {
  const data: unknown = parent.data
  if (isJsonObject(data)) return data
  const sibling: unknown = parent._data
  return isJsonObject(sibling) && property in sibling ? sibling : undefined
}

/** The library names a choice as the path does (`value`); JSON has its type in the name (`valueQuantity`). */
function jsonName(owner: JsonObject, parent: ResourceNode, property: string, model: Model): string {
  if (property in owner || `_${property}` in owner) return property
  const path = `${parent.path}.${property}`
  const types = model.choiceTypePaths[model.pathsDefinedElsewhere[path] ?? path] ?? []
  const found = types.find((type) => property + type in owner || `_${property}${type}` in owner)
  return found === undefined ? property : property + found
}
