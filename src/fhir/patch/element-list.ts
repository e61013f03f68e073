// Puts elements into JSON and takes them out, each with the `_x` that stands beside a primitive
// (https://hl7.org/fhir/R4/json.html#primitive).
import { copyValue, spliceArray } from '../json/index.ts'
import type { JsonObject, JsonValue } from '../resource.ts'

/** An element's `value`, and for a primitive what stands beside it: `_value`, its id and extensions. */
export interface ElementValue extends JsonObject {
  value?: JsonValue
  _value?: JsonValue
}

/** Sets `owner[name]`, in place of what may be there. */
export function setElement(owner: JsonObject, name: string, element: ElementValue): void {
  setOrDelete(owner, name, element, 'value')
  setOrDelete(owner, `_${name}`, element, '_value')
}

/** Deletes `owner[name]`. */
export function deleteElement(owner: JsonObject, name: string): void {
  setElement(owner, name, {})
}

/** Replaces one item of the list `owner[name]`. */
export function setItem(owner: JsonObject, name: string, index: number, element: ElementValue): void {
  deleteItem(owner, name, index)
  insertItem(owner, name, index, element)
}

/** Puts an item before that which is at `index` now. */
export function insertItem(owner: JsonObject, name: string, index: number, element: ElementValue): void {
  const length = listLength(owner, name)
  for (const [key, from] of sides(name)) {
    let list = owner[key]
    if (!Array.isArray(list)) {
      if (element[from] === undefined) continue
      list = Array.from({ length }, () => null)
      owner[key] = list
    }
    while (list.length < length) list.push(null)
    spliceArray(list, index, 0, null)
    if (element[from] !== undefined) copyValue(element, from, list, index)
  }
}

/** Puts an item at the end of the list, which comes to be when there is none. */
export function appendElement(owner: JsonObject, name: string, element: ElementValue): void {
  insertItem(owner, name, listLength(owner, name), element)
}

/** Takes an item out, and the list with the last. */
export function deleteItem(owner: JsonObject, name: string, index: number): void {
  for (const [key] of sides(name)) {
    const list = owner[key]
    if (!Array.isArray(list)) continue
    spliceArray(list, index, 1)
    if (list.every((item) => item === null)) delete owner[key]
  }
}

/** Takes an item out and puts it in again, at `to` as counted without it. */
export function moveItem(owner: JsonObject, name: string, from: number, to: number): void {
  const element: ElementValue = {}
  for (const [key, side] of sides(name)) {
    const list = owner[key]
    if (Array.isArray(list) && (list[from] ?? null) !== null) copyValue(list, from, element, side)
  }
  deleteItem(owner, name, from)
  insertItem(owner, name, to, element)
}

/** How many items `owner[name]` has, those that are only extensions included. */
export function listLength(owner: JsonObject, name: string): number {
  return Math.max(...sides(name).map(([key]) => (Array.isArray(owner[key]) ? owner[key].length : 0)))
}

function sides(name: string): readonly (readonly [key: string, side: 'value' | '_value'])[] {
  return [
    [name, 'value'],
    [`_${name}`, '_value'],
  ]
}

function setOrDelete(owner: JsonObject, key: string, element: ElementValue, side: 'value' | '_value'): void {
  if (element[side] === undefined) delete owner[key]
  else copyValue(element, side, owner, key)
}
