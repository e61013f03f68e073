// What compiled invariants share: collections, strings and comparisons as FHIRPath means them (https://hl7.org/fhirpath/N1/).
import { isJsonObject, type JsonObject, type JsonValue, parseDateRange } from '../../fhir/index.ts'

/** An item of a collection. Null stands for a primitive that has extensions, but no value. */
export type Item = JsonValue | undefined
/** A collection; undefined is an empty one. Whatever else is no array is the sign of a malformed body, and empty too. */
export type Items = Item[] | Item

/** The value of a primitive: null when only its `_x` sibling is there. */
export function value(plain: Item, sibling: Item): Item {
  return plain ?? (sibling === undefined ? undefined : null)
}

/** A value that is made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
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
export function flat(items: Items, select: (item: any) => Items): Items {
  if (!Array.isArray(items)) return undefined
  const all: Item[] = []
  for (const item of items) {
    const selected = select(item)
    if (Array.isArray(selected)) for (const each of selected) all.push(each)
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
  return [...new Map(combine(a, b).map((item) => [keyOf(item), item])).values()]
}

/** Items by their value. */
export type ItemSet = ReadonlySet<string | number | boolean | null | undefined>

export function setOf(items: Items): ItemSet {
  return new Set(Array.isArray(items) ? items.map((item) => keyOf(item)) : [])
}

export function includes(set: ItemSet, sought: Item): boolean {
  return set.has(keyOf(sought))
}

export function intersect(items: Items, set: ItemSet): Items {
  return filter(items, (item) => includes(set, item))
}

/** Whether some item is of the set. */
export function meet(items: Items, set: ItemSet): boolean {
  return some(items, (item) => includes(set, item))
}

/** Whether no two items are equal. */
export function distinct(items: Items): boolean {
  return !Array.isArray(items) || items.length < 2 || setOf(items).size === items.length
}

/** Equal for equal items, whatever the order of their properties. */
function keyOf(item: Item): string | number | boolean | null | undefined {
  // No text of FHIR begins with U+0000.
  return typeof item === 'object' && item !== null ? `\0${canonical(item, 0)}` : item
}

/** What no element of R4 is deep enough for is left out. */
function canonical(value: Item, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  if (depth > 100) return '...'
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`).join()}}`
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
  const names = Object.keys(owner)
  return elementsOf(names, names.some(isSibling)).flatMap((it) => childrenOf(owner, it))
}

function childrenOf(owner: JsonObject, name: string): Item[] {
  return itemsOf(owner[name], owner[`_${name}`])
}

function itemsOf(plain: Item, sibling: Item): Item[] {
  if (Array.isArray(plain) || Array.isArray(sibling)) {
    const all = values(plain, sibling)
    return Array.isArray(all) ? all : []
  }
  return listOf(value(plain, sibling))
}

/** @param names properties of an object; @param hasSiblings whether any of them is one */
function elementsOf(names: string[], hasSiblings: boolean): string[] {
  if (hasSiblings)
    return [...new Set(names.map((name) => (isSibling(name) ? name.slice(1) : name)))].filter(isElement)
  return names.filter(isElement)
}

const UNDERSCORE = 0x5f

/** Of a primitive: `_x` holds what belongs to `x` beside its value. */
function isSibling(name: string): boolean {
  return name.charCodeAt(0) === UNDERSCORE
}

function isElement(name: string): boolean {
  return name !== 'resourceType'
}

/** All elements below an object; those below a primitive (its extensions) too. */
export function descendants(owner: Item): Item[] {
  const all: Item[] = []
  // A stack of its own, because a hostile body may be deeper than the engine's.
  const open = isJsonObject(owner) ? [owner] : []
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const names = Object.keys(node)
    // Most objects have none, and to look for each in vain takes longer than all else here.
    const hasSiblings = names.some(isSibling)
    for (const name of elementsOf(names, hasSiblings)) {
      const sibling = hasSiblings ? node[`_${name}`] : undefined
      for (const item of itemsOf(node[name], sibling)) {
        all.push(item)
        if (isJsonObject(item)) open.push(item)
      }
      for (const item of Array.isArray(sibling) ? sibling : [sibling]) if (isJsonObject(item)) open.push(item)
    }
  }
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
