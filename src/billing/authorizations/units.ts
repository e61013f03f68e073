// Units as authorizations count them: exact to three decimals.
import type { JsonObject } from '../../fhir/index.ts'

const SCALE = 1000

/** Of a decimal, rounded to the third; what is no number, or less than nothing, is undefined. */
export function unitsIn(holder: JsonObject | undefined, key = 'value'): number | undefined {
  const value = holder?.[key]
  if (typeof value !== 'number' || value < 0) return undefined
  return Math.round(value * SCALE) / SCALE
}

export function addUnits(one: number, other: number): number {
  return (Math.round(one * SCALE) + Math.round(other * SCALE)) / SCALE
}

/** Never less than 0. */
export function unitsLeft(approved: number, used: number): number {
  return Math.max(0, addUnits(approved, -used))
}
