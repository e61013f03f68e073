// `resolve() is T` (https://hl7.org/fhir/R4/fhirpath.html#functions) as far as a resource tells by itself.
import { isJsonObject, parseReference, type JsonObject, type JsonValue } from '../../fhir/index.ts'

/** What the values of a walk stand in. */
export interface Scope {
  /** The resource that is being searched in; a contained one when its own parameters are asked. */
  readonly resource: JsonObject
  /** The resource that contains it, or the same again. */
  readonly container: JsonObject
}

/** By the reference's text, by what is contained, or, where neither tells, by its `type`. */
export function refersTo(value: JsonValue, wanted: string, baseUrl: string, { container }: Scope): boolean {
  if (!isJsonObject(value)) return false
  const { reference, type } = value
  if (typeof reference === 'string') {
    const parsed = parseReference(reference, baseUrl)
    if (parsed.kind === 'local' || parsed.kind === 'conditional') return parsed.type === wanted
    if (parsed.kind === 'absolute' && parsed.type !== undefined) return parsed.type === wanted
    const target = parsed.kind === 'fragment' ? containedType(container, parsed.id) : undefined
    if (target !== undefined) return target === wanted
  }
  return type === wanted
}

function containedType(container: JsonObject, id: string): JsonValue | undefined {
  if (id === '') return container.resourceType
  if (!Array.isArray(container.contained)) return undefined
  const found = container.contained.find((item) => isJsonObject(item) && item.id === id)
  return isJsonObject(found) ? found.resourceType : undefined
}
