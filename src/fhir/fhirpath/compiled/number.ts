// Arithmetic on decimals without the noise of binary fractions: 0.1 + 0.2 is 0.3 (https://hl7.org/fhirpath/N1/#math).
import { dataOf, type Item, type Items, NONE } from './item.ts'
import { BeyondSubset, type Run } from './run.ts'

export type Arithmetic = '+' | '-' | '*' | '/' | 'div' | 'mod'

/** The nearest number of 15 digits: all that a binary fraction surely holds. */
export function clean(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15))
}

/** So many places stand behind the point. */
export function placesOf(value: number): number {
  if (Number.isInteger(value)) return 0
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? []
  return Math.max(0, fraction.length - Number(exponent))
}

/** One operation on two collections that are not empty. */
export function calculate(run: Run, operator: Arithmetic, a: Items, b: Items): Items {
  if (a.length !== 1 || b.length !== 1) throw run.fault(`'${operator}' is used on several items`)
  const left = dataOf(a[0] as Item)
  const right = dataOf(b[0] as Item)
  if (typeof left === 'number' && typeof right === 'number') return numbers(operator, left, right)
  if (left === undefined || left === null || right === undefined || right === null) return NONE
  throw new BeyondSubset()
}

function numbers(operator: Arithmetic, a: number, b: number): Items {
  const result = OPERATIONS[operator](a, b)
  return result === undefined ? NONE : [result]
}

/** Undefined where there is no result: division by zero. */
const OPERATIONS: Readonly<Record<Arithmetic, (a: number, b: number) => number | undefined>> = {
  '+': (a, b) => toPlaces(a + b, a, b),
  '-': (a, b) => toPlaces(a - b, a, b),
  '*': (a, b) => clean(a * b),
  '/': (a, b) => (b === 0 ? undefined : clean(a / b)),
  div: (a, b) => (b === 0 ? undefined : Math.trunc(clean(a / b))),
  mod: (a, b) => {
    if (b === 0) return undefined
    return Number.isInteger(a) && Number.isInteger(b)
      ? a % b
      : toPlaces(a - b * Math.trunc(clean(a / b)), a, b)
  },
}

/** A sum or difference has no more places than its sides. */
function toPlaces(value: number, a: number, b: number): number {
  if (Number.isInteger(value)) return value
  // Zero has no sign.
  return Number(value.toFixed(Math.min(100, Math.max(placesOf(a), placesOf(b))))) + 0
}

/** `value` to so many places, halves up. */
export function round(value: number, places: number): number {
  const scale = 10 ** places
  return clean(Math.round(clean(value * scale)) / scale)
}
