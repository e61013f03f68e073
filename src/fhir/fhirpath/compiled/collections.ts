// Functions on whole collections (https://hl7.org/fhirpath/N1/#functions).
import { order } from './equality.ts'
import type { FunctionTable } from './function.ts'
import { dataOf, FALSE, type Item, type Items, NONE, Node, TRUE } from './item.ts'
import { calculate } from './number.ts'
import { add } from './operators.ts'
import { BeyondSubset, type Run, type Step } from './run.ts'
import { distinct, exclude, intersect, setOf, union } from './sets.ts'
import { booleanOf, numberOf, stringOf } from './singleton.ts'
import { isJsonObject } from '../../resource.ts'
import { shapeOf } from './shape.ts'
import { weights } from './weight.ts'

const none = (apply: (run: Run, items: Items) => Items): FunctionTable[string] => ({
  arity: [0, 0],
  looksFrom: 'outside',
  make: (input) => (frame) => apply(frame.run, input(frame)),
})

const one = (apply: (run: Run, items: Items, argument: Items) => Items): FunctionTable[string] => ({
  arity: [1, 1],
  looksFrom: 'outside',
  make:
    (input, [argument]) =>
    (frame) =>
      apply(frame.run, input(frame), (argument as Step)(frame)),
})

export const COLLECTIONS: FunctionTable = {
  empty: none((_, items) => (items.length === 0 ? TRUE : FALSE)),
  not: none((run, items) => {
    const value = booleanOf(run, items)
    return value === undefined ? NONE : value ? FALSE : TRUE
  }),
  count: none((_, items) => [items.length]),
  first: none((_, items) => (items.length < 2 ? items : items.slice(0, 1))),
  last: none((_, items) => (items.length < 2 ? items : items.slice(-1))),
  tail: none((_, items) => items.slice(1)),
  single: none((run, items) => {
    if (items.length > 1) throw run.fault('single() is used on several items')
    return items
  }),
  distinct: none(distinct),
  isDistinct: none((run, items) => (distinct(run, items).length === items.length ? TRUE : FALSE)),
  allTrue: none((run, items) => (booleans(run, items).every((value) => value) ? TRUE : FALSE)),
  anyTrue: none((run, items) => (booleans(run, items).some((value) => value) ? TRUE : FALSE)),
  allFalse: none((run, items) => (booleans(run, items).some((value) => value) ? FALSE : TRUE)),
  anyFalse: none((run, items) => (booleans(run, items).every((value) => value) ? FALSE : TRUE)),
  skip: one((run, items, count) => items.slice(positionOf(run, count))),
  take: one((run, items, count) => items.slice(0, positionOf(run, count))),
  union: one(union),
  combine: one((run, a, b) => {
    run.spend(a.length + b.length)
    return [...a, ...b]
  }),
  intersect: one(intersect),
  exclude: one(exclude),
  subsetOf: one((run, items, others) => (isSubset(run, items, others) ? TRUE : FALSE)),
  supersetOf: one((run, items, others) => (isSubset(run, others, items) ? TRUE : FALSE)),
  sum: none(sum),
  min: none((run, items) => extreme(run, items, -1)),
  max: none((run, items) => extreme(run, items, 1)),
  avg: none((run, items) => {
    const total = sum(run, items)
    return total.length === 0 ? NONE : calculate(run, '/', total, [items.length])
  }),
  weight: none(weights),
  ordinal: none(weights),
  hasValue: none((_, items) => (items.length === 1 && isPrimitive(items[0] as Item) ? TRUE : FALSE)),
  extension: one(extensions),
  trace: one((run, items, name) => {
    stringOf(run, name)
    return items
  }),
}

function booleans(run: Run, items: Items): readonly boolean[] {
  return items.map((item) => {
    const value = dataOf(item)
    if (typeof value !== 'boolean') throw run.fault('booleans are expected')
    return value
  })
}

function positionOf(run: Run, items: Items): number {
  const position = numberOf(run, items)
  if (position === undefined || position < 0) throw new BeyondSubset()
  if (!Number.isInteger(position)) throw run.fault('a whole number is expected')
  return position
}

function isSubset(run: Run, items: Items, others: Items): boolean {
  if (items.length > others.length) return false
  const set = setOf(run, others)
  return items.every((item) => set.has(item))
}

/** Numbers are added, strings joined; one item is its own sum; empty where one has no value. */
function sum(run: Run, items: Items): Items {
  let total: Items = items.slice(0, 1)
  for (let at = 1; at < items.length; at++) {
    run.spend(1)
    total = add(run, [items[at] as Item], total)
    if (total.length === 0) return NONE
  }
  return total
}

/** `sign`: 1 for the greatest, -1 for the least. Empty where one has no value. */
function extreme(run: Run, items: Items, sign: 1 | -1): Items {
  let [best] = items
  if (best === undefined || !hasData(best)) return NONE
  for (const item of items) {
    if (!hasData(item)) return NONE
    if ((order(run, item, best) ?? 0) * sign > 0) best = item
  }
  return [best]
}

function hasData(item: Item): boolean {
  const data = dataOf(item)
  return data !== undefined && data !== null
}

function isPrimitive(item: Item): boolean {
  const data = dataOf(item)
  if (item instanceof Node && item.shape === undefined && typeof data === 'boolean') throw new BeyondSubset()
  return data !== undefined && data !== null && typeof data !== 'object'
}

/** Those of a url; of a primitive, the ones beside it. */
function extensions(run: Run, items: Items, named: Items): Items {
  const url = stringOf(run, named)
  if (url === undefined) return NONE
  const found: Item[] = []
  for (const item of items) {
    if (!(item instanceof Node)) continue
    const own = isJsonObject(item.data) ? item.data['extension'] : undefined
    const listed = own ?? (isJsonObject(item.sibling) ? item.sibling['extension'] : undefined)
    if (!Array.isArray(listed)) continue
    run.spend(listed.length)
    for (const each of listed) {
      if (isJsonObject(each) && each['url'] === url) {
        found.push(new Node(each, undefined, shapeOf('Extension'), item))
      }
    }
  }
  return found
}
