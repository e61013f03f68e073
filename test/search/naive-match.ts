// A second, plain reading of the query tree, for tests: does this expression match this resource of a small world?
import type { JsonObject } from '../../src/fhir/index.ts'
import {
  holdsPhrase,
  kilometersBetween,
  resourceWords,
  type Comparator,
  type Expression,
  type IndexEntry,
  type ReferenceEntry,
  type ResourceIndex,
  type TypedCondition,
} from '../../src/store/index.ts'

/** A resource; or a contained one, whose `index` has its own entries, and the rest of its container. */
export interface Subject {
  readonly type: string
  readonly id: string
  readonly index: ResourceIndex
  /** Milliseconds since 1970; undefined for a resource that is not stored yet, and for a contained one. */
  readonly lastUpdated: number | undefined
  /** What full text is searched in; undefined: nothing. */
  readonly resource: JsonObject | undefined
  readonly container?: Subject | undefined
}

/** The current resources that the caller may see; `met` keeps which meet a condition, as chains ask again and again. */
export interface World {
  readonly subjects: readonly Subject[]
  readonly met: Map<TypedCondition, readonly Subject[]>
}

export function worldOf(subjects: readonly Subject[]): World {
  return { subjects, met: new Map() }
}

export function matchesExpression(expression: Expression, subject: Subject, world: World): boolean {
  const { index, id, lastUpdated, resource, container } = subject
  switch (expression.kind) {
    case 'and':
      return !expression.all.some((part) => !matchesExpression(part, subject, world))
    case 'or':
      return expression.any.some((part) => matchesExpression(part, subject, world))
    case 'not':
      return !matchesExpression(expression.node, subject, world)
    case 'id':
      return expression.id === id
    case 'last-updated':
      return (
        lastUpdated !== undefined &&
        rangeCompares(expression.comparator, expression, { low: lastUpdated, high: lastUpdated + 1 })
      )
    case 'compartment':
      return expression.patients.some((patient) => index.patients.includes(patient))
    case 'text':
      return (
        resource !== undefined && holdsPhrase(resourceWords(resource)[expression.scope], expression.words)
      )
    case 'chain': {
      const targets = expression.targets.flatMap((target) => [
        ...meeting(target, world),
        ...containedIn(container ?? subject).filter((one) => meets(one, target, world)),
      ])
      return referencesOf(subject, expression.param).some((reference) =>
        targets.some((target) => leadsTo(reference, subject, target)),
      )
    }
    case 'has':
      return meeting(expression.source, world).some((source) =>
        referencesOf(source, expression.param).some((reference) => leadsTo(reference, source, subject)),
      )
    case 'contains':
      return container === undefined && containedIn(subject).some((one) => meets(one, expression, world))
    case 'composite':
      return entriesOf(subject).some(
        (entry) =>
          entry.kind === 'composite' &&
          entry.param === expression.param &&
          expression.components.every((component, place) => {
            const own = entry.components[place]
            if (own === undefined) return false
            return matchesExpression(component, { ...subject, index: { ...index, entries: [own] } }, world)
          }),
      )
    case 'unlike': {
      const { leaf } = expression
      return index.entries.some(
        (entry) => entry.kind === leaf.kind && entry.param === leaf.param && !entryMatches(leaf, entry),
      )
    }
    case 'presence':
      return entriesOf(subject).some(
        (entry) => entry.kind === expression.entry && entry.param === expression.param,
      )
    default:
      return index.entries.some((entry) => entryMatches(expression, entry))
  }
}

function meets(subject: Subject, { type, where }: TypedCondition, world: World): boolean {
  return subject.type === type && matchesExpression(where, subject, world)
}

function meeting(condition: TypedCondition, world: World): readonly Subject[] {
  const known = world.met.get(condition)
  if (known !== undefined) return known
  const found = world.subjects.filter((one) => meets(one, condition, world))
  world.met.set(condition, found)
  return found
}

function containedIn(container: Subject): Subject[] {
  return container.index.contained.map(({ type, id, entries }) => ({
    type,
    id,
    index: { ...container.index, entries, contained: [] },
    lastUpdated: undefined,
    resource: undefined,
    container,
  }))
}

/** All but references to what should be contained and is not, and composites of such. */
function entriesOf(subject: Subject): IndexEntry[] {
  const { contained } = (subject.container ?? subject).index
  const isThere = (entry: IndexEntry): boolean => {
    if (entry.kind === 'composite') return !entry.components.some((one) => !isThere(one))
    if (entry.kind !== 'reference' || entry.target.kind !== 'contained') return true
    const { id } = entry.target
    return contained.some((one) => one.id === id)
  }
  return subject.index.entries.filter(isThere)
}

/** Of any parameter when none is given, but for those whose names have a colon: the server's own. */
export function referencesOf(subject: Subject, param: string | undefined): ReferenceEntry[] {
  return subject.index.entries
    .filter((entry) => entry.kind === 'reference')
    .filter((entry) => (param === undefined ? !entry.param.includes(':') : entry.param === param))
}

/** By type and id, as a canonical, or within one resource. */
export function leadsTo({ target }: ReferenceEntry, from: Subject, to: Subject): boolean {
  if (target.kind === 'contained') return to.container === (from.container ?? from) && to.id === target.id
  if (to.container !== undefined) return false
  if (target.kind === 'local') return to.type === target.type && to.id === target.id
  const has = (wanted: IndexEntry) =>
    to.index.entries.some((entry) => JSON.stringify(entry) === JSON.stringify(wanted))
  const { url, version } = target
  return (
    has({ kind: 'uri', param: 'url', value: url }) &&
    (version === undefined || has({ kind: 'token', param: 'version', system: '', code: version }))
  )
}

type LeafKind =
  | 'token'
  | 'token-set'
  | 'string'
  | 'string-order'
  | 'reference'
  | 'date'
  | 'number'
  | 'quantity'
  | 'uri'
  | 'uri-below'
  | 'near'
type Leaf = Extract<Expression, { kind: LeafKind }>

function entryMatches(leaf: Leaf, entry: IndexEntry): boolean {
  if (leaf.param !== entry.param) return false
  if (leaf.kind === 'token' && entry.kind === 'token') {
    if (leaf.system !== undefined && leaf.system !== entry.system) return false
    return leaf.code === undefined || leaf.code === entry.code
  }
  if (leaf.kind === 'token-set' && entry.kind === 'token') {
    return leaf.sets.some(
      ({ system, codes }) => system === entry.system && (codes === 'all' || codes.indexOf(entry.code) >= 0),
    )
  }
  if (leaf.kind === 'string' && entry.kind === 'string') {
    const { mode, value } = leaf
    const { folded, exact } = entry
    if (mode === 'starts') return folded.slice(0, value.length) === value
    if (mode === 'ends') return folded.slice(Math.max(0, folded.length - value.length)) === value
    if (mode === 'contains') return folded.indexOf(value) >= 0
    return mode === 'equals' ? folded === value : exact === value
  }
  if (leaf.kind === 'string-order' && entry.kind === 'string') {
    const order = byCodePoints(entry.folded, leaf.value)
    if (order === 0) return leaf.comparator === 'ge' || leaf.comparator === 'le'
    return order > 0 === (leaf.comparator === 'gt' || leaf.comparator === 'ge')
  }
  if (leaf.kind === 'uri-below' && entry.kind === 'uri') return entry.value.indexOf(leaf.prefix) === 0
  if (leaf.kind === 'uri' && entry.kind === 'uri') return leaf.value === entry.value
  if (leaf.kind === 'reference' && entry.kind === 'reference') return sameTarget(leaf.target, entry.target)
  if (leaf.kind === 'date' && entry.kind === 'date') return rangeCompares(leaf.comparator, leaf, entry)
  if (leaf.kind === 'number' && entry.kind === 'number') return amountCompares(leaf.comparator, leaf, entry)
  if (leaf.kind === 'quantity' && entry.kind === 'quantity') {
    return sameUnit(leaf, entry) && amountCompares(leaf.comparator, leaf, entry)
  }
  if (leaf.kind === 'near' && entry.kind === 'position') {
    const far = kilometersBetween(leaf.latitude, leaf.longitude, entry.latitude, entry.longitude)
    return far <= leaf.kilometers
  }
  return false
}

/** The order of the code points, which is that of UTF-8 bytes. */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

interface Range {
  readonly low: number
  readonly high: number
}

function sameTarget(
  wanted: Extract<Leaf, { kind: 'reference' }>['target'],
  stored: ReferenceEntry['target'],
): boolean {
  if (wanted.kind === 'local') {
    return stored.kind === 'local' && stored.id === wanted.id && wanted.types.indexOf(stored.type) >= 0
  }
  if (stored.kind !== 'url') return false
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
