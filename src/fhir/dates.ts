// FHIR's dates and times (https://hl7.org/fhir/R4/datatypes.html#dateTime): formats, and the span of time each names.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const FORMAT =
  /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?$/
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?$/

type Precision = 'year' | 'month' | 'day' | 'minute' | 'second'

interface ReadDate {
  readonly low: number
  readonly high: number
  readonly precision: Precision
  readonly zoned: boolean
}

/**
 * The span [low, high) that a date, dateTime or instant names, in milliseconds since 1970 UTC; undefined when it
 * is none. A time without seconds is read too, as searches may write it. Without a zone it is taken as UTC.
 * Fractions finer than a millisecond are cut off, and `:60` is the first second of the next minute.
 */
export function parseDateRange(text: string): { readonly low: number; readonly high: number } | undefined {
  const date = read(text)
  return date && { low: date.low, high: date.high }
}

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of a day that exists. */
export function isDate(text: string): boolean {
  const precision = read(text)?.precision
  return precision === 'year' || precision === 'month' || precision === 'day'
}

/** As a date, or with a time to the second at least, and a zone. */
export function isDateTime(text: string): boolean {
  return isDate(text) || isInstant(text)
}

/** A date with a time to the second at least, and a zone. */
export function isInstant(text: string): boolean {
  const date = read(text)
  return date !== undefined && date.precision === 'second' && date.zoned
}

/** `hh:mm:ss`, perhaps with a fraction; no zone, and no 24:00. */
export function isTime(text: string): boolean {
  return TIME.test(text)
}

/** The instant of these milliseconds since 1970, in UTC and to the millisecond. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

function read(text: string): ReadDate | undefined {
  const match = FORMAT.exec(text)
  if (match === null) return undefined
  const [, yearText, monthText, dayText, hour, minute, second, fraction, zone] = match
  const year = Number(yearText)
  if (year === 0) return undefined
  if (monthText === undefined) return span(startOfDay(year, 1, 1), startOfDay(year + 1, 1, 1), 'year')
  const month = Number(monthText)
  if (month < 1 || month > 12) return undefined
  if (dayText === undefined) {
    const next = month === 12 ? startOfDay(year + 1, 1, 1) : startOfDay(year, month + 1, 1)
    return span(startOfDay(year, month, 1), next, 'month')
  }
  const day = Number(dayText)
  if (day < 1 || day > daysIn(year, month)) return undefined
  const midnight = startOfDay(year, month, day)
  if (hour === undefined) return span(midnight, midnight + DAY, 'day')
  const time = readTime(Number(hour), Number(minute), second, fraction)
  const offset = readZone(zone)
  if (time === undefined || offset === undefined) return undefined
  const low = midnight + time.low - offset
  return { low, high: low + time.width, precision: time.precision, zoned: zone !== undefined }
}

function span(low: number, high: number, precision: Precision): ReadDate {
  return { low, high, precision, zoned: false }
}

function readTime(hour: number, minute: number, second: string | undefined, fraction: string | undefined) {
  if (hour > 23 || minute > 59) return undefined
  const minutes = hour * HOUR + minute * MINUTE
  if (second === undefined) return { low: minutes, width: MINUTE, precision: 'minute' as const }
  if (Number(second) > 60) return undefined
  const digits = (fraction ?? '').slice(0, 3)
  return {
    low: minutes + Number(second) * 1000 + Number(digits.padEnd(3, '0')),
    width: 10 ** (3 - digits.length),
    precision: 'second' as const,
  }
}

/** Milliseconds ahead of UTC, up to 14 hours either way; undefined when there is no such zone. */
function readZone(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(4))
  const offset = Number(zone.slice(1, 3)) * HOUR + minutes * MINUTE
  if (minutes > 59 || offset > 14 * HOUR) return undefined
  return zone.startsWith('-') ? -offset : offset
}

function startOfDay(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; the calendar repeats every 400 years of 146,097 days.
  return year < 100 ? Date.UTC(year + 400, month - 1, day) - 146_097 * DAY : Date.UTC(year, month - 1, day)
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
