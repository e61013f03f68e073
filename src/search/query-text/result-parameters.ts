// `_count` and `_total` (https://hl7.org/fhir/R4/search.html#count, #total).
import { quoted, SearchFault } from './refusal.ts'

/** Matches a page, at most `maxCount`. */
export function readCount(value: string, maxCount: number): number {
  if (!/^[0-9]+$/.test(value)) {
    throw new SearchFault('_count', 'value', `${quoted(value)} is not a whole number of 0 or more.`)
  }
  return Math.min(Number(value), maxCount)
}

/** An estimate is given exactly. HAPI's client calls it `estimated`. */
export function readTotal(value: string): 'none' | 'accurate' {
  if (value === 'none') return 'none'
  if (value === 'accurate' || value === 'estimate' || value === 'estimated') return 'accurate'
  throw new SearchFault('_total', 'value', `${quoted(value)} is none of none, estimate, accurate.`)
}
