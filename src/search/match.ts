// Whether one resource, not yet stored, meets a condition: for references to what the same transaction creates.
import { FhirError, type JsonObject } from '../fhir/index.ts'
import {
  amountHolds,
  holdsPhrase,
  kilometersBetween,
  rangeHolds,
  resourceWords,
  stringHolds,
  stringOrderHolds,
  visitExpression,
  type Expression,
  type IndexEntry,
  type ResourceIndex,
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
    string: (node) => some('string', node.param, (entry) => stringHolds(node, entry.folded, entry.exact)),
    'string-order': (node) => some('string', node.param, ({ folded }) => stringOrderHolds(node, folded)),
    uri: (node) => some('uri', node.param, (entry) => entry.value === node.value),
    'uri-below': ({ param, prefix }) => some('uri', param, ({ value }) => value.startsWith(prefix)),
    unlike: ({ leaf }) => some(leaf.kind, leaf.param, (entry) => !leafHolds(leaf, entry)),
    date: (node) => some('date', node.param, (entry) => rangeHolds(node, entry.low, entry.high)),
    number: (node) => some('number', node.param, (entry) => amountHolds(node, entry.low, entry.high)),
    quantity: (node) =>
      some(
        'quantity',
        node.param,
        (entry) =>
          amountHolds(node, entry.low, entry.high) &&
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
  if (leaf.kind === 'string') return entry.kind === 'string' && stringHolds(leaf, entry.folded, entry.exact)
  return entry.kind === 'uri' && entry.value === leaf.value
}

function tokenHolds(node: TokenMatch, system: string, code: string): boolean {
  return (
    (node.system === undefined || node.system === system) && (node.code === undefined || node.code === code)
  )
}
