// Reads elements of a Questionnaire or a response whose shape nobody has vouched for.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'

/** The objects of an array; none of what is no array. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}

/** The extensions of this URL on an element, in order. */
export function extensionsOf(element: JsonObject | undefined, url: string): readonly JsonObject[] {
  if (element?.extension === undefined) return []
  return objectsOf(element.extension).filter((extension) => extension.url === url)
}

/** `[valueCoding, {...}]` of an element that has a `value[x]`; undefined where it has none. */
export function valueOf(element: JsonObject): readonly [property: string, value: JsonValue] | undefined {
  for (const property of Object.keys(element)) {
    if (!property.startsWith('value')) continue
    const value = element[property]
    if (value !== undefined && value !== null) return [property, value]
  }
  return undefined
}

/** The value of the first extension of this URL. */
export function extensionValue(element: JsonObject | undefined, url: string): JsonValue | undefined {
  const [extension] = extensionsOf(element, url)
  return extension === undefined ? undefined : valueOf(extension)?.[1]
}
