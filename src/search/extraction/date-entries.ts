// Values under date parameters (https://hl7.org/fhir/R4/search.html#date).
import type { EntryMaker } from './entry-maker.ts'
import { spanReader } from './span.ts'

export function dateEntryMaker(param: string, type: string): EntryMaker | undefined {
  const read = spanReader(type)
  if (read === undefined) return undefined
  return (value, add) => {
    const span = read(value)
    if (span !== undefined) add({ kind: 'date', param, low: span.low, high: span.high })
  }
}
