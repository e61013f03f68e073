// Where in a resource its references stand, as FHIRPath: for telling which of them is wrong.
import type { Definitions, TypeDefinition } from './definitions/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './resource.ts'

/** The paths of every Reference.reference whose text is `wanted`, such as `Observation.subject.reference`, in document order. */
export function referencePlaces(
  resource: JsonObject,
  wanted: (text: string) => boolean,
  definitions: Definitions,
): readonly string[] {
  const places: string[] = []
  const visit = (value: JsonValue | undefined, path: string, type: TypeDefinition | undefined): void => {
    if (Array.isArray(value)) return value.forEach((item, index) => visit(item, `${path}[${index}]`, type))
    if (!isJsonObject(value)) return
    const { resourceType } = value
    const own = typeof resourceType === 'string' ? definitions.type(resourceType) : type
    for (const name of Object.keys(value)) {
      const inner = value[name]
      if (name === 'reference' && typeof inner === 'string') {
        if (wanted(inner)) places.push(`${path}.reference`)
        continue
      }
      // A primitive's extensions are its children in FHIRPath; value[x] goes by its name without the type.
      const property = own?.properties.get(name.startsWith('_') ? name.slice(1) : name)
      const step = property?.element.name ?? name
      const code = property === undefined || property.primitive ? 'Element' : property.type.code
      visit(inner, `${path}.${step}`, definitions.type(code))
    }
  }
  visit(resource, typeof resource.resourceType === 'string' ? resource.resourceType : 'Resource', undefined)
  return places
}
