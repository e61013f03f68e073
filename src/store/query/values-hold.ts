// What the leaves of the query tree hold of, value by value, where no query language says it: for what is not stored
// yet, and for what was stored once.
import type { RangeComparison } from './comparator.ts'
import type { StringMatch, StringOrderMatch } from './string.ts'

export function stringHolds({ mode, value }: StringMatch, folded: string, exact: string): boolean {
  switch (mode) {
    case 'starts':
      return folded.startsWith(value)
    case 'contains':
      return folded.includes(value)
    case 'ends':
      return folded.endsWith(value)
    case 'equals':
      return folded === value
    case 'exact':
      return exact === value
  }
}

/** By code points, which is the order of UTF-8 bytes. */
export function stringOrderHolds({ comparator, value }: StringOrderMatch, folded: string): boolean {
  const order = Buffer.compare(Buffer.from(folded), Buffer.from(value))
  switch (comparator) {
    case 'gt':
      return order > 0
    case 'lt':
      return order < 0
    case 'ge':
      return order >= 0
    case 'le':
      return order <= 0
  }
}

/** See `RangeComparison`: both are half-open ranges. */
export function rangeHolds({ comparator, low, high }: RangeComparison, from: number, to: number): boolean {
  const within = from >= low && to <= high
  switch (comparator) {
    case 'eq':
      return within
    case 'ne':
      return !within
    case 'gt':
      return to > high
    case 'lt':
      return from < low
    case 'ge':
      return to > high || within
    case 'le':
      return from < low || within
    case 'sa':
      return from >= high
    case 'eb':
      return to <= low
    case 'ap':
      return from < high && to > low
  }
}

/** See `NumberMatch`: a single value is compared as a point, a range as a range. */
export function amountHolds(comparison: RangeComparison, from: number, to: number): boolean {
  if (from !== to) return rangeHolds(comparison, from, to)
  const { comparator, low, high } = comparison
  const within = from >= low && from < high
  switch (comparator) {
    case 'eq':
    case 'ap':
      return within
    case 'ne':
      return !within
    case 'gt':
    case 'sa':
      return from > low
    case 'lt':
    case 'eb':
      return from < low
    case 'ge':
      return from >= low
    case 'le':
      return from <= low
  }
}
