// Functions of the FHIRPath library that are not as FHIRPath says, made anew in its own terms.

/** What the library hands to a function: nodes of its own, and what evaluates an argument for one of them. */
type Criteria = (item: unknown) => readonly unknown[]

interface Context {
  /** The library's `$index`. */
  $index: number
}

/** The library's own holds for a boolean element that is false, as every other element that is there. */
function where(this: Context, items: readonly unknown[], criteria: Criteria): readonly unknown[] {
  return items.filter((item, index) => {
    this.$index = index
    const [first] = criteria(item)
    return first !== undefined && first !== null && valueOf(first) !== false
  })
}

function exists(this: Context, items: readonly unknown[], criteria?: Criteria): boolean {
  return (criteria === undefined ? items : where.call(this, items, criteria)).length > 0
}

function valueOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'data' in item ? item.data : item
}

/** Where criteria are evaluated for each item. */
const EACH: 'Expr'[] = ['Expr']

/** For the library's `userInvocationTable`. */
export const MENDED = {
  where: { fn: where, arity: { 1: EACH }, internalStructures: true },
  exists: { fn: exists, arity: { 0: [], 1: EACH }, internalStructures: true },
}
