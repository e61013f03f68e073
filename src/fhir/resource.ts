// The JSON shapes that FHIR resources are made of (https://hl7.org/fhir/R4/json.html).

export type JsonPrimitive = string | number | boolean | null
export type JsonValue = JsonPrimitive | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue | undefined
}

/** A resource as parsed JSON. Numbers keep their written form beside them (see `json/numerals.ts`). */
export interface Resource extends JsonObject {
  resourceType: string
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `id` as R4 allows it: 1 to 64 letters, digits, `-` and `.` (https://hl7.org/fhir/R4/datatypes.html#id). */
export const ID_PATTERN = /^[A-Za-z0-9\-.]{1,64}$/
