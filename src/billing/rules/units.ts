// Units of one service from its minutes or its quantity.
import type { Rounding, ServiceUnit } from './service-rule.ts'

export type Units =
  | { readonly units: number }
  | { readonly refused: 'minutes-needed' | 'below-minimum' | 'above-maximum'; readonly bound?: number }

/**
 * @param minutes whole ones; undefined where they were not recorded
 * @param startsAt instead of that of the unit: an add-on starts later after a longer service
 * @returns units of at least 1, or why there are none and the bound, in minutes, that is missed
 */
export function unitsOf(
  unit: ServiceUnit,
  minutes: number | undefined,
  quantity = 1,
  startsAt = unit.startsAt,
): Units {
  switch (unit.basis) {
    case 'each-additional':
      return steps(minutes, startsAt as number, unit.minutesPerUnit as number)
    case 'minutes':
    case 'quarter-hour':
    case 'hour':
      return rounded(unit, minutes)
    case 'day':
    case 'week':
    case 'month':
    case 'time-band':
    case 'time-minimum':
    case 'time-or-decision':
    case 'month-minimum':
      return within(unit, minutes, 1)
    default:
      return within(unit, minutes, quantity)
  }
}

function steps(minutes: number | undefined, startsAt: number, perUnit: number): Units {
  if (minutes === undefined) return { refused: 'minutes-needed' }
  if (minutes < startsAt) return { refused: 'below-minimum', bound: startsAt }
  return { units: Math.floor((minutes - startsAt) / perUnit) + 1 }
}

function rounded(unit: ServiceUnit, minutes: number | undefined): Units {
  const bounded = within(unit, minutes, 1)
  if ('refused' in bounded) return bounded
  if (minutes === undefined) return { refused: 'minutes-needed' }
  const perUnit = unit.minutesPerUnit as number
  const rounding = unit.rounding ?? 'full-unit'
  const units = roundedTo(rounding, minutes, perUnit)
  return units > 0 ? { units } : { refused: 'below-minimum', bound: leastOf(rounding, perUnit) }
}

function roundedTo(rounding: Rounding, minutes: number, perUnit: number): number {
  switch (rounding) {
    case 'eight-minute':
      return Math.floor((minutes + 7) / 15)
    case 'full-unit':
      return Math.floor(minutes / perUnit)
    // A unit counts once more than half of it has passed.
    case 'midpoint':
      return Math.max(0, Math.ceil((2 * minutes - perUnit) / (2 * perUnit)))
    case 'ceiling':
      return Math.ceil(minutes / perUnit)
  }
}

function leastOf(rounding: Rounding, perUnit: number): number {
  if (rounding === 'full-unit') return perUnit
  if (rounding === 'ceiling') return 1
  return rounding === 'eight-minute' ? 8 : Math.floor(perUnit / 2) + 1
}

function within({ minMinutes, maxMinutes }: ServiceUnit, minutes: number | undefined, units: number): Units {
  if (minMinutes === undefined && maxMinutes === undefined) return { units }
  if (minutes === undefined) return { refused: 'minutes-needed' }
  if (minMinutes !== undefined && minutes < minMinutes) return { refused: 'below-minimum', bound: minMinutes }
  if (maxMinutes !== undefined && minutes > maxMinutes) return { refused: 'above-maximum', bound: maxMinutes }
  return { units }
}
