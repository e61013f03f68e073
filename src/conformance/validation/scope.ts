// The resource that a node belongs to: what `%resource` and `%rootResource` are, and where `#id` is looked up.
import type { JsonObject } from '../../fhir/index.ts'
import { isJsonObject } from '../../fhir/index.ts'

export class Scope {
  readonly resource: JsonObject
  readonly rootResource: JsonObject
  readonly #container: Scope | undefined
  #contained: ReadonlyMap<string, JsonObject> | undefined

  /** `container` is the scope of the resource that contains this one; a Bundle contains nothing in this sense. */
  constructor(resource: JsonObject, container?: Scope) {
    this.resource = resource
    this.rootResource = container?.rootResource ?? resource
    this.#container = container
  }

  /** The first contained resource of the root that has this id (https://hl7.org/fhir/R4/references.html#contained). */
  containedById(id: string): JsonObject | undefined {
    if (this.#container !== undefined) return this.#container.containedById(id)
    this.#contained ??= containedOf(this.resource)
    return this.#contained.get(id)
  }
}

function containedOf({ contained }: JsonObject): ReadonlyMap<string, JsonObject> {
  const byId = new Map<string, JsonObject>()
  if (!Array.isArray(contained)) return byId
  for (const resource of contained) {
    const id = isJsonObject(resource) ? resource['id'] : undefined
    if (typeof id === 'string' && !byId.has(id)) byId.set(id, resource as JsonObject)
  }
  return byId
}
