// Writes the way to an element in JSON as FHIRPath: valueCoding is `value`, and _birthDate is `birthDate`.
import {
  type Definitions,
  isJsonObject,
  type JsonValue,
  type Property,
  type Resource,
} from '../../fhir/index.ts'

/** A property's name, or a position in its array. */
export type Step = string | number

/** FHIRPath from the resource on, `Observation.value.coding[0]`. Names that R4 does not know stand as they are. */
export function elementPath(definitions: Definitions, resource: Resource, steps: readonly Step[]): string {
  let path = resource.resourceType
  let type: string | undefined = resource.resourceType
  let value: JsonValue | undefined = resource
  for (const step of steps) {
    value = (value as Record<Step, JsonValue | undefined> | undefined)?.[step]
    if (typeof step === 'number') path += `[${step}]`
    else {
      const name = step.startsWith('_') ? step.slice(1) : step
      const property: Property | undefined =
        type === undefined ? undefined : definitions.type(type)?.properties.get(name)
      path += `.${property?.element.name ?? name}`
      type = property?.type.code
    }
    if (isJsonObject(value) && typeof value['resourceType'] === 'string') type = value['resourceType']
  }
  return path
}
