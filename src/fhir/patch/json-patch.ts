// JSON Patch (https://www.rfc-editor.org/rfc/rfc6902), numbers moving with their written form.
import { FhirError } from '../errors.ts'
import { copyValue, equalJson, roughSize, spliceArray } from '../json/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../resource.ts'
import { type Place, parsePointer, placeAt, valueAt } from './pointer.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { removeEmptied } from './emptied.ts'

type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
const NAMES: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test'])

/** So many characters may the `copy` operations of one patch make, for each can double what the one before it made. */
const MAX_COPIED = 10_000_000

/** What the operations have done so far. */
interface Effects {
  /** Objects and arrays that lost their last content. */
  readonly emptied: Set<JsonValue>
  copied: number
}

interface Operation {
  readonly name: OperationName
  readonly path: readonly string[]
  /** For move and copy. */
  readonly from: readonly string[]
  /** The operation's own object, whose `value` add, replace and test need. */
  readonly source: JsonObject
  readonly refusal: Refusal
}

/**
 * Applies the operations in order, in place, and returns the document, which is another one when the root was
 * replaced. What has lost its last item or property is taken out at the end: FHIR has nothing empty.
 * @throws FhirError `invalid`, `business-rule`; the document is then of no more use
 */
export function applyJsonPatch(document: JsonValue, operations: JsonValue): JsonValue {
  if (!Array.isArray(operations)) throw new FhirError('invalid', 'A JSON Patch is an array of operations.')
  const read = operations.map(readOperation)
  // The root is a property too, so that it can be replaced as any other.
  const holder: JsonObject = { '': document }
  const effects: Effects = { emptied: new Set(), copied: 0 }
  for (const operation of read) applyOperation(holder, operation, effects)
  const patched = holder[''] ?? null
  removeEmptied(patched, effects.emptied)
  return patched
}

function readOperation(source: JsonValue, index: number): Operation {
  const anonymous = refusalOf(`Operation ${index}`)
  if (!isJsonObject(source)) throw anonymous.malformed('an operation is an object')
  const { op, path, from } = source
  if (typeof op !== 'string' || !NAMES.has(op)) {
    throw anonymous.malformed(`'op' must be one of ${[...NAMES].join(', ')}`)
  }
  const name = op as OperationName
  if (typeof path !== 'string') throw anonymous.malformed(`'${name}' needs 'path', a JSON Pointer`)
  const refusal = refusalOf(`Operation ${index} (${name} '${path}')`)
  const needsFrom = name === 'move' || name === 'copy'
  if (needsFrom && typeof from !== 'string') throw refusal.malformed(`'${name}' needs 'from', a JSON Pointer`)
  if (!needsFrom && name !== 'remove' && source.value === undefined)
    throw refusal.malformed(`'${name}' needs 'value'`)
  return {
    name,
    source,
    refusal,
    path: parsePointer(path, refusal),
    from: needsFrom && typeof from === 'string' ? parsePointer(from, refusal) : [],
  }
}

function applyOperation(holder: JsonObject, operation: Operation, effects: Effects): void {
  const { name, source, refusal } = operation
  switch (name) {
    case 'add':
      return add(placeAt(holder, operation.path, refusal), source, 'value', refusal)
    case 'replace': {
      const place = existing(holder, operation.path, refusal)
      return copyValue(source, 'value', place.container, place.key)
    }
    case 'remove':
      remove(existing(holder, operation.path, refusal), refusal, effects)
      return
    case 'copy': {
      const { container, key } = existing(holder, operation.from, refusal)
      effects.copied += roughSize(valueAt(container, key))
      if (effects.copied > MAX_COPIED) throw refusal.failed('the patch copies too much')
      const carried: JsonObject = {}
      copyValue(container, key, carried, 'value')
      return add(placeAt(holder, operation.path, refusal), carried, 'value', refusal)
    }
    case 'move':
      return move(holder, operation, effects)
    case 'test': {
      const { container, key } = existing(holder, operation.path, refusal)
      if (!equalJson(valueAt(container, key), source.value, 'value'))
        throw refusal.failed('the value is another one')
    }
  }
}

function existing(holder: JsonObject, path: readonly string[], refusal: Refusal): Place {
  const place = placeAt(holder, path, refusal)
  if (valueAt(place.container, place.key) === undefined) throw refusal.failed('the path leads to nothing')
  return place
}

function add(place: Place, from: JsonObject, fromKey: string, refusal: Refusal): void {
  const { container, key } = place
  if (Array.isArray(container)) {
    if (Number(key) > container.length) throw refusal.failed(`the array has only ${container.length} items`)
    spliceArray(container, Number(key), 0, null)
  }
  copyValue(from, fromKey, container, key)
}

/** Returns an object whose `value` is what was removed. */
function remove(place: Place, refusal: Refusal, { emptied }: Effects): JsonObject {
  const { container, key } = place
  if (key === '') throw refusal.failed('the resource itself cannot be removed')
  const removed: JsonObject = {}
  copyValue(container, key, removed, 'value')
  if (Array.isArray(container)) {
    spliceArray(container, Number(key), 1)
    if (container.length === 0) emptied.add(container)
  } else {
    delete container[key]
    if (Object.keys(container).length === 0) emptied.add(container)
  }
  return removed
}

function move(holder: JsonObject, operation: Operation, effects: Effects): void {
  const { from, path, refusal } = operation
  const place = existing(holder, from, refusal)
  const isPrefix = from.every((token, index) => path[index] === token)
  if (isPrefix && from.length === path.length) return
  if (isPrefix) throw refusal.failed('a value cannot be moved into itself')
  const removed = remove(place, refusal, effects)
  add(placeAt(holder, path, refusal), removed, 'value', refusal)
}
