// What type a node of a resource has, found by walking the definitions beside the JSON.
import type { Definitions, TypeDefinition } from '../definitions/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../resource.ts'

/** The type of the object `node`, somewhere in `resource`; undefined when R4 does not know the way to it. */
export function typeOfNode(
  resource: JsonObject,
  node: JsonObject,
  definitions: Definitions,
): TypeDefinition | undefined {
  const type = typeof resource.resourceType === 'string' ? definitions.type(resource.resourceType) : undefined
  return type && find(resource, type, node, definitions)
}

function find(
  object: JsonObject,
  type: TypeDefinition,
  node: JsonObject,
  definitions: Definitions,
): TypeDefinition | undefined {
  if (object === node) return type
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (typeof value !== 'object' || value === null) continue
    for (const item of Array.isArray(value) ? value : [value]) {
      const found =
        isJsonObject(item) && findIn(item, typeBelow(type, name, item, definitions), node, definitions)
      if (found) return found
    }
  }
  return undefined
}

function findIn(
  item: JsonObject,
  type: TypeDefinition | undefined,
  node: JsonObject,
  definitions: Definitions,
): TypeDefinition | undefined {
  return type && find(item, type, node, definitions)
}

function typeBelow(
  type: TypeDefinition,
  name: string,
  item: Readonly<Record<string, JsonValue | undefined>>,
  definitions: Definitions,
): TypeDefinition | undefined {
  const property = type.properties.get(name)
  if (property === undefined) {
    return name.startsWith('_') && type.properties.get(name.slice(1))?.primitive
      ? definitions.type('Element')
      : undefined
  }
  if (property.type.code !== 'Resource') return definitions.type(property.type.code)
  return typeof item.resourceType === 'string' ? definitions.type(item.resourceType) : undefined
}
