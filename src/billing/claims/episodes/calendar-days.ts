// Days of the calendar as they are written where something happened: `YYYY-MM-DD`, without clock times or zones.
import { WEEKDAYS, type Weekday } from '../../rules/index.ts'

const DAY = 86_400_000

/** The day of a date or dateTime, as it is written; undefined for what names no whole day. */
export function dayOf(text: string | undefined): string | undefined {
  return text === undefined || text.length < 10 ? undefined : text.slice(0, 10)
}

/** Of milliseconds since 1970, in UTC. */
export function dayAt(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return dayAt(Date.parse(day) + days * DAY)
}

/** From the first to the last, both included. */
export function daysFrom(first: string, last: string): readonly string[] {
  const days: string[] = []
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day)
  return days
}

/** How many days the other is after the one. */
export function daysBetween(one: string, other: string): number {
  return (Date.parse(other) - Date.parse(one)) / DAY
}

export function monthOf(day: string): string {
  return day.slice(0, 7)
}

/** The first and the last day of a month, `YYYY-MM`. */
export function boundsOfMonth(month: string): { readonly start: string; readonly end: string } {
  const start = `${month}-01`
  return { start, end: addDays(`${monthOf(addDays(start, 31))}-01`, -1) }
}

/** The months that have a day from the first to the last, `YYYY-MM`. */
export function monthsFrom(first: string, last: string): readonly string[] {
  const months: string[] = []
  for (let day = first; monthOf(day) <= monthOf(last); day = addDays(`${monthOf(day)}-01`, 31))
    months.push(monthOf(day))
  return months
}

export function weekdayOf(day: string): Weekday {
  return WEEKDAYS[new Date(day).getUTCDay()] as Weekday
}

export function earlierOf(one: string, other: string): string {
  return one < other ? one : other
}

export function laterOf(one: string, other: string): string {
  return one > other ? one : other
}
