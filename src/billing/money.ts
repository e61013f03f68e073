// Exact amounts of money: whole numbers of 1/10000 of the currency's unit, made from the written decimal, never a float.
import { decimalText, FhirError, setDecimalText, type JsonObject } from '../fhir/index.ts'

/** Digits after the point that an amount can have. */
const SCALE = 4
const UNIT = 10n ** BigInt(SCALE)
const CENT = UNIT / 100n
/** Of all claims and answers. */
const CURRENCY = 'USD'
/** Digits before the point that are read: past any bill, and short enough to reckon with. */
const MOST_DIGITS = 18
/** As FHIR and X12 write decimals; an exponent is FHIR's alone. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/** An exact amount, in 1/10000 of the currency's unit. Add and compare it with the functions here. */
export type Money = bigint & { readonly money: unique symbol }

export const NO_MONEY = 0n as Money

/** The amount that `text` writes. Refuses with 422, naming `element`, what is no decimal or is finer than 1/10000. */
export function readMoney(text: string, element: string): Money {
  const { digits, scale } = readDecimal(text, element)
  if (scale > SCALE)
    throw refused(element, `has more than ${SCALE} decimals; write an amount with no more than ${SCALE}`)
  return (digits * 10n ** BigInt(SCALE - scale)) as Money
}

/**
 * The amount in the decimal `holder[key]`, such as `Money.value`, by its written form. 422 as `readMoney`, and for one in
 * another currency: amounts of two are never added.
 */
export function moneyAt(holder: JsonObject, key: string, element: string): Money {
  if (holder['currency'] !== undefined && holder['currency'] !== CURRENCY)
    throw refused(element, `is not in ${CURRENCY}`)
  return readMoney(writtenDecimal(holder, key, element), element)
}

/** The digits in which the decimal `holder[key]` is written; 422, naming `element`, where there is no number. */
export function writtenDecimal(holder: JsonObject, key: string, element: string): string {
  const value = holder[key]
  if (typeof value !== 'number') throw refused(element, 'is missing; it must be a decimal')
  return decimalText(holder, key) ?? String(value)
}

/** Sets `holder[key]` to the amount as JSON's number, written with two decimals at least. */
export function setMoneyAt(holder: JsonObject, key: string, money: Money): void {
  const text = printMoney(money)
  holder[key] = Number(text)
  setDecimalText(holder, key, text)
}

/** FHIR's Money of this amount. */
export function fhirMoney(money: Money, currency = CURRENCY): JsonObject {
  const made: JsonObject = {}
  setMoneyAt(made, 'value', money)
  made.currency = currency
  return made
}

/** With two decimals at least, more only where they are not 0: `45.00`, `-0.125`. */
export function printMoney(money: Money): string {
  const [whole, decimals] = split(money)
  return `${whole}.${decimals.replace(/0{1,2}$/, '')}`
}

/** With no more digits than it needs, as X12 writes decimals (type R): `45`, `45.5`, `-.5` as `-0.5`. */
export function printShortest(money: Money): string {
  const [whole, decimals] = split(money)
  const needed = decimals.replace(/0+$/, '')
  return needed === '' ? whole : `${whole}.${needed}`
}

function split(money: Money): [whole: string, decimals: string] {
  const size = money < 0n ? -money : money
  return [`${money < 0n ? '-' : ''}${size / UNIT}`, String(size % UNIT).padStart(SCALE, '0')]
}

export function addMoney(a: Money, b: Money): Money {
  return (a + b) as Money
}

export function subtractMoney(a: Money, b: Money): Money {
  return (a - b) as Money
}

export function sumMoney(amounts: Iterable<Money>): Money {
  let sum = 0n
  for (const amount of amounts) sum += amount
  return sum as Money
}

/** Negative, 0 or positive, as sorting wants it. */
export function compareMoney(a: Money, b: Money): -1 | 0 | 1 {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * `unitPrice` times the decimal `quantity`, exactly. Refuses with 422, naming `element`, a product that is finer than
 * 1/10000: round such a one with `quantityTimesToTheCent`.
 */
export function quantityTimes(unitPrice: Money, quantity: string, element: string): Money {
  const { digits, scale } = readDecimal(quantity, element)
  const divisor = 10n ** BigInt(scale)
  const product = unitPrice * digits
  if (product % divisor !== 0n)
    throw refused(element, `times the price has more than ${SCALE} decimals, and must not be rounded here`)
  return (product / divisor) as Money
}

/** `unitPrice` times the decimal `quantity`, rounded once, at the end, half up to the cent (-0.005 to -0.01). */
export function quantityTimesToTheCent(unitPrice: Money, quantity: string, element: string): Money {
  const { digits, scale } = readDecimal(quantity, element)
  return roundedTo(unitPrice * digits, CENT * 10n ** BigInt(scale), CENT)
}

/** Rounded half up to the cent; halves of a negative amount go away from 0, so that a reversal cancels its charge. */
export function roundToTheCent(money: Money): Money {
  return roundedTo(money, CENT, CENT)
}

function roundedTo(amount: bigint, step: bigint, unit: bigint): Money {
  const size = amount < 0n ? -amount : amount
  const rounded = ((size * 2n + step) / (step * 2n)) * unit
  return (amount < 0n ? -rounded : rounded) as Money
}

/** `digits` x 10^-`scale`, without needless zeros at the end. */
function readDecimal(text: string, element: string): { digits: bigint; scale: number } {
  const match = DECIMAL.exec(text)
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? []
  if (match === null || whole + fraction === '') throw refused(element, 'is not a decimal')
  let scale = fraction.length - Number(exponent)
  let written = whole + fraction
  while (scale > 0 && written.endsWith('0')) {
    written = written.slice(0, -1)
    scale -= 1
  }
  if (written === '' || /^0+$/.test(written)) return { digits: 0n, scale: 0 }
  if (scale < 0) {
    if (written.length - scale > MOST_DIGITS) throw refused(element, 'is too large a number')
    written += '0'.repeat(-scale)
    scale = 0
  }
  if (written.replace(/^0+/, '').length - scale > MOST_DIGITS) throw refused(element, 'is too large a number')
  if (scale > MOST_DIGITS) throw refused(element, `has more than ${MOST_DIGITS} decimals`)
  const digits = BigInt(written)
  return { digits: sign === '-' ? -digits : digits, scale }
}

function refused(element: string, what: string): FhirError {
  return new FhirError('business-rule', [
    { severity: 'error', code: 'value', diagnostics: `${element} ${what}.`, expression: element },
  ])
}
