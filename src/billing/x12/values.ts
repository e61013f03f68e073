// X12's dates, times and amounts, as FHIR and this server write them.
import { isDate, type JsonObject } from '../../fhir/index.ts'
import { moneyAt, readMoney, roundToTheCent, type Money } from '../money.ts'
import { unwritable } from './fault.ts'
import type { Segment, WrittenSegment } from './segments.ts'

/** `HHMM` of a FHIR dateTime in its own zone; undefined when it has no time. */
export function x12Time(text: string): string | undefined {
  const match = /T(\d\d):(\d\d)/.exec(text)
  return match === null ? undefined : `${match[1]}${match[2]}`
}

/** The charge in the decimal `holder[key]`. 422, naming `expression`, for one below 0, and one finer than a cent. */
export function chargeAt(holder: JsonObject | undefined, key: string, expression: string): Money {
  const charge = moneyAt(holder ?? {}, key, expression)
  if (charge < 0n) throw unwritable(expression, 'must not be below 0')
  if (roundToTheCent(charge) !== charge) throw unwritable(expression, 'must have no more than two decimals')
  return charge
}

/** The FHIR date of `YYYYMMDD` in an element; 400 when it is no day. */
export function readDate(segment: Segment, index: number): string {
  return dateOf(segment, index, segment.need(index))
}

/** The days of `YYYYMMDD-YYYYMMDD` in an element; 400 when they are none, or the wrong way round. */
export function readDateRange(
  segment: Segment,
  index: number,
): { readonly start: string; readonly end: string } {
  const match = /^(\d{8})-(\d{8})$/.exec(segment.need(index))
  if (match === null) throw segment.fault(index, undefined, 'must be two dates, YYYYMMDD-YYYYMMDD')
  const [start, end] = [
    dateOf(segment, index, match[1] as string),
    dateOf(segment, index, match[2] as string),
  ]
  if (end < start) throw segment.fault(index, undefined, 'ends before it starts')
  return { start, end }
}

/** The days of a DTP segment, whether it tells one (D8, or DT with a time) or the first and last (RD8). 400 for other forms. */
export function readPeriod(segment: Segment): { readonly start: string; readonly end: string } {
  const form = segment.oneOf(2, ['D8', 'RD8', 'DT'])
  if (form === 'RD8') return readDateRange(segment, 3)
  const text = segment.need(3)
  if (form === 'DT') clockTime(segment, 3, text.slice(8))
  const day = dateOf(segment, 3, text.slice(0, form === 'DT' ? 8 : undefined))
  return { start: day, end: day }
}

/** `YYYYMMDD` of a whole day as FHIR writes it. */
export function compactDate(date: string): string {
  return date.replaceAll('-', '')
}

/** DTP of this kind: D8 for one day, else RD8; none without a period. */
export function dateSegment(
  kind: string,
  period: { readonly start: string; readonly end: string } | undefined,
): WrittenSegment[] {
  if (period === undefined) return []
  const [start, end] = [compactDate(period.start), compactDate(period.end)]
  return [start === end ? ['DTP', kind, 'D8', start] : ['DTP', kind, 'RD8', `${start}-${end}`]]
}

function dateOf(segment: Segment, index: number, text: string): string {
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  if (!/^\d{8}$/.test(text) || !isDate(date))
    throw segment.fault(index, undefined, 'must be a date, YYYYMMDD')
  return date
}

/** `hh:mm` of `HHMM` in an element; 400 when it is no time. */
export function clockTime(segment: Segment, index: number, text: string): string {
  if (!/^([01]\d|2[0-3])[0-5]\d$/.test(text)) throw segment.fault(index, undefined, 'must be a time, HHMM')
  return `${text.slice(0, 2)}:${text.slice(2)}`
}

/** The amount in an element, to the cent as the guides have it. 400 when it is none. */
export function readAmount(segment: Segment, index: number, part?: number): Money {
  const text = segment.need(index, part)
  if (!/^-?(\d{1,16}(\.\d{0,2})?|\.\d{1,2})$/.test(text))
    throw segment.fault(index, part, 'must be an amount with no more than two decimals')
  return readMoney(text, 'amount')
}

/** As `readAmount`; undefined when absent. */
export function readAmountIfAny(segment: Segment, index: number): Money | undefined {
  return segment.at(index) === '' ? undefined : readAmount(segment, index)
}

/** The decimal in an element as it is written, without needless zeros. 400 when it is none. */
export function readQuantity(segment: Segment, index: number): string {
  const text = segment.need(index)
  if (!/^-?(\d{1,15}(\.\d{0,3})?|\.\d{1,3})$/.test(text))
    throw segment.fault(index, undefined, 'must be a decimal')
  return shortestDecimal(text)
}

/** A decimal without needless zeros, and with a digit before the point: `01.50` is `1.5`. */
export function shortestDecimal(text: string): string {
  const [whole = '', decimals = ''] = text.replace(/^-/, '').split('.')
  const kept = decimals.replace(/0+$/, '')
  const size = `${whole.replace(/^0+(?=\d)/, '') || '0'}${kept === '' ? '' : `.${kept}`}`
  return text.startsWith('-') && size !== '0' ? `-${size}` : size
}
