// Numbers with a unit as quantities are searched: Quantity, Money, Range and SampledData as low, high and unit.
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'

export interface Amount {
  /** low = high for one value; an open end is -Infinity or Infinity. */
  readonly low: number
  readonly high: number
  /** '' where absent, for all three. */
  readonly system: string
  readonly code: string
  readonly unit: string
}

/** Also Age, Duration, Count, Distance and SimpleQuantity; with a comparator the value is an open range. */
export function quantityAmount(value: JsonValue | undefined): Amount | undefined {
  if (!isJsonObject(value) || typeof value.value !== 'number') return undefined
  const below = value.comparator === '<' || value.comparator === '<='
  const above = value.comparator === '>' || value.comparator === '>='
  return {
    low: below ? Number.NEGATIVE_INFINITY : value.value,
    high: above ? Number.POSITIVE_INFINITY : value.value,
    system: textOf(value.system),
    code: textOf(value.code),
    unit: textOf(value.unit),
  }
}

/** The currency is a code of ISO 4217. */
export function moneyAmount(value: JsonValue): Amount | undefined {
  if (!isJsonObject(value) || typeof value.value !== 'number') return undefined
  const code = textOf(value.currency)
  const system = code === '' ? '' : 'urn:iso:std:iso:4217'
  return { low: value.value, high: value.value, system, code, unit: '' }
}

/** undefined when neither end has a value, or the upper one is below the lower. */
export function rangeAmount(value: JsonValue): Amount | undefined {
  if (!isJsonObject(value)) return undefined
  const low = quantityAmount(value.low)
  const high = quantityAmount(value.high)
  const measured = low ?? high
  if (measured === undefined) return undefined
  const ends = { low: low?.low ?? Number.NEGATIVE_INFINITY, high: high?.high ?? Number.POSITIVE_INFINITY }
  return ends.low <= ends.high ? { ...measured, ...ends } : undefined
}

/** From the smallest to the largest sample; those above or below the limits of detection count as the limits. */
export function sampledAmount(value: JsonValue): Amount | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.origin) || typeof value.data !== 'string') return undefined
  const origin = typeof value.origin.value === 'number' ? value.origin.value : 0
  const factor = typeof value.factor === 'number' ? value.factor : 1
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const sample of value.data.split(' ')) {
    const raw = sample === 'L' ? value.lowerLimit : sample === 'U' ? value.upperLimit : Number(sample)
    if (sample === '' || typeof raw !== 'number' || Number.isNaN(raw)) continue
    const measured = origin + raw * factor
    low = Math.min(low, measured)
    high = Math.max(high, measured)
  }
  const { system, code, unit } = value.origin
  return low <= high
    ? { low, high, system: textOf(system), code: textOf(code), unit: textOf(unit) }
    : undefined
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
