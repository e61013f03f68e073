// Quantities in the base units of UCUM, so that those of different units compare (https://ucum.org/ucum).
import { createRequire } from 'node:module'

export const UCUM = 'http://unitsofmeasure.org'

export interface CanonicalQuantity {
  /** Rounded to 12 significant digits: what remains of binary arithmetic beyond them would tell equals apart. */
  readonly value: number
  /** The base units as UCUM writes them, `m-1.s-2.g`; `1` where there are none. */
  readonly code: string
}

/** value of the base units = value * factor + offset; or a curve, such as a logarithm, that `at` knows. */
type Conversion =
  | { readonly code: string; readonly factor: number; readonly offset: number }
  | { readonly code: string; readonly at: (value: number) => number | undefined }

/** What of the library is used. */
interface UcumUtils {
  convertToBaseUnits(
    code: string,
    value: number,
  ): {
    readonly status: string
    readonly magnitude?: number
    readonly unitToExp?: Readonly<Record<string, number>>
    readonly fromUnitIsSpecial?: boolean
  }
}

/** UCUM's codes are of printable ASCII without blanks; longer ones than this nobody means. */
const CODE = /^[!-~]{1,100}$/
/** Codes remembered with how they convert, known or not; then the memory starts afresh. */
const MOST_REMEMBERED = 2000

/** A cache alone: what it holds depends on the code and nothing else. */
const conversions = new Map<string, Conversion | undefined>()

/**
 * The quantity in base units, those of special units such as Cel and [degF] too. undefined for a code that UCUM does
 * not know, for arbitrary units such as [iU], and for units whose greater values are not the greater amounts.
 * The library is loaded at the first call: some 30 ms and 17 MB.
 */
export function canonicalQuantity(value: number, code: string): CanonicalQuantity | undefined {
  let conversion = conversions.get(code)
  if (conversion === undefined && !conversions.has(code)) {
    conversion = CODE.test(code) ? conversionOf(code) : undefined
    if (conversions.size >= MOST_REMEMBERED) conversions.clear()
    conversions.set(code, conversion)
  }
  if (conversion === undefined) return undefined
  const converted = 'at' in conversion ? conversion.at(value) : value * conversion.factor + conversion.offset
  if (converted === undefined || !Number.isFinite(converted)) return undefined
  const isExact = Number.isInteger(converted) && Math.abs(converted) < 1e12
  return { value: isExact ? converted : Number(converted.toPrecision(12)), code: conversion.code }
}

function conversionOf(code: string): Conversion | undefined {
  const utils = ucum()
  const at = (value: number): number | undefined => {
    const { status, magnitude } = utils.convertToBaseUnits(code, value)
    return status === 'succeeded' && Number.isFinite(magnitude) ? magnitude : undefined
  }
  const one = utils.convertToBaseUnits(code, 1)
  if (one.status !== 'succeeded' || one.magnitude === undefined || one.unitToExp === undefined)
    return undefined
  const base = baseUnits(one.unitToExp)
  if (one.fromUnitIsSpecial !== true) return { code: base, factor: one.magnitude, offset: 0 }

  const [below, offset, above, far] = [at(-1), at(0), at(1), at(1e6)]
  if (offset !== undefined && above !== undefined && far !== undefined) {
    const factor = (far - offset) / 1e6
    if (Math.abs(offset + factor - above) <= 1e-12 * Math.abs(above)) return { code: base, factor, offset }
  }
  const [half, two] = [at(0.5), at(2)]
  const rising = [below, offset, half, above, two].every(
    (point, index, points) =>
      point !== undefined && (index === 0 || point > (points[index - 1] ?? Number.POSITIVE_INFINITY)),
  )
  return rising ? { code: base, at } : undefined
}

function baseUnits(unitToExp: Readonly<Record<string, number>>): string {
  const terms = Object.entries(unitToExp).map(([unit, exponent]) => (exponent === 1 ? unit : unit + exponent))
  return terms.length === 0 ? '1' : terms.join('.')
}

/** Loaded synchronously and at need; Node keeps it. */
function ucum(): UcumUtils {
  const require = createRequire(import.meta.url)
  const { UcumLhcUtils } = require('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): UcumUtils } }
  return UcumLhcUtils.getInstance()
}
