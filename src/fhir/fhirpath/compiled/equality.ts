// Equality, equivalence and order of items (https://hl7.org/fhirpath/N1/#equality).
import { isJsonObject, type JsonObject, type JsonValue } from '../../resource.ts'
import { dataOf, type Item, type Items, Node } from './item.ts'
import { placesOf } from './number.ts'
import { BeyondSubset, type Run } from './run.ts'
import { orderOfTimes } from './temporal.ts'

/** `a = b` of collections that are not empty. */
export function areEqual(run: Run, a: Items, b: Items): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) {
    if (!isEqual(run, a[at] as Item, b[at] as Item)) return false
  }
  return true
}

/** `a = b` of two items. Primitives that come from a resource must have the same extensions, too. */
export function isEqual(run: Run, a: Item, b: Item): boolean {
  run.spend(1)
  if (!(a instanceof Node) && !(b instanceof Node)) return samePrimitive(a, b)
  if (a === b) return true
  const left = dataOf(a)
  const right = dataOf(b)
  if (isJsonObject(left) && isJsonObject(right) && areTold(left, right)) return false
  if (isTemporal(a) || isTemporal(b)) return sameTemporal(run, a, b)
  if (isQuantity(a) || isQuantity(b)) throw new BeyondSubset()
  if (!sameJson(run, left, right)) return false
  return sameSiblings(run, a, b)
}

/** Whether two objects differ in the one element by which items of a questionnaire mostly do. */
function areTold(a: JsonObject, b: JsonObject): boolean {
  const [left, right] = [a['linkId'], b['linkId']]
  return left !== right && typeof left === 'string' && typeof right === 'string'
}

/** `a ~ b` of collections. */
export function areEquivalent(run: Run, a: Items, b: Items): boolean {
  if (a.length !== b.length) return false
  if (a.length === 0) return true
  // Several items are equivalent in any order.
  if (a.length > 1) throw new BeyondSubset()
  const [left, right] = [a[0] as Item, b[0] as Item]
  run.spend(1)
  if (left === right) return true
  if (isTemporal(left) || isTemporal(right) || isQuantity(left) || isQuantity(right)) throw new BeyondSubset()
  return equivalentJson(run, dataOf(left), dataOf(right))
}

/**
 * Negative, zero or positive as `a` stands before, with or behind `b`; undefined where one of them has no value.
 * Throws FhirError('invalid') for what has no order.
 */
export function order(run: Run, a: Item, b: Item): number | undefined {
  run.spend(1)
  const left = dataOf(a)
  const right = dataOf(b)
  if (left === undefined || left === null || right === undefined || right === null) return undefined
  if (typeof left === 'number' && typeof right === 'number') return rounded(left) - rounded(right)
  if (isTemporal(a) || isTemporal(b)) {
    if (!isTemporal(a) || !isTemporal(b)) throw new BeyondSubset()
    return orderOfTimes(String(left), String(right))
  }
  if (typeof left === 'string' && typeof right === 'string') return left === right ? 0 : left < right ? -1 : 1
  if (typeof left === 'object' || typeof right === 'object' || typeof left === typeof right) {
    throw new BeyondSubset()
  }
  throw run.fault(`a ${typeof left} is compared with a ${typeof right}`)
}

/** Whether equal items would be found in another way than by their text: see `keyOf`. */
export function isPlain(item: Item): boolean {
  return !isTemporal(item) && !isQuantity(item)
}

/** The same for equal items, and mostly another for others. */
export function keyOf(item: Item): string {
  const data = dataOf(item)
  if (typeof data === 'number') return `n${rounded(data)}`
  if (typeof data !== 'object' || data === null) return `${typeof data}${data}`
  if (Array.isArray(data)) return 'a'
  for (const name of TELLING) {
    const value = data[name]
    if (typeof value === 'string') return `${name}=${value}`
  }
  return 'o'
}

/** Elements by which objects mostly differ. */
const TELLING = ['linkId', 'url', 'id', 'code', 'value', 'text'] as const

export function isTemporal(item: Item): boolean {
  return item instanceof Node && item.shape?.temporal === true
}

/** A quantity that is compared by its UCUM unit; all others are compared as they stand in JSON. */
export function isQuantity(item: Item): boolean {
  if (!(item instanceof Node) || item.shape?.quantity !== true) return false
  return (item.data as JsonObject | null | undefined)?.['system'] === 'http://unitsofmeasure.org'
}

/** FHIRPath's decimals have eight places; further ones do not count. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Math.round(value / 1e-8) * 1e-8
}

function samePrimitive(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true
  return typeof a === 'number' && typeof b === 'number' && rounded(a) === rounded(b)
}

/** A date that is known to be one equals nothing else. */
function sameTemporal(run: Run, a: Item, b: Item): boolean {
  const [left, right] = [dataOf(a), dataOf(b)]
  if (left === right && isTemporal(a) && isTemporal(b)) return sameSiblings(run, a, b)
  if (typeof left !== 'string' || typeof right !== 'string') return false
  if (!isTemporal(a) || !isTemporal(b)) {
    const time = isTemporal(a) ? left : right
    // What is no date is compared as the text that it is.
    orderOfTimes(time, time)
    return false
  }
  return orderOfTimes(left, right) === 0 && sameSiblings(run, a, b)
}

function sameSiblings(run: Run, a: Item, b: Item): boolean {
  if (!(a instanceof Node && b instanceof Node)) return true
  if (a.sibling === b.sibling) return true
  return sameJson(run, a.sibling ?? null, b.sibling ?? null)
}

function sameJson(run: Run, a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a !== undefined && b !== undefined && samePrimitive(a, b)
  }
  return sameParts(run, a, b, sameJson)
}

function sameParts(
  run: Run,
  a: JsonObject | JsonValue[],
  b: JsonObject | JsonValue[],
  same: (run: Run, a: JsonValue | undefined, b: JsonValue | undefined) => boolean,
): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    run.spend(a.length)
    return a.every((each, at) => same(run, each, b[at]))
  }
  const names = Object.keys(a)
  run.spend(names.length)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && same(run, a[name], b[name]))
}

function equivalentJson(run: Run, a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (typeof a === 'string' && typeof b === 'string') {
    run.spend(a.length + b.length)
    return normalized(a) === normalized(b)
  }
  if (typeof a === 'number' && typeof b === 'number') return equivalentNumbers(a, b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return sameParts(run, a, b, equivalentJson)
}

/** Case does not count, nor does which white space it is. */
function normalized(text: string): string {
  return text.toUpperCase().replace(/\p{White_Space}/gu, ' ')
}

/** Numbers are compared at the precision of the less precise. */
function equivalentNumbers(a: number, b: number): boolean {
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b
  const scale = 10 ** Math.min(placesOf(a), placesOf(b))
  return Math.round(a * scale) === Math.round(b * scale)
}
