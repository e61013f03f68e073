// Whether one resource, not yet stored, meets a condition: for references to what the same transaction creates.
import {
  visitExpression,
  type Expression,
  type IndexEntry,
  type RangeComparison,
  type ResourceIndex,
  type StringEntry,
  type StringMatch,
  type TokenMatch,
} from '../store/index.ts'

interface Candidate {
  readonly id: string
  readonly index: ResourceIndex
}

/**
 * True when the resource with this id and these index entries meets the expression. It has no `_lastUpdated` yet,
 * so a condition on that never holds.
 */
export function matchesIndex(expression: Expression, candidate: Candidate): boolean {
  const some = <Kind extends IndexEntry['kind']>(
    kind: Kind,
    param: string,
    test: (entry: Extract<IndexEntry, { kind: Kind }>) => boolean,
  ): boolean =>
    candidate.index.entries.some(
      (entry) =>
        entry.kind === kind && entry.param === param && test(entry as Extract<IndexEntry, { kind: Kind }>),
    )

  return visitExpression<boolean>(expression, {
    and: ({ all }) => all.every((part) => matchesIndex(part, candidate)),
    or: ({ any }) => any.some((part) => matchesIndex(part, candidate)),
    id: ({ id }) => id === candidate.id,
    'last-updated': () => false,
    not: ({ node }) => !matchesIndex(node, candidate),
    presence: ({ param, entry }) => some(entry, param, () => true),
    compartment: ({ patients }) => patients.some((id) => candidate.index.patients.includes(id)),
    'token-set': ({ param, sets }) =>
      some('token', param, ({ system, code }) =>
        sets.some((set) => set.system === system && (set.codes === 'all' || set.codes.includes(code))),
      ),
    token: (node) => some('token', node.param, (entry) => tokenHolds(node, entry.system, entry.code)),
    string: (node) => some('string', node.param, (entry) => stringHolds(node, entry)),
    uri: (node) => some('uri', node.param, (entry) => entry.value === node.value),
    date: (node) => some('date', node.param, (entry) => rangeHolds(node, entry.low, entry.high)),
    number: (node) => some('number', node.param, (entry) => valueHolds(node, entry.low, entry.high)),
    quantity: (node) =>
      some(
        'quantity',
        node.param,
        (entry) =>
          valueHolds(node, entry.low, entry.high) &&
          (node.system === undefined
            ? node.code === undefined || node.code === entry.code || node.code === entry.unit
            : node.system === entry.system && (node.code === undefined || node.code === entry.code)),
      ),
    near: notYet,
    text: notYet,
    composite: notYet,
    chain: notYet,
    has: notYet,
    contains: notYet,
    reference: ({ param, target }) =>
      some('reference', param, (entry) => {
        if (target.kind === 'local')
          return (
            entry.target.kind === 'local' &&
            entry.target.id === target.id &&
            target.types.includes(entry.target.type)
          )
        if (entry.target.kind !== 'url') return false
        const { url, version } = entry.target
        return target.url === url || (version !== undefined && target.url === `${url}|${version}`)
      }),
  })
}

function notYet(): never {
  throw new Error('not yet')
}

function stringHolds({ mode, value }: StringMatch, { folded, exact }: StringEntry): boolean {
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

function tokenHolds(node: TokenMatch, system: string, code: string): boolean {
  return (
    (node.system === undefined || node.system === system) && (node.code === undefined || node.code === code)
  )
}

/** See `RangeComparison`: both are half-open ranges. */
function rangeHolds({ comparator, low, high }: RangeComparison, from: number, to: number): boolean {
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

/** See `NumberMatch`. */
function valueHolds(comparison: RangeComparison, from: number, to: number): boolean {
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
