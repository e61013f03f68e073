// A second, plain reading of the query tree, for tests: does this expression match a resource with these index entries?
import type { Comparator, Expression, IndexEntry, ResourceIndex } from '../../src/store/index.ts'

interface Range {
  readonly low: number
  readonly high: number
}

/** `lastUpdated` in milliseconds since 1970; undefined for a resource that is not stored yet. */
export function matchesExpression(
  expression: Expression,
  index: ResourceIndex,
  id: string,
  lastUpdated: number | undefined,
): boolean {
  switch (expression.kind) {
    case 'and':
      return !expression.all.some((part) => !matchesExpression(part, index, id, lastUpdated))
    case 'or':
      return expression.any.some((part) => matchesExpression(part, index, id, lastUpdated))
    case 'id':
      return expression.id === id
    case 'last-updated':
      return (
        lastUpdated !== undefined &&
        rangeCompares(expression.comparator, expression, { low: lastUpdated, high: lastUpdated + 1 })
      )
    default:
      return index.entries.some((entry) => entryMatches(expression, entry))
  }
}

type Leaf = Exclude<Expression, { kind: 'and' | 'or' | 'id' | 'last-updated' }>

function entryMatches(leaf: Leaf, entry: IndexEntry): boolean {
  if (leaf.param !== entry.param) return false
  if (leaf.kind === 'token' && entry.kind === 'token') {
    if (leaf.system !== undefined && leaf.system !== entry.system) return false
    return leaf.code === undefined || leaf.code === entry.code
  }
  if (leaf.kind === 'string' && entry.kind === 'string') {
    return entry.folded.slice(0, leaf.prefix.length) === leaf.prefix
  }
  if (leaf.kind === 'uri' && entry.kind === 'uri') return leaf.value === entry.value
  if (leaf.kind === 'reference' && entry.kind === 'reference') return sameTarget(leaf.target, entry.target)
  if (leaf.kind === 'date' && entry.kind === 'date') return rangeCompares(leaf.comparator, leaf, entry)
  if (leaf.kind === 'number' && entry.kind === 'number') return amountCompares(leaf.comparator, leaf, entry)
  if (leaf.kind === 'quantity' && entry.kind === 'quantity') {
    return sameUnit(leaf, entry) && amountCompares(leaf.comparator, leaf, entry)
  }
  return false
}

function sameTarget(
  wanted: Extract<Leaf, { kind: 'reference' }>['target'],
  stored: Extract<IndexEntry, { kind: 'reference' }>['target'],
): boolean {
  if (wanted.kind === 'local') {
    return stored.kind === 'local' && stored.id === wanted.id && wanted.types.indexOf(stored.type) >= 0
  }
  if (stored.kind === 'local') return false
  const whole = stored.version === undefined ? stored.url : `${stored.url}|${stored.version}`
  return wanted.url === stored.url || wanted.url === whole
}

function sameUnit(
  wanted: Extract<Leaf, { kind: 'quantity' }>,
  stored: Extract<IndexEntry, { kind: 'quantity' }>,
): boolean {
  if (wanted.system !== undefined && wanted.system !== stored.system) return false
  if (wanted.code === undefined || wanted.code === stored.code) return true
  return wanted.system === undefined && wanted.code === stored.unit
}

/** A stored single value is compared as a point, a stored range as a range. */
function amountCompares(comparator: Comparator, wanted: Range, stored: Range): boolean {
  if (stored.low !== stored.high) return rangeCompares(comparator, wanted, stored)
  const value = stored.low
  const near = wanted.low <= value && value < wanted.high
  if (comparator === 'eq' || comparator === 'ap') return near
  if (comparator === 'ne') return !near
  if (comparator === 'gt' || comparator === 'sa') return value > wanted.low
  if (comparator === 'lt' || comparator === 'eb') return value < wanted.low
  return comparator === 'ge' ? value >= wanted.low : value <= wanted.low
}

function rangeCompares(comparator: Comparator, wanted: Range, stored: Range): boolean {
  const within = stored.low >= wanted.low && stored.high <= wanted.high
  const above = stored.high > wanted.high
  const below = stored.low < wanted.low
  const tests: Record<Comparator, boolean> = {
    eq: within,
    ne: !within,
    gt: above,
    lt: below,
    ge: above || within,
    le: below || within,
    sa: stored.low >= wanted.high,
    eb: stored.high <= wanted.low,
    ap: stored.low < wanted.high && stored.high > wanted.low,
  }
  return tests[comparator]
}
