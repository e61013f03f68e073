// How a stored range [lo, hi) compares with a search value's, as SQL (../query/comparator.ts).
import { LONG_DATE } from './schema.ts'
import { raw, sql, type Fragment } from './sql.ts'
import type { RangeComparison } from '../query/comparator.ts'

/** `lo` and `hi` are columns or expressions. */
export function rangeHolds({ comparator, low, high }: RangeComparison, lo: Fragment, hi: Fragment): Fragment {
  switch (comparator) {
    case 'eq':
      return sql`(${lo} >= ${low} AND ${hi} <= ${high})`
    case 'ne':
      return sql`(${lo} < ${low} OR ${hi} > ${high})`
    case 'gt':
      return sql`${hi} > ${high}`
    case 'lt':
      return sql`${lo} < ${low}`
    case 'ge':
      return sql`(${hi} > ${high} OR (${lo} >= ${low} AND ${hi} <= ${high}))`
    case 'le':
      return sql`(${lo} < ${low} OR (${lo} >= ${low} AND ${hi} <= ${high}))`
    case 'sa':
      return sql`${lo} >= ${high}`
    case 'eb':
      return sql`${hi} <= ${low}`
    case 'ap':
      return sql`(${lo} < ${high} AND ${hi} > ${low})`
  }
}

/** A stored single value (lo = hi) is compared as a point (../query/number.ts), a stored range as a range. */
export function amountHolds(comparison: RangeComparison, lo: Fragment, hi: Fragment): Fragment {
  const point = pointHolds(comparison, lo)
  return sql`((${lo} = ${hi} AND ${point}) OR (${lo} <> ${hi} AND ${rangeHolds(comparison, lo, hi)}))`
}

function pointHolds({ comparator, low, high }: RangeComparison, value: Fragment): Fragment {
  switch (comparator) {
    case 'eq':
    case 'ap':
      return sql`(${value} >= ${low} AND ${value} < ${high})`
    case 'ne':
      return sql`(${value} < ${low} OR ${value} >= ${high})`
    case 'gt':
    case 'sa':
      return sql`${value} > ${low}`
    case 'lt':
    case 'eb':
      return sql`${value} < ${low}`
    case 'ge':
      return sql`${value} >= ${low}`
    case 'le':
      return sql`${value} <= ${low}`
  }
}

/** Parts of an index that together hold every row for which the comparison can be true. */
export interface IndexRange {
  /** `low`: the primary key, by `lo`; `long`: the ranges too long for that, by `hi`. */
  readonly by: 'low' | 'long'
  readonly bounds: Fragment
}

/** For `dat`; undefined when nothing bounds the rows. */
export function dateRanges(comparison: RangeComparison): IndexRange[] | undefined {
  return indexRanges(comparison, LONG_DATE)
}

/** For `qty`, where every range is long. */
export function amountRanges(comparison: RangeComparison): IndexRange[] | undefined {
  return indexRanges(comparison, 0)
}

/** `longest`: how far `hi` may be above `lo` in a row that is not long. */
function indexRanges({ comparator, low, high }: RangeComparison, longest: number): IndexRange[] | undefined {
  const lo = raw('d.lo')
  const hi = raw('d.hi')
  const reaching = (above: number): IndexRange[] => [
    { by: 'low', bounds: sql`${lo} >= ${above - longest}` },
    { by: 'long', bounds: sql`${hi} >= ${above}` },
  ]
  switch (comparator) {
    case 'eq':
      return [{ by: 'low', bounds: sql`${lo} >= ${low} AND ${lo} <= ${high}` }]
    case 'gt':
    case 'ge':
      return reaching(low)
    case 'sa':
      return [{ by: 'low', bounds: sql`${lo} >= ${low}` }]
    case 'lt':
    case 'le':
    case 'eb':
      return [{ by: 'low', bounds: sql`${lo} <= ${high}` }]
    case 'ap':
      return [
        { by: 'low', bounds: sql`${lo} >= ${low - longest} AND ${lo} < ${high}` },
        { by: 'long', bounds: sql`${hi} > ${low} AND ${lo} < ${high}` },
      ]
    case 'ne':
      return undefined
  }
}
