// Functions on one string or number, and conversions (https://hl7.org/fhirpath/N1/#string-manipulation).
import type { FunctionTable } from './function.ts'
import { dataOf, FALSE, type Item, type Items, NONE, TRUE } from './item.ts'
import { clean, round } from './number.ts'
import { BeyondSubset, type Run, type Step } from './run.ts'
import { numberOf, stringOf } from './singleton.ts'
import { dateOf } from './temporal.ts'

type Value = string | number | boolean

const result = (value: Value | undefined): Items =>
  value === undefined ? NONE : value === true ? TRUE : value === false ? FALSE : [value]

/** Of a string; empty for none. */
const onString = (apply: (text: string) => Value): FunctionTable[string] => ({
  arity: [0, 0],
  looksFrom: 'outside',
  make: (input) => (frame) => {
    const text = stringOf(frame.run, input(frame))
    if (text === undefined) return NONE
    frame.run.spend(text.length)
    return result(apply(text))
  },
})

/** Of two strings; empty where one is. */
const onStrings = (apply: (text: string, other: string) => Value): FunctionTable[string] => ({
  arity: [1, 1],
  looksFrom: 'outside',
  make:
    (input, [argument]) =>
    (frame) => {
      const text = stringOf(frame.run, input(frame))
      const other = stringOf(frame.run, (argument as Step)(frame))
      if (text === undefined || other === undefined) return NONE
      frame.run.spend(text.length)
      return result(apply(text, other))
    },
})

/** Of a number; empty for none. */
const onNumber = (apply: (value: number) => number | undefined): FunctionTable[string] => ({
  arity: [0, 0],
  looksFrom: 'outside',
  make: (input) => (frame) => {
    const value = numberIn(frame.run, input(frame))
    return value === undefined ? NONE : result(apply(value))
  },
})

/** Of one item that has a value, whatever it is. */
const onValue = (apply: (run: Run, value: Value) => Value | undefined): FunctionTable[string] => ({
  arity: [0, 0],
  looksFrom: 'outside',
  make: (input) => (frame) => {
    const items = input(frame)
    if (items.length === 0) return NONE
    if (items.length > 1) throw frame.run.fault('one item is expected')
    const data = dataOf(items[0] as Item)
    if (data === undefined || data === null) return NONE
    if (typeof data === 'object') throw new BeyondSubset()
    return result(apply(frame.run, data))
  },
})

/** A quantity has these functions, too. */
function numberIn(run: Run, items: Items): number | undefined {
  if (items.length === 1 && typeof dataOf(items[0] as Item) === 'object') {
    if (dataOf(items[0] as Item) !== null) throw new BeyondSubset()
  }
  return numberOf(run, items)
}

export const VALUES: FunctionTable = {
  startsWith: onStrings((text, other) => text.startsWith(other)),
  endsWith: onStrings((text, other) => text.endsWith(other)),
  contains: onStrings((text, other) => text.includes(other)),
  indexOf: onStrings((text, other) => text.indexOf(other)),
  lower: onString((text) => text.toLowerCase()),
  upper: onString((text) => text.toUpperCase()),
  trim: onString((text) => text.trim()),
  length: onString((text) => text.length),
  substring: {
    arity: [1, 2],
    looksFrom: 'outside',
    make:
      (input, [from, count]) =>
      (frame) => {
        const text = stringOf(frame.run, input(frame))
        const start = wholeOf(frame.run, (from as Step)(frame))
        const length = count === undefined ? undefined : wholeOf(frame.run, count(frame))
        if (text === undefined || start === undefined || start < 0 || start >= text.length) return NONE
        if (length === undefined) return [text.slice(start)]
        if (length < 0) throw new BeyondSubset()
        return [text.slice(start, start + length)]
      },
  },
  join: {
    arity: [0, 1],
    looksFrom: 'outside',
    make:
      (input, [separator]) =>
      (frame) =>
        joined(frame.run, input(frame), separator?.(frame)),
  },
  abs: onNumber(Math.abs),
  ceiling: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  truncate: onNumber(Math.trunc),
  sqrt: onNumber((value) => (value < 0 ? undefined : clean(Math.sqrt(value)))),
  round: {
    arity: [0, 1],
    looksFrom: 'outside',
    make:
      (input, [places]) =>
      (frame) => {
        const value = numberIn(frame.run, input(frame))
        const precision = places === undefined ? 0 : wholeOf(frame.run, places(frame))
        if (precision === undefined || precision < 0 || precision > 8) throw new BeyondSubset()
        return value === undefined ? NONE : [round(value, precision)]
      },
  },
  toInteger: onValue((_, value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
    return /^[+-]?\d+$/.test(value) ? Number.parseInt(value, 10) : undefined
  }),
  toDecimal: onValue((_, value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'number') return value
    return /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number.parseFloat(value) : undefined
  }),
  toBoolean: onValue((_, value) => {
    if (typeof value === 'boolean') return value
    if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : undefined
    const word = value.toLowerCase()
    return YES.has(word) ? true : NO.has(word) ? false : undefined
  }),
  toDate: {
    arity: [0, 0],
    looksFrom: 'outside',
    make: (input) => (frame) => {
      const items = input(frame)
      if (items.length === 0) return NONE
      if (items.length > 1) throw frame.run.fault('one item is expected')
      const data = dataOf(items[0] as Item)
      const date = typeof data === 'string' ? dateOf(data) : undefined
      return date === undefined ? NONE : [date]
    },
  },
  toString: onValue((_, value) => String(value)),
}

const YES: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', '1', '1.0'])
const NO: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', '0', '0.0'])

function wholeOf(run: Run, items: Items): number | undefined {
  const value = numberOf(run, items)
  if (value !== undefined && !Number.isInteger(value)) throw run.fault('a whole number is expected')
  return value
}

function joined(run: Run, items: Items, between: Items | undefined): Items {
  const texts: string[] = []
  for (const item of items) {
    const text = dataOf(item)
    if (text === undefined || text === null) continue
    if (typeof text !== 'string') throw run.fault('strings are expected')
    texts.push(text)
  }
  if (texts.length === 0) return NONE
  const separator = between === undefined ? '' : stringOf(run, between)
  // An empty separator is not told apart from none everywhere.
  if (separator === undefined) throw new BeyondSubset()
  run.spend(texts.reduce((length, text) => length + text.length + separator.length, 0))
  return [texts.join(separator)]
}
