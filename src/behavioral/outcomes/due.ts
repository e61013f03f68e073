// When an instrument is to be asked again.
import { parseDateRange } from '../../fhir/index.ts'
import type { Frequency } from '../assessments/instrument.ts'

const DAY = 86_400_000

/**
 * The day that lies one interval after a date, as `YYYY-MM-DD`; a month's end stays in its month. undefined for what
 * is no date. A time counts by the day that it names where it was written.
 */
export function dueAfter(date: string, { every, unit }: Frequency): string | undefined {
  const day = parseDateRange(date.slice(0, 10))
  if (day === undefined) return undefined
  const from = new Date(day.low)
  const due =
    unit === 'd' || unit === 'wk'
      ? plusDays(from, unit === 'wk' ? every * 7 : every)
      : plusMonths(from, unit === 'a' ? every * 12 : every)
  return Number.isNaN(due.getTime()) ? undefined : due.toISOString().slice(0, 10)
}

/** A part of a day counts as a day. */
function plusDays(from: Date, days: number): Date {
  return new Date(from.getTime() + Math.ceil(days) * DAY)
}

function plusMonths(from: Date, months: number): Date {
  const whole = Math.ceil(months)
  const [year, month, day] = [from.getUTCFullYear(), from.getUTCMonth() + whole, from.getUTCDate()]
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month, Math.min(day, last)))
}
