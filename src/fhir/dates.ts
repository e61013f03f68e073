// FHIR's dates and times (https://hl7.org/fhir/R4/datatypes.html#dateTime): formats, and the span of time each names.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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
  const date = read(text)
  return date !== undefined && isWhole(date)
}

/** As a date, or with a time to the second at least, and a zone. */
export function isDateTime(text: string): boolean {
  const date = read(text)
  return date !== undefined && (isWhole(date) || isComplete(date))
}

/** A date with a time to the second at least, and a zone. */
export function isInstant(text: string): boolean {
  const date = read(text)
  return date !== undefined && isComplete(date)
}

function isWhole({ precision }: ReadDate): boolean {
  return precision === 'year' || precision === 'month' || precision === 'day'
}

function isComplete({ precision, zoned }: ReadDate): boolean {
  return precision === 'second' && zoned
}

/** `hh:mm:ss`, perhaps with a fraction; no zone, and no 24:00. */
export function isTime(text: string): boolean {
  return TIME.test(text)
}

/** The instant of these milliseconds since 1970, in UTC and to the millisecond. */
export function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** By characters: a regular expression takes twice as long, and dates are much of what there is to read. */
function read(text: string): ReadDate | undefined {
  const { length } = text
  const year = digits(text, 0, 4)
  if (year < 1) return undefined
  if (length === 4) return span(startOfDay(year, 1, 1), startOfDay(year + 1, 1, 1), 'year')
  const month = text[4] === '-' ? digits(text, 5, 2) : NONE
  if (month < 1 || month > 12) return undefined
  if (length === 7) {
    const next = month === 12 ? startOfDay(year + 1, 1, 1) : startOfDay(year, month + 1, 1)
    return span(startOfDay(year, month, 1), next, 'month')
  }
  const day = text[7] === '-' ? digits(text, 8, 2) : NONE
  if (day < 1 || day > daysIn(year, month)) return undefined
  const midnight = startOfDay(year, month, day)
  if (length === 10) return span(midnight, midnight + DAY, 'day')
  return text[10] === 'T' ? readTime(text, midnight) : undefined
}

function span(low: number, high: number, precision: Precision): ReadDate {
  return { low, high, precision, zoned: false }
}

/** What stands behind the `T`. */
function readTime(text: string, midnight: number): ReadDate | undefined {
  const hour = digits(text, 11, 2)
  const minute = text[13] === ':' ? digits(text, 14, 2) : NONE
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined
  let at = 16
  let low = midnight + hour * HOUR + minute * MINUTE
  let width = MINUTE
  const precision = text[at] === ':' ? 'second' : 'minute'
  if (precision === 'second') {
    const second = digits(text, 17, 2)
    if (second < 0 || second > 60) return undefined
    at = 19
    low += second * 1000
    width = 1000
    if (text[at] === '.') {
      const from = ++at
      for (let digit = digits(text, at, 1); digit >= 0; digit = digits(text, ++at, 1)) {
        if (width === 1) continue
        width /= 10
        low += digit * width
      }
      if (at === from) return undefined
    }
  }
  const offset = readZone(text, at)
  if (offset === undefined) return undefined
  return { low: low - offset, high: low - offset + width, precision, zoned: at < text.length }
}

/** Milliseconds ahead of UTC, up to 14 hours either way; undefined when there is no such zone. */
function readZone(text: string, at: number): number | undefined {
  const length = text.length - at
  if (length === 0) return 0
  const sign = text[at]
  if (length === 1 && sign === 'Z') return 0
  if (length !== 6 || (sign !== '+' && sign !== '-') || text[at + 3] !== ':') return undefined
  const [hours, minutes] = [digits(text, at + 1, 2), digits(text, at + 4, 2)]
  const offset = hours * HOUR + minutes * MINUTE
  if (hours < 0 || minutes < 0 || minutes > 59 || offset > 14 * HOUR) return undefined
  return sign === '-' ? -offset : offset
}

/** Below every number. */
const NONE = -1

/** So many decimal digits as a number; `NONE` when others stand there. */
function digits(text: string, from: number, count: number): number {
  let number = 0
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 0x30
    // NaN behind the end.
    if (!(digit >= 0 && digit <= 9)) return NONE
    number = number * 10 + digit
  }
  return number
}

/** By counting days from 1970 on, in years that begin in March, so that a leap day ends them (`Date.UTC` takes long). */
function startOfDay(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthsSinceMarch = (month + 9) % 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  const days = marchYear * 365 + leapDays + Math.floor((153 * monthsSinceMarch + 2) / 5) + day - 719_469
  return days * DAY
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
