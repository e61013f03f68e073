// Takes out what a patch has emptied: an element without content does not exist in FHIR.
import type { JsonObject, JsonValue } from '../resource.ts'

/**
 * Removes, below `root`, those of the emptied objects and arrays that are still empty, and whatever is empty
 * without them. What came empty with the patch itself stays, for the validator to refuse.
 */
export function removeEmptied(root: JsonValue, emptied: ReadonlySet<JsonValue>): void {
  if (emptied.size > 0 && isContainer(root)) removeBelow(root, '', emptied)
}

/** Whether something was removed directly from this value, which is that of the property `name`. */
function removeBelow(
  value: JsonObject | JsonValue[],
  name: string,
  emptied: ReadonlySet<JsonValue>,
): boolean {
  return Array.isArray(value) ? removeItems(value, name, emptied) : removeProperties(value, emptied)
}

function removeItems(array: JsonValue[], name: string, emptied: ReadonlySet<JsonValue>): boolean {
  let lost = false
  for (let index = array.length - 1; index >= 0; index--) {
    if (!isGone(array[index], name, emptied)) continue
    lost = true
    // The items of `_given` stand beside those of `given`: null keeps the place.
    if (name.startsWith('_')) array[index] = null
    else array.splice(index, 1)
  }
  return lost
}

function removeProperties(object: JsonObject, emptied: ReadonlySet<JsonValue>): boolean {
  let lost = false
  for (const name of Object.keys(object)) {
    if (!isGone(object[name], name, emptied)) continue
    delete object[name]
    lost = true
  }
  return lost
}

function isGone(value: JsonValue | undefined, name: string, emptied: ReadonlySet<JsonValue>): boolean {
  if (!isContainer(value)) return false
  const lost = removeBelow(value, name, emptied)
  return (lost || emptied.has(value)) && isEmpty(value)
}

function isEmpty(value: JsonObject | JsonValue[]): boolean {
  return Array.isArray(value) ? value.every((item) => item === null) : Object.keys(value).length === 0
}

function isContainer(value: JsonValue | undefined): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null
}
