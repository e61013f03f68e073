// The position of a Location, for `near` (https://hl7.org/fhir/R4/location.html#positional).
import { isJsonObject } from '../../fhir/index.ts'
import type { EntryMaker } from './entry-maker.ts'

/** None for what lies on no globe. */
export function positionEntryMaker(param: string, type: string): EntryMaker | undefined {
  if (type !== 'Location.position') return undefined
  return (value, add) => {
    if (!isJsonObject(value)) return
    const { latitude, longitude } = value
    if (typeof latitude !== 'number' || typeof longitude !== 'number') return
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
      add({ kind: 'position', param, latitude, longitude })
    }
  }
}
