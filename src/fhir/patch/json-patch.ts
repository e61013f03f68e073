// JSON Patch (https://www.rfc-editor.org/rfc/rfc6902), numbers moving with their written form.
import { FhirError } from '../errors.ts'
import {
  copyValue,
  decimalText,
  equalJson,
  MAX_DEPTH,
  roughSize,
  setDecimalText,
  spliceArray,
} from '../json/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../resource.ts'
import { type Place, parsePointer, placeAt, valueAt } from './pointer.ts'
import { type Refusal, refusalOf, shown } from './refusal.ts'
import { removeEmptied } from './emptied.ts'

type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
const NAMES: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test'])

/** So many characters may the `copy` operations of one patch make, for each can double what the one before it made. */
const MAX_COPIED = 10_000_000
/** So many values may be looked at and shifted by all of them: each may have to go through a whole array or object. */
const MAX_HANDLED = 5_000_000

/** What the operations have done so far. */
interface Effects {
  /** Objects and arrays that lost their last content. */
  readonly emptied: Set<JsonValue>
  copied: number
  handled: number
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
  const effects: Effects = { emptied: new Set(), copied: 0, handled: 0 }
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
  const refusal = refusalOf(`Operation ${index} (${name} ${shown(path)})`)
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
      return add(holder, operation, carry(source, 'value'), effects)
    case 'replace': {
      const { container, key } = existing(holder, operation.path, refusal)
      handle(container, operation, effects)
      return put(container, key, operation, carry(source, 'value'), effects)
    }
    case 'remove':
      remove(existing(holder, operation.path, refusal), operation, effects)
      return
    case 'copy': {
      const { container, key } = existing(holder, operation.from, refusal)
      effects.copied += roughSize(valueAt(container, key))
      if (effects.copied > MAX_COPIED) throw refusal.failed('the patch copies too much')
      return add(holder, operation, carry(container, key), effects)
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

/** A value on its way to its place. */
type Carried = JsonObject & { value: JsonValue }

function existing(holder: JsonObject, path: readonly string[], refusal: Refusal): Place {
  const place = placeAt(holder, path, refusal)
  if (valueAt(place.container, place.key) === undefined) throw refusal.failed('the path leads to nothing')
  return place
}

/** A deep copy of the value, on its own. */
function carry(container: Place['container'], key: string | number): Carried {
  const carried: JsonObject = {}
  copyValue(container, key, carried, 'value')
  return carried as Carried
}

function add(holder: JsonObject, operation: Operation, carried: Carried, effects: Effects): void {
  const { path, refusal } = operation
  const { container, key } = placeAt(holder, path, refusal)
  handle(container, operation, effects)
  if (Array.isArray(container)) {
    if (Number(key) > container.length) throw refusal.failed(`the array has only ${container.length} items`)
    spliceArray(container, Number(key), 0, null)
  }
  put(container, key, operation, carried, effects)
}

/** Puts the carried value itself, no copy, and its written form in place. */
function put(
  container: Place['container'],
  key: string | number,
  operation: Operation,
  carried: Carried,
  effects: Effects,
): void {
  effects.handled += valuesIn(carried.value, MAX_DEPTH + 1 - operation.path.length, operation.refusal)
  requireLittle(operation, effects)
  ;(container as Record<string | number, JsonValue>)[key] = carried.value
  setDecimalText(container, key, decimalText(carried, 'value'))
}

/** What was removed, itself. */
function remove(place: Place, operation: Operation, effects: Effects): Carried {
  const { container, key } = place
  if (key === '') throw operation.refusal.failed('the resource itself cannot be removed')
  handle(container, operation, effects)
  const removed: Carried = { value: valueAt(container, key) as JsonValue }
  setDecimalText(removed, 'value', decimalText(container, key))
  if (Array.isArray(container)) {
    spliceArray(container, Number(key), 1)
    if (container.length === 0) effects.emptied.add(container)
  } else {
    delete container[key]
    setDecimalText(container, key, undefined)
    if (Object.keys(container).length === 0) effects.emptied.add(container)
  }
  return removed
}

function move(holder: JsonObject, operation: Operation, effects: Effects): void {
  const { from, path, refusal } = operation
  const place = existing(holder, from, refusal)
  const isPrefix = from.every((token, index) => path[index] === token)
  if (isPrefix && from.length === path.length) return
  if (isPrefix) throw refusal.failed('a value cannot be moved into itself')
  add(holder, operation, remove(place, operation, effects), effects)
}

/** Counts what a change to the container has to go through. */
function handle(container: Place['container'], operation: Operation, effects: Effects): void {
  effects.handled += Array.isArray(container) ? container.length : Object.keys(container).length
  requireLittle(operation, effects)
}

function requireLittle({ refusal }: Operation, { handled }: Effects): void {
  if (handled > MAX_HANDLED) throw refusal.failed('the patch has too much to do')
}

/** How many values stand in this one, itself among them. @throws FhirError `business-rule` when too deep */
function valuesIn(value: JsonValue, levels: number, refusal: Refusal): number {
  if (typeof value !== 'object' || value === null) return 1
  if (levels <= 0) throw refusal.failed(`objects and arrays would stand more than ${MAX_DEPTH} levels deep`)
  let count = 1
  if (Array.isArray(value)) for (const item of value) count += valuesIn(item, levels - 1, refusal)
  else for (const name of Object.keys(value)) count += valuesIn(value[name] as JsonValue, levels - 1, refusal)
  return count
}
