// HSD segments: so many visits, days or hours, in so much time.
import { optional } from './claim-837/read-parties.ts'
import type { Segment } from './segments.ts'
import { readQuantity } from './values.ts'

export interface Delivery {
  /** HSD01: `VS` visits, `DY` days, `HS` hours, `MN` months, `FL` units. */
  readonly qualifier?: string
  readonly quantity?: string
  /** HSD03 and HSD04: for each so many days (`DA`), weeks (`WK`), months (`MO`) ... */
  readonly each?: { readonly unit: string; readonly count: string }
  /** HSD05 and HSD06: during so many of these periods, such as `34` month or `23` calendar year. */
  readonly during?: { readonly period: string; readonly count: string }
}

export function readDelivery(segment: Segment): Delivery {
  const count = (index: number) => (segment.at(index) === '' ? '1' : readQuantity(segment, index))
  return {
    ...optional('qualifier', segment.at(1)),
    ...(segment.at(2) === '' ? {} : { quantity: readQuantity(segment, 2) }),
    ...(segment.at(3) === '' ? {} : { each: { unit: segment.at(3), count: count(4) } }),
    ...(segment.at(5) === '' ? {} : { during: { period: segment.at(5), count: count(6) } }),
  }
}

const QUANTITIES: Readonly<Record<string, string>> = {
  VS: 'visits',
  DY: 'days',
  HS: 'hours',
  MN: 'months',
  FL: 'units',
}
const UNITS: Readonly<Record<string, string>> = {
  DA: 'day',
  WK: 'week',
  MO: 'month',
  YR: 'year',
  VS: 'visit',
}
const PERIODS: Readonly<Record<string, string>> = {
  '6': 'hour',
  '7': 'day',
  '21': 'year',
  '22': 'plan year',
  '23': 'calendar year',
  '25': 'contract',
  '26': 'episode',
  '27': 'visit',
  '32': 'lifetime',
  '34': 'month',
  '35': 'week',
}

/** In words, such as `3 visits per week for 2 months`; codes that have no word here stand as they are. */
export function deliveryText({ qualifier, quantity, each, during }: Delivery): string {
  const words: string[] = []
  if (quantity !== undefined) words.push(quantity)
  if (qualifier !== undefined) words.push(QUANTITIES[qualifier] ?? qualifier)
  if (each !== undefined) words.push('per', counted(each.count, UNITS[each.unit] ?? each.unit))
  if (during !== undefined)
    words.push(
      each === undefined ? 'per' : 'for',
      counted(during.count, PERIODS[during.period] ?? `period ${during.period}`),
    )
  return words.join(' ')
}

function counted(count: string, unit: string): string {
  return count === '1' ? unit : `${count} ${unit}s`
}
