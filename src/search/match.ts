// Whether one resource, not yet stored, meets a condition: for references to what the same transaction creates.
import { FhirError, type JsonObject } from '../fhir/index.ts'
import {
  holdsPhrase,
  kilometersBetween,
  resourceWords,
  visitExpression,
  type Expression,
  type IndexEntry,
  type RangeComparison,
  type ResourceIndex,
  type StringEntry,
  type StringMatch,
  type StringOrderMatch,
  type TokenMatch,
  type UnlikeMatch,
} from '../store/index.ts'

/** A resource that is not stored yet, or one that it contains. */
export interface Candidate {
  /** Of a contained one its id within the container. */
  readonly id: string
  /** Of a contained one its own entries, the rest its container's, and nothing contained. */
  readonly index: ResourceIndex
  /** What full text is searched in; undefined for a contained one. */
  readonly resource: JsonObject | undefined
  /** What `#id` may refer to: of a contained one what its container holds; else what it contains itself. */
  readonly beside?: ResourceIndex['contained']
}

/**
 * True when the resource with this id and these index entries meets the expression. It has no `_lastUpdated` yet,
 * so a condition on that never holds.
 * @throws FhirError `invalid-search` for a chain or `_has`: what one resource says of itself cannot decide them
 */
export function matchesIndex(expression: Expression, candidate: Candidate): boolean {
  const { id, index, resource, beside = index.contained } = candidate
  const some = <Kind extends IndexEntry['kind']>(
    kind: Kind,
    param: string,
    test: (entry: Extract<IndexEntry, { kind: Kind }>) => boolean,
  ): boolean =>
    index.entries.some(
      (entry) =>
        entry.kind === kind && entry.param === param && test(entry as Extract<IndexEntry, { kind: Kind }>),
    )

  return visitExpression<boolean>(expression, {
    and: ({ all }) => all.every((part) => matchesIndex(part, candidate)),
    or: ({ any }) => any.some((part) => matchesIndex(part, candidate)),
    not: ({ node }) => !matchesIndex(node, candidate),
    id: (node) => id === node.id,
    'last-updated': () => false,
    compartment: ({ patients }) => patients.some((patient) => index.patients.includes(patient)),
    presence: ({ param, entry }) => some(entry, param, (found) => !isDangling(found, beside)),
    token: (node) => some('token', node.param, (entry) => tokenHolds(node, entry.system, entry.code)),
    'token-set': ({ param, sets }) =>
      some('token', param, ({ system, code }) =>
        sets.some((set) => set.system === system && (set.codes === 'all' || set.codes.includes(code))),
      ),
    string: (node) => some('string', node.param, (entry) => stringHolds(node, entry)),
    'string-order': (node) => some('string', node.param, ({ folded }) => orderHolds(node, folded)),
    uri: (node) => some('uri', node.param, (entry) => entry.value === node.value),
    'uri-below': ({ param, prefix }) => some('uri', param, ({ value }) => value.startsWith(prefix)),
    unlike: ({ leaf }) => some(leaf.kind, leaf.param, (entry) => !leafHolds(leaf, entry)),
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
    near: ({ param, latitude, longitude, kilometers }) =>
      some(
        'position',
        param,
        (entry) => kilometersBetween(latitude, longitude, entry.latitude, entry.longitude) <= kilometers,
      ),
    text: ({ scope, words }) => resource !== undefined && holdsPhrase(resourceWords(resource)[scope], words),
    composite: ({ param, components }) =>
      some(
        'composite',
        param,
        (entry) =>
          !isDangling(entry, beside) &&
          components.every((component, place) => {
            const own = entry.components[place]
            return (
              own !== undefined &&
              matchesIndex(component, { ...candidate, index: { ...index, entries: [own] } })
            )
          }),
      ),
    contains: ({ type, where }) =>
      containedIn(index, type).some((contained) => matchesIndex(where, contained)),
    chain: ({ param }) => undecided(param),
    has: ({ source, param }) => undecided(`_has:${source.type}:${param}`),
  })
}

/** Contained resources of a type, as candidates. */
export function containedIn(index: ResourceIndex, type: string): Candidate[] {
  return index.contained
    .filter((contained) => contained.type === type)
    .map(({ id, entries }) => ({
      id,
      index: { ...index, entries, contained: [] },
      resource: undefined,
      beside: index.contained,
    }))
}

function undecided(what: string): never {
  throw new FhirError(
    'invalid-search',
    `${what} looks at other resources, which cannot be asked about a resource that is not stored yet.`,
  )
}

/** See `ReferenceEntry.target`; without one of its parts a composite is none. */
function isDangling(entry: IndexEntry, contained: ResourceIndex['contained']): boolean {
  if (entry.kind === 'composite') return entry.components.some((one) => isDangling(one, contained))
  if (entry.kind !== 'reference' || entry.target.kind !== 'contained') return false
  const { id } = entry.target
  return contained.every((one) => one.id !== id)
}

function leafHolds(leaf: UnlikeMatch['leaf'], entry: IndexEntry): boolean {
  if (leaf.kind === 'token') return entry.kind === 'token' && tokenHolds(leaf, entry.system, entry.code)
  if (leaf.kind === 'string') return entry.kind === 'string' && stringHolds(leaf, entry)
  return entry.kind === 'uri' && entry.value === leaf.value
}

/** By code points, which is the order of UTF-8 bytes. */
function orderHolds({ comparator, value }: StringOrderMatch, folded: string): boolean {
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
