// Values under quantity parameters (https://hl7.org/fhir/R4/search.html#quantity).
import type { JsonValue } from '../../fhir/index.ts'
import type { QuantityEntry } from '../../store/index.ts'
import { moneyAmount, quantityAmount, rangeAmount, sampledAmount, type Amount } from './amount.ts'
import { canonicalOf } from '../derived-parameters.ts'
import { canonicalQuantity, UCUM } from '../ucum.ts'
import type { EntryMaker } from './entry-maker.ts'

const READERS: Readonly<Record<string, (value: JsonValue) => Amount | undefined>> = {
  Quantity: quantityAmount,
  Age: quantityAmount,
  Duration: quantityAmount,
  Count: quantityAmount,
  Distance: quantityAmount,
  Money: moneyAmount,
  Range: rangeAmount,
  SampledData: sampledAmount,
}

/** A quantity of UCUM gives a second entry, in base units, under `canonicalOf(param)`. */
export function quantityEntryMaker(param: string, type: string): EntryMaker | undefined {
  const read = READERS[type]
  if (read === undefined) return undefined
  const canonicalParam = canonicalOf(param)
  return (value, add) => {
    const amount = read(value)
    if (amount === undefined) return
    add(entryOf(param, amount))
    const canonical = inBaseUnits(amount)
    if (canonical !== undefined) add(entryOf(canonicalParam, canonical))
  }
}

function entryOf(param: string, { low, high, system, code, unit }: Amount): QuantityEntry {
  return { kind: 'quantity', param, low, high, system, code, unit }
}

function inBaseUnits({ low, high, system, code }: Amount): Amount | undefined {
  if (system !== UCUM || code === '') return undefined
  const finite = Number.isFinite(low) ? low : high
  const one = canonicalQuantity(finite, code)
  const other = low === high || !Number.isFinite(low + high) ? one : canonicalQuantity(high, code)
  if (one === undefined || other === undefined) return undefined
  return {
    low: Number.isFinite(low) ? one.value : low,
    high: Number.isFinite(high) ? other.value : high,
    system,
    code: one.code,
    unit: '',
  }
}
