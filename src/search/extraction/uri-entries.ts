// Values under uri parameters (https://hl7.org/fhir/R4/search.html#uri).
import type { EntryMaker } from './entry-maker.ts'

export function uriEntryMaker(param: string, type: string): EntryMaker | undefined {
  switch (type) {
    case 'uri':
    case 'url':
    case 'oid':
    case 'uuid':
      return (value, add) => {
        if (typeof value === 'string' && value !== '') add({ kind: 'uri', param, value })
      }
    case 'canonical':
      // One that names a version is found by it, and without it as every version is.
      return (value, add) => {
        if (typeof value !== 'string' || value === '') return
        add({ kind: 'uri', param, value })
        const bar = value.indexOf('|')
        if (bar > 0) add({ kind: 'uri', param, value: value.slice(0, bar) })
      }
    default:
      return undefined
  }
}
