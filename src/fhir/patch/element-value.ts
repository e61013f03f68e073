// The value of a FHIRPath Patch operation, made into the JSON of the element that it is for.
import type { Definitions, Property, TypeDefinition } from '../definitions/index.ts'
import { cloneJson, copyValue } from '../json/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../resource.ts'
import { appendElement, type ElementValue, setElement } from './element-list.ts'
import { type Refusal, shown } from './refusal.ts'

/** An element ready to be put in place: its JSON name, what it is, and its value. */
export interface NamedElement {
  readonly name: string
  readonly property: Property
  readonly value: ElementValue
}

const STRUCTURED: ReadonlySet<string> = new Set(['parts', 'resource'])
const JSON_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  integer: 'number',
  decimal: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
}

/**
 * The element `name` of a type, with the value that a part carries: value[x], parts of its own (for types that
 * value[x] does not offer) or a resource. `name` may be that of a choice without its type.
 */
export function elementFrom(
  part: JsonObject,
  name: string,
  owner: TypeDefinition,
  definitions: Definitions,
  refusal: Refusal,
): NamedElement {
  const carrier = carrierOf(part, refusal)
  const found = propertyFor(owner, name, carrier, refusal)
  return { ...found, value: build(part, carrier, found.property, definitions, refusal) }
}

/** How a part carries its value: `parts`, `resource`, or the type in `valueQuantity`. */
function carrierOf(part: JsonObject, refusal: Refusal): string {
  const carriers = new Set<string>()
  for (const key of Object.keys(part)) {
    if (part[key] === undefined) continue
    const typed = /^_?value([A-Z][A-Za-z0-9]*)$/.exec(key)?.[1]
    if (typed !== undefined) carriers.add(typed)
    else if (key === 'part') carriers.add('parts')
    else if (key === 'resource') carriers.add('resource')
  }
  const [carrier] = carriers
  if (carrier === undefined || carriers.size > 1) {
    throw refusal.malformed('a value is one of value[x], part and resource, and only one')
  }
  return carrier
}

function propertyFor(
  owner: TypeDefinition,
  name: string,
  carrier: string,
  refusal: Refusal,
): { readonly name: string; readonly property: Property } {
  const direct = owner.properties.get(name)
  if (direct !== undefined) return { name, property: direct }
  const choice = owner.elements.find((element) => element.choice && element.name === name)
  if (choice === undefined) throw refusal.failed(`${owner.name} has no element ${shown(name)}`)
  const typed = owner.properties.get(name + carrier)
  if (typed !== undefined) return { name: name + carrier, property: typed }
  const allowed = choice.types.map((type) => type.code).join(', ')
  const given = STRUCTURED.has(carrier) ? 'a value without a type of its own' : carrier
  throw refusal.failed(`${choice.path} is one of ${allowed}; not ${given}`)
}

function build(
  part: JsonObject,
  carrier: string,
  property: Property,
  definitions: Definitions,
  refusal: Refusal,
): ElementValue {
  const code = property.type.code
  if (carrier === 'parts') return { value: buildFromParts(part.part, code, definitions, refusal) }
  if (carrier === 'resource') {
    if (code !== 'Resource') throw refusal.failed(`the element is of type ${code}, not a resource`)
    if (!isJsonObject(part.resource)) throw refusal.malformed('a resource is an object')
    return { value: cloneJson(part.resource) }
  }
  const given = definitions.type('Parameters.parameter')?.properties.get(`value${carrier}`)
  if (given === undefined) throw refusal.malformed(`R4 has no ${shown(`value${carrier}`)} in Parameters`)
  if (!isCompatible(given, property, definitions)) {
    throw refusal.failed(`the element is of type ${code}, not ${given.type.code}`)
  }
  const element: JsonObject = {}
  copyValue(part, `value${carrier}`, element, 'value')
  if (part[`_value${carrier}`] !== undefined) copyValue(part, `_value${carrier}`, element, '_value')
  return element
}

/** Primitives may stand for one another when JSON writes them alike: the validator checks the format. */
function isCompatible(given: Property, wanted: Property, definitions: Definitions): boolean {
  if (given.primitive !== wanted.primitive) return false
  const [from, to] = [given.type.code, wanted.type.code]
  if (given.primitive) return (JSON_TYPES[from] ?? 'string') === (JSON_TYPES[to] ?? 'string')
  return from === to || definitions.type(to)?.base === from || definitions.type(from)?.base === to
}

function buildFromParts(
  parts: JsonValue | undefined,
  code: string,
  definitions: Definitions,
  refusal: Refusal,
): JsonObject {
  const type = definitions.type(code)
  if (type === undefined || type.kind === 'primitive') {
    throw refusal.failed(`the element is of type ${code}, which has no parts`)
  }
  if (!Array.isArray(parts) || parts.length === 0)
    throw refusal.malformed("'part' must be an array with something in it")
  const object: JsonObject = {}
  for (const part of parts) {
    if (!isJsonObject(part) || typeof part.name !== 'string')
      throw refusal.malformed('every part needs a name')
    const { name, property, value } = elementFrom(part, part.name, type, definitions, refusal)
    if (property.array) appendElement(object, name, value)
    else if (object[name] === undefined && object[`_${name}`] === undefined) setElement(object, name, value)
    else throw refusal.malformed(`'${name}' stands twice, and ${type.name} has it once`)
  }
  return object
}
