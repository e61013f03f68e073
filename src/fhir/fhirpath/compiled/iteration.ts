// Functions that evaluate an argument for each item (https://hl7.org/fhirpath/N1/#filtering-and-projection).
import type { FunctionTable } from './function.ts'
import { FALSE, type Item, type Items, NONE, TRUE } from './item.ts'
import type { Frame, Step } from './run.ts'
import { ItemSet } from './sets.ts'
import { holds, isTrue, stringOf } from './singleton.ts'

export const ITERATION: FunctionTable = {
  where: {
    arity: [1, 1],
    looksFrom: 'item',
    make:
      (input, [criteria], size) =>
      (frame) => {
        const found: Item[] = []
        each(frame, input(frame), criteria as Step, size, (result, item) => {
          if (holds(result)) found.push(item)
          return true
        })
        return found
      },
  },
  exists: {
    arity: [0, 1],
    looksFrom: 'item',
    make: (input, [criteria], size) => {
      if (criteria === undefined) return (frame) => (input(frame).length > 0 ? TRUE : FALSE)
      return (frame) => {
        let found = false
        each(frame, input(frame), criteria, size, (result) => {
          found ||= holds(result)
          return true
        })
        return found ? TRUE : FALSE
      }
    },
  },
  all: {
    arity: [1, 1],
    looksFrom: 'item',
    make:
      (input, [criteria], size) =>
      (frame) => {
        let all = true
        each(frame, input(frame), criteria as Step, size, (result) => {
          all = isTrue(result)
          return all
        })
        return all ? TRUE : FALSE
      },
  },
  select: {
    arity: [1, 1],
    looksFrom: 'item',
    make:
      (input, [projection], size) =>
      (frame) => {
        const selected: Item[] = []
        each(frame, input(frame), projection as Step, size, (result) => {
          append(selected, result)
          return true
        })
        frame.run.spend(selected.length)
        return selected
      },
  },
  repeat: {
    arity: [1, 1],
    looksFrom: 'input',
    make:
      (input, [projection], size) =>
      (frame) =>
        repeated(frame, input(frame), projection as Step, size),
  },
  aggregate: {
    arity: [1, 2],
    looksFrom: 'aggregate',
    make:
      (input, [aggregator, initial], size) =>
      (frame) => {
        const inner = frame.inner(NONE)
        let total = initial === undefined ? NONE : initial(frame)
        let index = 0
        for (const item of input(frame)) {
          frame.run.spend(size)
          inner.focus = [item]
          inner.index = index++
          inner.total = total
          inner.defined = frame.defined
          total = (aggregator as Step)(inner)
          frame.run.spend(total.length)
        }
        return total
      },
  },
  iif: {
    arity: [2, 3],
    looksFrom: 'input',
    make:
      (input, [criterion, yes, no]) =>
      (frame) => {
        const items = input(frame)
        if (isTrue((criterion as Step)(frame.inner(items)))) return (yes as Step)(frame.inner(items))
        return no === undefined ? NONE : no(frame.inner(items))
      },
  },
  defineVariable: {
    arity: [1, 2],
    looksFrom: 'input',
    make:
      (input, [named, value]) =>
      (frame) => {
        const items = input(frame)
        const { run } = frame
        const name = stringOf(run, (named as Step)(frame))
        if (name === undefined) throw run.fault('defineVariable() needs a name')
        for (let known = frame.defined; known !== undefined; known = known.earlier) {
          if (known.name === name) throw run.fault(`%${name} is defined twice`)
        }
        if (run.hasVariable(name)) throw run.fault(`%${name} is defined already`)
        const defined = value === undefined ? items : value(frame.inner(items))
        frame.defined = { name, items: defined, earlier: frame.defined }
        return items
      },
  },
}

/** Hands over what `step` gives for each item, until `take` says that it has seen enough. */
function each(
  frame: Frame,
  items: Items,
  step: Step,
  size: number,
  take: (result: Items, item: Item) => boolean,
): void {
  if (items.length === 0) return
  frame.run.spend(items.length * size)
  const inner = frame.inner(NONE)
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as Item
    inner.focus = [item]
    inner.index = index
    inner.defined = frame.defined
    if (!take(step(inner), item)) return
  }
}

/** All that is reached in any number of steps, each value once. */
function repeated(frame: Frame, items: Items, step: Step, size: number): Items {
  const { run } = frame
  const reached = new ItemSet(run)
  const inner = frame.inner(NONE)
  for (let level = items; level.length > 0; ) {
    const next: Item[] = []
    for (const item of level) {
      run.spend(size)
      inner.focus = [item]
      inner.defined = frame.defined
      for (const each of step(inner)) if (reached.add(each)) next.push(each)
    }
    level = next
  }
  return reached.items
}

function append(into: Item[], items: Items): void {
  for (const item of items) into.push(item)
}
