// What collections hold while a compiled expression runs: nodes of JSON and computed values.
import { isJsonObject, type JsonObject, type JsonValue } from '../../resource.ts'
import { type Child, childrenOf, type Shape, shapeOf } from './shape.ts'

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
  const object = isJsonObject(data) ? data : undefined
  const beside = object === undefined && isJsonObject(sibling) ? sibling : undefined
  if (object === undefined && beside === undefined) return
  const children = shape === undefined ? untyped(name) : childrenOf(shape, name)
  for (const child of children) {
    const { property } = child
    if (object !== undefined) {
      const value = own(object, property)
      const next = own(object, child.sibling)
      if (value === undefined && next === undefined) continue
      pushValues(into, value, next, child, from)
      return
    }
    const value = own(beside as JsonObject, property)
    if (value !== undefined) pushValues(into, value, undefined, child, from)
  }
}

/** Names of Object.prototype are no elements. */
function own(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function untyped(name: string): readonly Child[] {
  return [{ property: name, sibling: `_${name}`, shape: undefined }]
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
