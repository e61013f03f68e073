// Values under number parameters (https://hl7.org/fhir/R4/search.html#number).
import type { EntryMaker } from './entry-maker.ts'
import { rangeAmount } from './amount.ts'

export function numberEntryMaker(param: string, type: string): EntryMaker | undefined {
  switch (type) {
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
    case 'decimal':
      return (value, add) => {
        if (typeof value === 'number') add({ kind: 'number', param, low: value, high: value })
      }
    case 'Range':
      return (value, add) => {
        const range = rangeAmount(value)
        if (range !== undefined) add({ kind: 'number', param, low: range.low, high: range.high })
      }
    default:
      return undefined
  }
}
