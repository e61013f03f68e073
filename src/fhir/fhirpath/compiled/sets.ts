// Collections without repetition (https://hl7.org/fhirpath/N1/#combining).
import { isEqual, isPlain, keyOf } from './equality.ts'
import type { Item, Items } from './item.ts'
import type { Run } from './run.ts'

/** Up to so many items each is simply compared with each. */
const FEW = 24
/** Steps that remembering an item counts for: it takes memory. */
const COST = 10

/** Items told apart by their value. */
export class ItemSet {
  readonly #run: Run
  readonly #items: Item[] = []
  #byKey: Map<string, Item[]> | undefined
  /** Items that equal others whose key is different. */
  readonly #others: Item[] = []

  constructor(run: Run) {
    this.#run = run
  }

  /** In the order in which they were added. */
  get items(): Items {
    return this.#items
  }

  has(item: Item): boolean {
    if (this.#byKey === undefined || !isPlain(item)) return this.#isAmong(this.#items, item)
    return this.#isAmong(this.#byKey.get(keyOf(item)) ?? [], item) || this.#isAmong(this.#others, item)
  }

  /** Whether it was not there yet. */
  add(item: Item): boolean {
    this.#run.spend(COST)
    if (this.has(item)) return false
    this.#items.push(item)
    if (this.#byKey !== undefined) this.#file(item)
    else if (this.#items.length > FEW) {
      this.#byKey = new Map()
      for (const each of this.#items) this.#file(each)
    }
    return true
  }

  #isAmong(items: Items, item: Item): boolean {
    return items.some((each) => isEqual(this.#run, each, item))
  }

  #file(item: Item): void {
    if (!isPlain(item)) {
      this.#others.push(item)
      return
    }
    const key = keyOf(item)
    const filed = this.#byKey?.get(key)
    if (filed === undefined) this.#byKey?.set(key, [item])
    else filed.push(item)
  }
}

export function setOf(run: Run, items: Items): ItemSet {
  const set = new ItemSet(run)
  for (const item of items) set.add(item)
  return set
}

export function distinct(run: Run, items: Items): Items {
  return items.length < 2 ? items : setOf(run, items).items
}

export function union(run: Run, a: Items, b: Items): Items {
  run.spend(a.length + b.length)
  return distinct(run, [...a, ...b])
}

export function intersect(run: Run, a: Items, b: Items): Items {
  if (a.length === 0 || b.length === 0) return []
  const other = setOf(run, b)
  return distinct(run, a).filter((item) => other.has(item))
}

/** Items of `a` that are not in `b`, repetitions included. */
export function exclude(run: Run, a: Items, b: Items): Items {
  if (a.length === 0 || b.length === 0) return a
  const other = setOf(run, b)
  return a.filter((item) => !other.has(item))
}
