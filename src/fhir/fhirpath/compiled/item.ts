// What collections hold while a compiled expression runs: nodes of JSON and computed values.
import { isJsonObject, type JsonObject, type JsonValue } from '../../resource.ts'
import { type Child, type Choice, childOf, type Shape, shapeOf } from './shape.ts'

/** An element of a resource, or an object that was handed in. */
export class Node {
  /** null or undefined for a primitive that has only extensions. */
  readonly data: JsonValue | undefined
  /** The `_x` beside a primitive. */
  readonly sibling: JsonValue | undefined
  /** undefined below an object of no known type. */
  readonly shape: Shape | undefined
  readonly parent: Node | undefined

  constructor(
    data: JsonValue | undefined,
    sibling: JsonValue | undefined,
    shape: Shape | undefined,
    parent: Node | undefined,
  ) {
    this.data = data
    this.sibling = sibling
    this.shape =
      typeof data === 'object' && data !== null && typeof (data as JsonObject)['resourceType'] === 'string'
        ? shapeOf((data as JsonObject)['resourceType'] as string)
        : shape
    this.parent = parent
  }
}

/** A computed value has no place of its own. */
export type Item = Node | string | number | boolean
/** A collection; never changed once it is made. */
export type Items = readonly Item[]

export const NONE: Items = []
export const TRUE: Items = [true]
export const FALSE: Items = [false]

/** The item that stands for a JSON value that was handed in. */
export function itemOf(value: JsonValue): Item | undefined {
  if (value === null) return undefined
  return typeof value === 'object' ? new Node(value, undefined, undefined, undefined) : value
}

/** The JSON of an item; undefined or null for a primitive that has no value. */
export function dataOf(item: Item): JsonValue | undefined {
  return item instanceof Node ? item.data : item
}

/** Appends where a step leads to from one item. */
export function pushChildren(into: Item[], from: Item, name: string): void {
  if (!(from instanceof Node)) return
  const { data, sibling, shape } = from
  const object = isJsonObject(data) ? data : isJsonObject(sibling) ? sibling : undefined
  if (object === undefined) return
  const child = shape === undefined ? untyped(name) : childOf(shape, name)
  if ('choices' in child) {
    const chosen = chosenOf(object, child)
    if (chosen !== undefined) pushChild(into, object, chosen, from)
  } else pushChild(into, object, child, from)
}

function pushChild(into: Item[], object: JsonObject, child: Child, parent: Node): void {
  const value = own(object, child.property)
  const sibling = child.sibling === undefined ? undefined : own(object, child.sibling)
  if (value === undefined && sibling === undefined) return
  pushValues(into, value, sibling, child, parent)
}

/** The first of a choice's properties that is there. */
function chosenOf(object: JsonObject, { choices, positions }: Choice): Child | undefined {
  let first: number | undefined
  for (const name in object) {
    const position = positions.get(name)
    if (position !== undefined && (first === undefined || position < first)) first = position
  }
  return first === undefined ? undefined : choices[first]
}

/** Names of Object.prototype are no elements. */
function own(object: JsonObject, name: string): JsonValue | undefined {
  const value = object[name]
  return value === undefined || !Object.hasOwn(object, name) ? undefined : value
}

function untyped(name: string): Child {
  return { property: name, sibling: `_${name}`, shape: undefined }
}

function pushValues(
  into: Item[],
  value: JsonValue | undefined,
  sibling: JsonValue | undefined,
  { shape }: Child,
  parent: Node,
): void {
  if (Array.isArray(value)) {
    const beside = Array.isArray(sibling) ? sibling : undefined
    for (let at = 0; at < value.length; at++) into.push(new Node(value[at], beside?.[at], shape, parent))
    if (beside === undefined) return
    for (let at = value.length; at < beside.length; at++) into.push(new Node(null, beside[at], shape, parent))
  } else if ((value === undefined || value === null) && Array.isArray(sibling)) {
    for (const each of sibling) into.push(new Node(null, each, shape, parent))
  } else if ((value !== undefined && value !== null) || (sibling !== undefined && sibling !== null)) {
    into.push(new Node(value, sibling, shape, parent))
  }
}
