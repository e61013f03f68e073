// Infix operators (https://hl7.org/fhirpath/N1/#operations). Both sides are always evaluated, as a fault in either is one.
import type { BinaryOperator } from '../syntax.ts'
import { areEqual, areEquivalent, isEqual, isTemporal, order } from './equality.ts'
import { dataOf, FALSE, type Item, type Items, NONE, TRUE } from './item.ts'
import { type Arithmetic, calculate } from './number.ts'
import { BeyondSubset, type Frame, type Run, type Step } from './run.ts'
import { union } from './sets.ts'
import { booleanOf, numberOf, stringOf } from './singleton.ts'

type Operation = (run: Run, left: Items, right: Items) => Items

/** An operation of two compiled sides. */
export function operator(name: BinaryOperator, left: Step, right: Step): Step {
  const operation = OPERATIONS[name]
  return (frame: Frame) => operation(frame.run, left(frame), right(frame))
}

/** `left in ('a' | 'b')`, without comparing each. */
export function isListed(left: Step, list: Items): Step {
  const listed: ReadonlySet<unknown> = new Set(list)
  return (frame) => {
    const items = left(frame)
    if (items.length === 0) return NONE
    frame.run.spend(1)
    const [item] = items
    if (items.length > 1) throw frame.run.fault('several items are looked for at once')
    // A date equals no string, even one that reads the same.
    return is(listed.has(dataOf(item as Item)) && !isTemporal(item as Item))
  }
}

const is = (holds: boolean | undefined): Items => (holds === undefined ? NONE : holds ? TRUE : FALSE)

/** Empty when a side is. */
const known =
  (operation: Operation): Operation =>
  (run, left, right) =>
    left.length === 0 || right.length === 0 ? NONE : operation(run, left, right)

const arithmetic = (name: Arithmetic): Operation =>
  known((run, left, right) => calculate(run, name, left, right))

/** Each side is one number, even where the other is empty. */
const ofNumbers =
  (name: Arithmetic): Operation =>
  (run, left, right) => {
    const [a, b] = [numberOf(run, left), numberOf(run, right)]
    return a === undefined || b === undefined ? NONE : calculate(run, name, [a], [b])
  }

const comparison = (holds: (order: number) => boolean): Operation =>
  known((run, left, right) => {
    if (left.length > 1 || right.length > 1) throw run.fault('several items are compared')
    const found = order(run, left[0] as Item, right[0] as Item)
    return found === undefined ? NONE : is(holds(found))
  })

const logic = (
  table: (left: boolean | undefined, right: boolean | undefined) => boolean | undefined,
): Operation => {
  return (run, left, right) => is(table(booleanOf(run, left), booleanOf(run, right)))
}

function includes(run: Run, items: Items, sought: Items): Items {
  if (sought.length > 1) throw run.fault('several items are looked for at once')
  const [item] = sought
  return is(items.some((each) => isEqual(run, each, item as Item)))
}

/** Strings, not numbers; an empty side is an empty string. */
function concatenate(run: Run, left: Items, right: Items): Items {
  const text = (stringOf(run, left) ?? '') + (stringOf(run, right) ?? '')
  run.spend(text.length)
  return [text]
}

/** Adds numbers, and joins strings. */
export function add(run: Run, left: Items, right: Items): Items {
  if (left.length === 1 && right.length === 1) {
    const [a, b] = [left[0] as Item, right[0] as Item]
    if (typeof dataOf(a) === 'string' && typeof dataOf(b) === 'string') return joined(run, a, b)
  }
  return calculate(run, '+', left, right)
}

function joined(run: Run, a: Item, b: Item): Items {
  if (isTemporal(a) || isTemporal(b)) throw new BeyondSubset()
  return concatenate(run, [a], [b])
}

const OPERATIONS: Readonly<Record<BinaryOperator, Operation>> = {
  '=': known((run, left, right) => is(areEqual(run, left, right))),
  '!=': known((run, left, right) => is(!areEqual(run, left, right))),
  '~': (run, left, right) => is(areEquivalent(run, left, right)),
  '!~': (run, left, right) => is(!areEquivalent(run, left, right)),
  '<': comparison((order) => order < 0),
  '<=': comparison((order) => order <= 0),
  '>': comparison((order) => order > 0),
  '>=': comparison((order) => order >= 0),
  '+': known(add),
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': arithmetic('/'),
  div: ofNumbers('div'),
  mod: ofNumbers('mod'),
  '&': concatenate,
  '|': union,
  in: (run, left, right) =>
    left.length === 0 ? NONE : right.length === 0 ? FALSE : includes(run, right, left),
  contains: (run, left, right) =>
    right.length === 0 ? NONE : left.length === 0 ? FALSE : includes(run, left, right),
  and: logic((left, right) =>
    left === false || right === false ? false : left === undefined || right === undefined ? undefined : true,
  ),
  or: logic((left, right) =>
    left === true || right === true ? true : left === undefined || right === undefined ? undefined : false,
  ),
  xor: logic((left, right) => (left === undefined || right === undefined ? undefined : left !== right)),
  implies: logic((left, right) =>
    left === false || right === true ? true : left === undefined || right === undefined ? undefined : false,
  ),
}
