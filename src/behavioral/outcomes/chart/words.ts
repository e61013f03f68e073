// Numbers and days as a chart says them.
import { utcFormat } from 'd3-time-format'
import { wallTime } from '../wall-time.ts'

const day = utcFormat('%-d %b %Y')
const month = utcFormat('%b %Y')

/** `3 Jan 2024`; `Jan 2024` or `2024` where no more is told. The day is that of where it was written. */
export function dayWords(date: string): string {
  if (date.length === 4) return date
  const at = new Date(wallTime(date))
  return date.length === 7 ? month(at) : day(at)
}

/** The day of a time by the wall. */
export function dayAt(wall: number): string {
  return day(new Date(wall))
}

/** `Jan 2024` */
export function monthWords(at: number): string {
  return month(new Date(at))
}

/** At most two places. */
export function numberWords(value: number): string {
  return String(Number(value.toFixed(2))).replace('-', '−')
}

/** With its sign. */
export function signedWords(value: number): string {
  return `${value > 0 ? '+' : ''}${numberWords(value)}`
}

/** Of what people wrote, so much is told. */
const MOST_LETTERS = 200

export function short(words: string): string {
  return words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS).trimEnd()}…` : words
}
