// Values under quantity parameters (https://hl7.org/fhir/R4/search.html#quantity).
import type { JsonValue } from '../../fhir/index.ts'
import { moneyAmount, quantityAmount, rangeAmount, sampledAmount, type Amount } from './amount.ts'
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

export function quantityEntryMaker(param: string, type: string): EntryMaker | undefined {
  const read = READERS[type]
  if (read === undefined) return undefined
  return (value, add) => {
    const amount = read(value)
    if (amount !== undefined) add({ kind: 'quantity', param, ...amount })
  }
}
