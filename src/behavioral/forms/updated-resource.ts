// A resource as it is after what a form says of it: elements that the form has take the place of those that are there.
import type { Definitions, JsonObject, Resource } from '../../fhir/index.ts'

/** Neither is changed. Of a choice such as `deceased[x]` one type takes the place of another. */
export function updated(current: Resource, made: Resource, definitions: Definitions): Resource {
  const properties = definitions.type(current.resourceType)?.properties
  const replaced = new Set(Object.keys(made).map((key) => properties?.get(key)?.element))
  const kept: JsonObject = { ...current }
  for (const key of Object.keys(current)) {
    const element = properties?.get(key.startsWith('_') ? key.slice(1) : key)?.element
    if (element !== undefined && replaced.has(element)) delete kept[key]
  }
  return { ...kept, ...made }
}
