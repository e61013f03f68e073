// Dates and times, as far as they can be compared and counted with without units or zones that are not told
// (https://hl7.org/fhirpath/N1/#datetime-equality, https://hl7.org/fhirpath/N1/#datetime-arithmetic).
import { Node } from './item.ts'
import { BeyondSubset } from './run.ts'
import { COMPUTED_DATE } from './shape.ts'

const DATE = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/
/** With seconds and a zone; of fractions those that are read alike everywhere. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)$/

export type CalendarUnit = 'year' | 'month' | 'week' | 'day'

/** Negative, zero or positive as `a` is before, the same as or after `b`; throws BeyondSubset for differing precision. */
export function orderOfTimes(a: string, b: string): number {
  if (DATE.test(a) && DATE.test(b)) {
    if (a.length !== b.length || !isPossible(a) || !isPossible(b)) throw new BeyondSubset()
    return a === b ? 0 : a < b ? -1 : 1
  }
  if (MOMENT.test(a) && MOMENT.test(b)) {
    const difference = Date.parse(a) - Date.parse(b)
    if (!Number.isNaN(difference)) return difference
  }
  throw new BeyondSubset()
}

/** A computed date, which is told by day. */
export function dateItem(text: string): Node {
  return new Node(text, undefined, COMPUTED_DATE, undefined)
}

/** The date that a string says; undefined where it says none. Throws BeyondSubset for a month or a year. */
export function dateOf(text: string): Node | undefined {
  if (!DATE.test(text)) return undefined
  if (!DAY.test(text)) throw new BeyondSubset()
  return isPossible(text) ? dateItem(text) : undefined
}

/** A day so many units later; a month that is too short is taken to its end. Throws BeyondSubset for what is no day. */
export function later(text: string, count: number, unit: CalendarUnit): Node {
  const [, year, month, day] = DAY.exec(text) ?? []
  if (day === undefined || !isPossible(text)) throw new BeyondSubset()
  const months = unit === 'year' ? 12 * count : unit === 'month' ? count : 0
  const days = unit === 'week' ? 7 * count : unit === 'day' ? count : 0
  const monthsFromZero = Number(year) * 12 + Number(month) - 1 + months
  const [toYear, toMonth] = [Math.floor(monthsFromZero / 12), ((monthsFromZero % 12) + 12) % 12]
  const date = new Date(0)
  date.setUTCFullYear(toYear, toMonth, Math.min(Number(day), daysIn(toYear, toMonth)) + days)
  const made = date.getUTCFullYear()
  if (!(made >= 1000 && made <= 9999)) throw new BeyondSubset()
  return dateItem(date.toISOString().slice(0, 10))
}

/** `month` counts from 0. */
function daysIn(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month + 1, 0)
  return date.getUTCDate()
}

/** Whether a date is in the calendar. */
function isPossible(text: string): boolean {
  const [year = '', month = '01', day = '01'] = text.split('-')
  const inYear = Number(month) >= 1 && Number(month) <= 12
  return inYear && Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month) - 1)
}
