// FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html): operations on the elements that FHIRPath selects.
import type { Definitions, TypeDefinition } from '../definitions/index.ts'
import { FhirError } from '../errors.ts'
import type { FhirPathEngine, FhirPathLocation } from '../fhirpath/index.ts'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../resource.ts'
import {
  appendElement,
  deleteElement,
  deleteItem,
  insertItem,
  listLength,
  moveItem,
  setElement,
  setItem,
} from './element-list.ts'
import { elementFrom } from './element-value.ts'
import { removeEmptied } from './emptied.ts'
import { typeOfNode } from './node-type.ts'
import type { FhirPathOperation } from './parameters.ts'

export interface FhirPathPatchParts {
  readonly definitions: Definitions
  readonly engine: FhirPathEngine
}

type Operation<Type extends FhirPathOperation['type']> = FhirPathOperation & { readonly type: Type }

/** An element below the root, which alone has no owner. */
type Location = FhirPathLocation & { readonly owner: JsonObject }

/**
 * Applies the operations in order, in place, each on what the one before it left; returns the resource. What has
 * lost its last content is taken out at the end.
 * @throws FhirError `invalid`, `business-rule`; the resource is then of no more use
 */
export function applyFhirPathPatch(
  resource: Resource,
  operations: readonly FhirPathOperation[],
  parts: FhirPathPatchParts,
): Resource {
  const patching = new Patching(resource, parts)
  for (const operation of operations) patching.apply(operation)
  patching.finish()
  return resource
}

class Patching {
  readonly #resource: Resource
  readonly #definitions: Definitions
  readonly #engine: FhirPathEngine
  readonly #emptied = new Set<JsonValue>()

  constructor(resource: Resource, { definitions, engine }: FhirPathPatchParts) {
    this.#resource = resource
    this.#definitions = definitions
    this.#engine = engine
  }

  apply(operation: FhirPathOperation): void {
    switch (operation.type) {
      case 'add':
        return this.#add(operation)
      case 'insert':
        return this.#insert(operation)
      case 'delete':
        return this.#delete(operation)
      case 'replace':
        return this.#replace(operation)
      case 'move':
        return this.#move(operation)
    }
  }

  finish(): void {
    removeEmptied(this.#resource, this.#emptied)
  }

  #add(operation: Operation<'add'>): void {
    const { refusal } = operation
    const place = this.#single(operation)
    const { owner, type } = this.#inside(place, operation)
    const { name, property, value } = elementFrom(
      operation.value,
      operation.name,
      type,
      this.#definitions,
      refusal,
    )
    if (property.array) return appendElement(owner, name, value)
    const present = [...type.properties].find(
      ([key, other]) => other.element === property.element && (key in owner || `_${key}` in owner),
    )
    if (present !== undefined)
      throw refusal.failed(`'${present[0]}' is there already; 'replace' would change it`)
    setElement(owner, name, value)
  }

  #insert(operation: Operation<'insert'>): void {
    const { index, refusal } = operation
    const found = this.#locate(operation.path, operation)
    const list = found.length > 0 ? this.#list(found, operation) : this.#absentList(operation)
    const type = this.#typeOf(list.owner, operation)
    const { name, property, value } = elementFrom(
      operation.value,
      list.name,
      type,
      this.#definitions,
      refusal,
    )
    if (!property.array) throw refusal.failed(`${property.element.path} is no list`)
    const length = listLength(list.owner, list.name)
    if (index > length) throw refusal.failed(`the list has only ${length} elements`)
    insertItem(list.owner, name, index, value)
  }

  #delete(operation: Operation<'delete'>): void {
    const found = this.#locate(operation.path, operation)
    if (found.length === 0) return
    const { owner, property, index } = this.#below(this.#single(operation), operation)
    if (index === undefined) deleteElement(owner, property)
    else deleteItem(owner, property, index)
    if (Object.keys(owner).length === 0) this.#emptied.add(owner)
  }

  #replace(operation: Operation<'replace'>): void {
    const { refusal } = operation
    const { owner, property, index } = this.#below(this.#single(operation), operation)
    const type = this.#typeOf(owner, operation)
    const definition = type.properties.get(property)
    if (definition === undefined) throw refusal.failed(`R4 knows no '${property}' here`)
    // A choice may come to be of another type, and is then another property.
    const wanted = definition.element.choice ? definition.element.name : property
    const { name, value } = elementFrom(operation.value, wanted, type, this.#definitions, refusal)
    if (index !== undefined) return setItem(owner, name, index, value)
    if (name !== property) deleteElement(owner, property)
    setElement(owner, name, value)
  }

  #move(operation: Operation<'move'>): void {
    const { source, destination, refusal } = operation
    const { owner, name } = this.#list(this.#locate(operation.path, operation), operation)
    const length = listLength(owner, name)
    for (const index of [source, destination]) {
      if (index >= length)
        throw refusal.failed(`the list has only ${length} elements, so there is no [${index}]`)
    }
    moveItem(owner, name, source, destination)
  }

  #locate(path: string, { refusal }: FhirPathOperation): readonly FhirPathLocation[] {
    try {
      return this.#engine.locate(this.#resource, delimitNames(path))
    } catch (cause) {
      throw cause instanceof FhirError ? refusal.malformed(cause.message.replace(/\.$/, '')) : cause
    }
  }

  #single(operation: FhirPathOperation): FhirPathLocation {
    const found = this.#locate(operation.path, operation)
    const [place] = found
    if (place === undefined) throw operation.refusal.failed('the path selects nothing')
    if (found.length > 1)
      throw operation.refusal.failed(`the path must select one element, and selects ${found.length}`)
    return place
  }

  #below(place: FhirPathLocation, { type, refusal }: FhirPathOperation): Location {
    if (place.owner === undefined)
      throw refusal.failed(`the resource itself cannot be the place of '${type}'`)
    return place as Location
  }

  /** The object that holds an element's children: itself, or for a primitive what stands beside it. */
  #inside(
    place: FhirPathLocation,
    operation: FhirPathOperation,
  ): { owner: JsonObject; type: TypeDefinition } {
    if (isJsonObject(place.value)) return { owner: place.value, type: this.#typeOf(place.value, operation) }
    const { owner, property, index } = this.#below(place, operation)
    const beside = objectBeside(owner, `_${property}`, index)
    return { owner: beside, type: this.#typeOf(beside, operation) }
  }

  #typeOf(node: JsonObject, { refusal }: FhirPathOperation): TypeDefinition {
    const type = typeOfNode(this.#resource, node, this.#definitions)
    if (type === undefined) throw refusal.failed('R4 does not define the element there')
    return type
  }

  /** The one list whose elements these are, all of them. */
  #list(
    found: readonly FhirPathLocation[],
    operation: FhirPathOperation,
  ): { owner: JsonObject; name: string } {
    const { refusal } = operation
    const [first] = found
    if (first === undefined) throw refusal.failed('the path selects nothing')
    const { owner, property: name } = this.#below(first, operation)
    if (first.index === undefined) throw refusal.failed(`'${name}' is no list`)
    if (found.some((place) => place.owner !== owner || place.property !== name)) {
      throw refusal.failed('the path must select one list, and selects elements of several')
    }
    const length = listLength(owner, name)
    if (found.length !== length) {
      throw refusal.failed(
        `the path must select the whole list of ${length} elements, and selects ${found.length}`,
      )
    }
    return { owner, name }
  }

  /** The list that the last step of the path names, when there are no elements yet. */
  #absentList(operation: FhirPathOperation): { owner: JsonObject; name: string } {
    const { refusal } = operation
    const [, before, name] = /^(.+)\.([A-Za-z][A-Za-z0-9]*)$/s.exec(operation.path.trim()) ?? []
    const owners = before === undefined ? [] : this.#locate(before, operation)
    const [place] = owners
    if (name === undefined || place === undefined || owners.length > 1)
      throw refusal.failed('the path selects no list')
    return { owner: this.#inside(place, operation).owner, name }
  }
}

/** `owner[name]`, or its item at `index`: made when there is none. */
function objectBeside(owner: JsonObject, name: string, index: number | undefined): JsonObject {
  const present = owner[name]
  if (index === undefined) {
    if (isJsonObject(present)) return present
    const created: JsonObject = {}
    owner[name] = created
    return created
  }
  const list = Array.isArray(present) ? present : []
  owner[name] = list
  while (list.length <= index) list.push(null)
  const item = list[index]
  if (isJsonObject(item)) return item
  const created: JsonObject = {}
  list[index] = created
  return created
}

/**
 * FHIRPath reserves a few words, one of which is an element's name: `Patient.text.div`, as the published patch
 * cases write it, is strictly Patient.text.`div`. After a dot a word can only be a name.
 */
function delimitNames(path: string): string {
  return path.replace(
    // A quote that is not closed reaches to the end, so that none is looked for twice.
    /'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?|\.(div|mod|and|or|xor|implies)\b/gs,
    (whole: string, word: string | undefined) => (word === undefined ? whole : `.\`${word}\``),
  )
}
