// What compiled invariants share: collections, strings and comparisons as FHIRPath means them (https://hl7.org/fhirpath/N1/).
import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, type JsonValue, parseDateRange } from '../../fhir/index.ts'

/** An item of a collection. Null stands for a primitive that has extensions, but no value. */
export type Item = JsonValue | undefined
/** A collection; undefined is an empty one. Whatever else is no array is the sign of a malformed body, and empty too. */
export type Items = Item[] | Item

/** The value of a primitive: null when only its `_x` sibling is there. */
export function value(plain: Item, sibling: Item): Item {
  return plain ?? (sibling === undefined ? undefined : null)
}

/** The values of a repeated primitive. */
export function values(plain: Items, sibling: Items): Items {
  if (!Array.isArray(sibling)) return plain
  if (!Array.isArray(plain)) return sibling.map(() => null)
  return plain.length >= sibling.length ? plain : [...plain, ...sibling.slice(plain.length).map(() => null)]
}

export function size(items: Items): number {
  return Array.isArray(items) ? items.length : 0
}

export function listOf(item: Item): Item[] {
  return item === undefined ? [] : [item]
}

// biome-ignore lint/suspicious/noExplicitAny: the compiler knows the types that it reads, TypeScript need not
type Test = (item: any) => boolean

export function some(items: Items, test: Test): boolean {
  return Array.isArray(items) && items.some((item) => test(item))
}

/** True of an empty collection too. */
export function every(items: Items, test: Test): boolean {
  return !Array.isArray(items) || items.every((item) => test(item))
}

export function filter(items: Items, test: Test): Items {
  return Array.isArray(items) ? items.filter((item) => test(item)) : undefined
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export function flat(items: Items, select: (item: any) => Items): Item[] {
  const all: Item[] = []
  if (!Array.isArray(items)) return all
  for (const item of items) {
    const selected = select(item)
    if (Array.isArray(selected)) all.push(...selected)
    else if (selected !== undefined) all.push(selected)
  }
  return all
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export function first(items: Items): any {
  return Array.isArray(items) ? items[0] : undefined
}

export function tail(items: Items): Items {
  return Array.isArray(items) ? items.slice(1) : undefined
}

export function combine(a: Items, b: Items): Item[] {
  return [...(Array.isArray(a) ? a : []), ...(Array.isArray(b) ? b : [])]
}

export function union(a: Items, b: Items): Item[] {
  const all: Item[] = []
  for (const item of combine(a, b)) if (!includes(all, item)) all.push(item)
  return all
}

export function intersect(a: Items, b: Items): Items {
  return filter(a, (item) => includes(b, item))
}

/** Whether two collections have an item in common. */
export function meet(a: Items, b: Items): boolean {
  return some(a, (item) => includes(b, item))
}

export function includes(items: Items, sought: Item): boolean {
  return some(items, (item) => same(item, sought))
}

/** Whether no two items are equal. */
export function distinct(items: Items): boolean {
  if (!Array.isArray(items) || items.length < 2) return true
  if (!items.some((item) => typeof item === 'object')) return new Set(items).size === items.length
  return items.every((item, at) => !includes(items.slice(0, at), item))
}

function same(a: Item, b: Item): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && isDeepStrictEqual(a, b))
}

/** Whether an object has any of these properties. */
export function hasAny(owner: Item, names: readonly string[]): boolean {
  return isJsonObject(owner) && names.some((name) => owner[name] !== undefined)
}

/** What stands in the first of these properties; of `_valueString`, null. */
export function chosen(owner: Item, names: readonly string[]): Item {
  if (!isJsonObject(owner)) return undefined
  const name = names.find((it) => owner[it] !== undefined)
  return name === undefined ? undefined : name.startsWith('_') ? null : owner[name]
}

/** The child elements of an object of unknown type, all or those of one name. */
export function children(owner: Item, name?: string): Item[] {
  if (!isJsonObject(owner)) return []
  if (name !== undefined) return childrenOf(owner, name)
  return namesOf(owner).flatMap((it) => childrenOf(owner, it))
}

function childrenOf(owner: JsonObject, name: string): Item[] {
  const plain = owner[name]
  const sibling = owner[`_${name}`]
  if (Array.isArray(plain) || Array.isArray(sibling)) {
    const all = values(plain, sibling)
    return Array.isArray(all) ? all : []
  }
  return listOf(value(plain, sibling))
}

function namesOf(owner: JsonObject): string[] {
  const names = Object.keys(owner).map((name) => (name.startsWith('_') ? name.slice(1) : name))
  return [...new Set(names)].filter((name) => name !== 'resourceType')
}

/** All elements below an object; those below a primitive (its extensions) too. */
export function descendants(owner: Item): Item[] {
  const all: Item[] = []
  const walk = (node: JsonObject): void => {
    for (const name of namesOf(node)) {
      for (const item of childrenOf(node, name)) {
        all.push(item)
        if (isJsonObject(item)) walk(item)
      }
      const sibling = node[`_${name}`]
      for (const item of Array.isArray(sibling) ? sibling : [sibling]) if (isJsonObject(item)) walk(item)
    }
  }
  if (isJsonObject(owner)) walk(owner)
  return all
}

/** As an operand of `&`: nothing is the empty text. */
export function text(item: Item): string {
  return typeof item === 'string' ? item : ''
}

export function startsWith(item: Item, prefix: Item): boolean | undefined {
  return typeof item === 'string' && typeof prefix === 'string' ? item.startsWith(prefix) : undefined
}

export function contains(item: Item, part: Item): boolean | undefined {
  return typeof item === 'string' && typeof part === 'string' ? item.includes(part) : undefined
}

/** Whether a part of the text matches. */
export function matches(item: Item, pattern: RegExp): boolean | undefined {
  return typeof item === 'string' ? pattern.test(item) : undefined
}

export function replaceMatches(item: Item, pattern: RegExp, replacement: Item): string | undefined {
  if (typeof item !== 'string' || typeof replacement !== 'string') return undefined
  return item.replaceAll(new RegExp(pattern, `${pattern.flags}g`), replacement)
}

export function toInteger(item: Item): number | undefined {
  if (typeof item === 'number') return Number.isInteger(item) ? item : undefined
  return typeof item === 'string' && /^[+-]?[0-9]+$/.test(item) ? Number(item) : undefined
}

export function toText(item: Item): string | undefined {
  return typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean'
    ? String(item)
    : undefined
}

// Comparisons answer below, at or above 0, and NaN (of which every `<` and `>` is false) when it cannot be told.

export function compareNumbers(a: Item, b: Item): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : Number.NaN
}

/**
 * Dates and dateTimes. Two with a time are instants. Else they are compared as written, by the parts that both
 * have: `2024-03` and `2024-03-05` cannot be told apart. A time's zone does not move its date then, because
 * nobody knows the zone of the date beside it.
 */
export function compareTimes(a: Item, b: Item): number {
  if (typeof a !== 'string' || typeof b !== 'string') return Number.NaN
  if (a.length > 10 && b.length > 10) {
    return (parseDateRange(a)?.low ?? Number.NaN) - (parseDateRange(b)?.low ?? Number.NaN)
  }
  const length = Math.min(a.length, b.length)
  const partA = a.slice(0, length)
  const partB = b.slice(0, length)
  if (partA === partB) return a.length === b.length ? 0 : Number.NaN
  return partA < partB ? -1 : 1
}

/** Quantities of the same unit; whether 1 g is more than 500 mg is left open. */
export function compareQuantities(a: Item, b: Item): number {
  if (!isJsonObject(a) || !isJsonObject(b)) return Number.NaN
  if (a.comparator !== undefined || b.comparator !== undefined) return Number.NaN
  const sameUnit =
    a.system === b.system &&
    (a.code === undefined && b.code === undefined ? a.unit === b.unit : a.code === b.code)
  return sameUnit ? compareNumbers(a.value, b.value) : Number.NaN
}
