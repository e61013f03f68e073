// What a number means by the digits it is written with (https://hl7.org/fhir/R4/search.html#number).
import type { Comparator, RangeComparison } from '../../store/index.ts'

const NUMBER = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/

/** The part of a value by which `ap` may be off, as R4 recommends. */
const APPROXIMATION = 0.1

/**
 * The comparison that a number asks for; undefined when it is none. eq, ne and ap get the range of the written
 * precision, the others the exact number (see `NumberMatch`).
 */
export function numberComparison(comparator: Comparator, text: string): RangeComparison | undefined {
  const range = impliedRange(text)
  const value = Number(text)
  if (range === undefined || !Number.isFinite(value)) return undefined
  if (comparator === 'eq' || comparator === 'ne') return { comparator, ...range }
  if (comparator === 'ap') {
    const margin = Math.abs(value) * APPROXIMATION
    // What is off by just that part still is near, to either side.
    return {
      comparator,
      low: Math.min(range.low, value - margin),
      high: Math.max(range.high, justAbove(value + margin)),
    }
  }
  return { comparator, low: value, high: value }
}

/**
 * Half a unit of the last digit to either side: 100 is [99.5, 100.5), 100.00 is [99.995, 100.005). R4's own example
 * takes 1e2 as [95, 105), so digits without a point before an exponent count as if one more were written.
 */
function impliedRange(text: string): { readonly low: number; readonly high: number } | undefined {
  const match = NUMBER.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponentText] = match
  const padding = exponentText !== undefined && fraction === '' ? 1 : 0
  const digits = BigInt(whole + fraction + '0'.repeat(padding)) * (sign === '-' ? -10n : 10n)
  const exponent = Number(exponentText ?? 0) - fraction.length - padding - 1
  const at = (mantissa: bigint) => Number(`${mantissa}e${exponent}`)
  return { low: at(digits - 5n), high: Math.max(at(digits + 5n), justAbove(Number(text))) }
}

/** Of more digits than a number holds, half a unit of the last is nothing; yet the number itself is within. */
export function justAbove(value: number): number {
  return value + Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE)
}
