// Keeps decimals as they were written: `1.00` and `1.0` are one number but two statements of precision
// (https://hl7.org/fhir/R4/datatypes.html#decimal).
import type { JsonObject, JsonValue } from '../resource.ts'

type Container = JsonObject | JsonValue[]
type WrittenForms = Readonly<Record<string, string>>
type WithForms = { [NUMERALS]?: WrittenForms }

/**
 * Under this key a container keeps the written form of those of its numbers that `String(number)` would write
 * otherwise. A symbol's property is copied by spread, and passed over by `JSON.stringify` and `Object.keys`.
 * The record is never changed in place, for a copy of the container may share it.
 */
const NUMERALS = Symbol('written forms of numbers')

/** The written form of the number at `key`, when `String(number)` differs from it and that number still stands there. */
export function decimalText(container: Container, key: string | number): string | undefined {
  const forms = (container as WithForms)[NUMERALS]
  if (forms === undefined) return undefined
  const text = Object.hasOwn(forms, key) ? forms[key] : undefined
  if (text === undefined) return undefined
  return Number(text) === (container as Record<string | number, unknown>)[key] ? text : undefined
}

/**
 * Says how the number at `key` is written: a JSON number, such as `1.00`. Without `text`, or when
 * `String(number)` is the same, there is nothing to keep. Call it with every change of a number.
 */
export function setDecimalText(container: Container, key: string | number, text: string | undefined): void {
  const holder = container as WithForms
  const forms = holder[NUMERALS]
  if (text === undefined || text === String(Number(text))) {
    if (forms === undefined || !Object.hasOwn(forms, key)) return
    const { [key]: _, ...others } = forms
    if (Object.keys(others).length === 0) delete holder[NUMERALS]
    else holder[NUMERALS] = others
    return
  }
  holder[NUMERALS] = { ...forms, [key]: text }
}

/** Gives a container just parsed its written forms, all at once. */
export function setWrittenForms(container: Container, forms: WrittenForms): void {
  const holder = container as WithForms
  holder[NUMERALS] = forms
}

/** Whether this container (not those within) keeps a written form. */
export function hasWrittenForms(container: Container): boolean {
  return (container as WithForms)[NUMERALS] !== undefined
}

/** Sets `to[toKey]` to a deep copy of `from[fromKey]`, its written form with it. */
export function copyValue(
  from: Container,
  fromKey: string | number,
  to: Container,
  toKey: string | number,
): void {
  const value = (from as Record<string | number, JsonValue>)[fromKey]
  const target = to as Record<string | number, JsonValue | undefined>
  target[toKey] = value === undefined ? undefined : cloneJson(value)
  setDecimalText(to, toKey, decimalText(from, fromKey))
}

/** Array.prototype.splice, by which each number keeps its written form; the removed are returned likewise. */
export function spliceArray(
  array: JsonValue[],
  start: number,
  deleteCount: number,
  ...items: JsonValue[]
): JsonValue[] {
  if (!hasWrittenForms(array)) return array.splice(start, deleteCount, ...items)
  const texts = array.map((_, index) => decimalText(array, index))
  const removed = array.splice(start, deleteCount, ...items)
  const removedTexts = texts.splice(start, deleteCount, ...items.map(() => undefined))
  setTexts(array, texts)
  setTexts(removed, removedTexts)
  return removed
}

/** The written forms of all items at once: one by one, each would copy those before it. */
function setTexts(array: JsonValue[], texts: readonly (string | undefined)[]): void {
  const forms: Record<number, string> = {}
  texts.forEach((text, index) => {
    if (text !== undefined) forms[index] = text
  })
  if (Object.keys(forms).length > 0) setWrittenForms(array, forms)
  else delete (array as WithForms)[NUMERALS]
}

/** A deep copy, written forms included; `undefined` properties are left out. */
export function cloneJson<T extends JsonValue>(value: T): T {
  return clone(value) as T
}

function clone(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  const forms = (value as WithForms)[NUMERALS]
  const copy: JsonValue = Array.isArray(value) ? value.map(clone) : cloneObject(value)
  if (forms !== undefined) setWrittenForms(copy, forms)
  return copy
}

function cloneObject(value: JsonObject): JsonObject {
  const copy: JsonObject = {}
  for (const key in value) {
    const child = value[key]
    if (child !== undefined) copy[key] = clone(child)
  }
  return copy
}

/**
 * Whether two values say the same, properties in any order. Numbers are compared by their written form
 * (`1.0` is not `1.00`), or by `value` alone.
 */
export function equalJson(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  numbers: 'written' | 'value' = 'written',
): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    return a.every((_, index) => equalAt(a, b, index, numbers))
  }
  if (Array.isArray(b)) return false
  let count = 0
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue
    if (!Object.hasOwn(b, key) || !equalAt(a, b, key, numbers)) return false
    count++
  }
  return Object.keys(b).reduce((sum, key) => (b[key] === undefined ? sum : sum + 1), 0) === count
}

function equalAt(a: Container, b: Container, key: string | number, numbers: 'written' | 'value'): boolean {
  const x = (a as Record<string | number, JsonValue | undefined>)[key]
  const y = (b as Record<string | number, JsonValue | undefined>)[key]
  if (typeof x !== 'number') return equalJson(x, y, numbers)
  return x === y && (numbers === 'value' || decimalText(a, key) === decimalText(b, key))
}
