// What R4 says of the place at which a node stands: its type, and where its children stand in JSON.
import type { Definitions, TypeDefinition, TypeReference } from '../../definitions/index.ts'
import { loadDefinitions } from '../../definitions/index.ts'

/** A place in the definitions; there is one object for each, so that places can be compared by identity. */
export interface Shape {
  /** `Patient`, `Coding`, `QuestionnaireResponse.item.answer`; of an element unknown to R4 its path as written. */
  readonly path: string
  /** FHIR type name, `BackboneElement` of a backbone; `System.String` of `id`; undefined where R4 knows no type. */
  readonly type: string | undefined
  /** Its values are dates or times, which are compared by precision and not as text. */
  readonly temporal: boolean
  /** Its values may be quantities, which are compared by unit. */
  readonly quantity: boolean
  readonly definition: TypeDefinition | undefined
  /** By the name of a step; see `childOf`. */
  readonly children: Map<string, Child | Choice>
}

/** The property of JSON that a step leads to. */
export interface Child {
  readonly property: string
  /** `_property`; undefined where there can be none. */
  readonly sibling: string | undefined
  readonly shape: Shape | undefined
}

/** `value[x]`: one property for each type. */
export interface Choice {
  /** In the order of the types. */
  readonly choices: readonly Child[]
  /** Position in `choices` by the names of properties and of their siblings. */
  readonly positions: ReadonlyMap<string, number>
}

const TEMPORAL: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant', 'time'])

const definitions: Definitions = loadDefinitions()
const shapes = new Map<string, Shape>()

/** The shape of a resource by its `resourceType`, or of a datatype by its name. */
export function shapeOf(type: string): Shape {
  const known = shapes.get(type)
  if (known !== undefined) return known
  const definition = definitions.type(type)
  const made = shape(type, definition?.kind === 'backbone' ? definition.base : type, definition)
  // Whatever a body claims to be is not remembered.
  if (definition !== undefined) shapes.set(type, made)
  return made
}

/** Where a step leads to from a node of this shape. */
export function childOf(parent: Shape, name: string): Child | Choice {
  const known = parent.children.get(name)
  if (known !== undefined) return known
  const made = makeChild(parent, name)
  if (parent.definition !== undefined) parent.children.set(name, made)
  return made
}

/** Whether a type is another or derives from it. */
export function isSubtype(type: string, ancestor: string): boolean {
  for (let name: string | undefined = type; name !== undefined; name = definitions.type(name)?.base) {
    if (name === ancestor) return true
  }
  return false
}

/** Whether R4 has such a type, of which an element or a resource may be. */
export function isTypeName(name: string): boolean {
  const kind = definitions.type(name)?.kind
  return kind !== undefined && kind !== 'backbone'
}

export function isResourceTypeName(name: string): boolean {
  return definitions.isResourceType(name)
}

function shape(path: string, type: string | undefined, definition: TypeDefinition | undefined): Shape {
  return {
    path,
    type,
    temporal: TEMPORAL.has(path),
    quantity: definition !== undefined && isSubtype(definition.name, 'Quantity'),
    definition,
    children: new Map(),
  }
}

function makeChild(parent: Shape, name: string): Child | Choice {
  if (name === 'extension') return child(name, shapeOf('Extension'))
  const { definition } = parent
  const element = definition?.elements.find((each) => each.name === name)
  if (element?.choice) return choice(name, element.types)
  const type = definition?.properties.get(name)?.type
  if (type === undefined) return child(name, shape(`${parent.path}.${name}`, undefined, undefined))
  if (type.attribute) return child(name, SYSTEM_STRING)
  return child(name, shapeOf(type.code))
}

function choice(name: string, types: readonly TypeReference[]): Choice {
  const choices = types.map(({ code }) =>
    child(name + code.charAt(0).toUpperCase() + code.slice(1), shapeOf(code)),
  )
  const positions = choices.flatMap(({ property }, at): [string, number][] => [
    [property, at],
    [`_${property}`, at],
  ])
  return { choices, positions: new Map(positions) }
}

/** Of a date that an expression has computed. */
export const COMPUTED_DATE: Shape = { ...shape('System.Date', 'System.Date', undefined), temporal: true }

const SYSTEM_STRING: Shape = shape('System.String', 'System.String', undefined)

function child(property: string, of: Shape | undefined): Child {
  const isPrimitive = of?.definition === undefined || of.definition.kind === 'primitive'
  return { property, sibling: isPrimitive ? `_${property}` : undefined, shape: of }
}
