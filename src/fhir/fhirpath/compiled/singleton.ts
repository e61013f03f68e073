// Collections where one value is expected (https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections).
import { dataOf, type Item, type Items, Node } from './item.ts'
import { BeyondSubset, type Run } from './run.ts'
import { COMPUTED_DATE } from './shape.ts'

/** Undefined for an empty collection; what is no boolean is true. Throws FhirError('invalid') for several items. */
export function booleanOf(run: Run, items: Items): boolean | undefined {
  if (items.length === 0) return undefined
  const data = only(run, items, 'boolean')
  if (data === undefined || data === null) return undefined
  return data !== false
}

/** Undefined for an empty collection. Throws FhirError('invalid') for anything but one string. */
export function stringOf(run: Run, items: Items): string | undefined {
  if (items.length === 0) return undefined
  const data = only(run, items, 'string')
  if (data === undefined || data === null) return undefined
  if (typeof data !== 'string') throw run.fault('a string is expected')
  if (isComputedDate(items[0] as Item)) throw new BeyondSubset()
  return data
}

/** Undefined for an empty collection. Throws FhirError('invalid') for anything but one number. */
export function numberOf(run: Run, items: Items): number | undefined {
  if (items.length === 0) return undefined
  const data = only(run, items, 'number')
  if (data === undefined || data === null) return undefined
  if (typeof data !== 'number') throw run.fault('a number is expected')
  return data
}

/** Whether criteria hold for an item: empty is no, and what is no boolean is yes. */
export function holds(items: Items): boolean {
  return items.length > 0 && dataOf(items[0] as Item) !== false
}

/** Whether a collection is `true` alone. */
export function isTrue(items: Items): boolean {
  return items.length === 1 && dataOf(items[0] as Item) === true
}

function isComputedDate(item: Item): boolean {
  return item instanceof Node && item.shape === COMPUTED_DATE
}

function only(run: Run, items: Items, what: string): ReturnType<typeof dataOf> {
  if (items.length > 1) throw run.fault(`one ${what} is expected, not ${items.length} items`)
  return dataOf(items[0] as Item)
}
