// Days of service, compared as billing compares them.
import { isDate } from '../../fhir/index.ts'
import type { Scope } from '../rules/index.ts'
import type { Days } from './billed-line.ts'

const DAY = 86_400_000
const WEEK = 7

/** Whether some day of one is in the same day, seven days or month as some day of the other. */
export function isNear(scope: Scope, one: Days, other: Days): boolean {
  if (scope === 'month')
    return one.first.slice(0, 7) <= other.last.slice(0, 7) && other.first.slice(0, 7) <= one.last.slice(0, 7)
  const apart = scope === 'week' ? WEEK - 1 : 0
  return daysFrom(one.last, other.first) <= apart && daysFrom(other.last, one.first) <= apart
}

/** From one day to another; negative when the other is before it. */
export function daysFrom(one: string, other: string): number {
  return (Date.parse(other) - Date.parse(one)) / DAY
}

/** How many days there are, the first and the last included. */
export function lengthOf({ first, last }: Days): number {
  return daysFrom(first, last) + 1
}

export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY)
}

/** The same day of a later month, or its last where it has no such day. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const lastOfMonth = new Date(utc(year, month - 1 + months + 1, 0)).getUTCDate()
  return dayOf(utc(year, month - 1 + months, Math.min(date, lastOfMonth)))
}

/** As `Date.UTC`, which takes years before 100 for others. */
function utc(year: number, month: number, date: number): number {
  return new Date(0).setUTCFullYear(year, month, date)
}

/** Within the years that dates of FHIR have. */
function dayOf(time: number): string {
  const year = new Date(time).getUTCFullYear()
  if (year < 1) return '0001-01-01'
  return year > 9999 ? '9999-12-31' : new Date(time).toISOString().slice(0, 10)
}

/** Whether it is a whole day, `YYYY-MM-DD`. */
export function isDay(text: string | undefined): text is string {
  return text?.length === 10 && isDate(text)
}

/** The day that it is where the day ends last: a day is past once it is past everywhere. */
export function lastDayGoingOn(now: number): string {
  return dayOf(now - DAY / 2)
}
