// Small random worlds for the store's property tests: few types, ids, patients, labels and values, so that they meet.
import fc from 'fast-check'
import {
  and,
  dateMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  numberMatch,
  or,
  quantityMatch,
  stringMatch,
  tokenMatch,
  typedCondition,
  uriMatch,
  urlReferenceMatch,
  type AccessFilter,
  type Comparator,
  type Expression,
  type Include,
  type IndexEntry,
  type RangeComparison,
  type ResourceKey,
  type SearchQuery,
  type SecurityLabel,
} from '../../src/store/index.ts'
import type { Content } from './world.ts'

export const TYPES = ['Patient', 'Observation', 'Group'] as const
export const IDS = ['a', 'b', 'c', 'd'] as const
const LABELS: readonly SecurityLabel[] = [
  { system: 'urn:l', code: 'R' },
  { system: 'urn:l', code: 'S' },
  { system: 'urn:m', code: 'R' },
]
const SYSTEMS = ['', 'urn:s', 'urn:t'] as const
const CODES = ['x', 'y', 'X'] as const
const FOLDED = ['', 'a', 'ab', 'abc', 'b%', 'b_c', 'ß', '漢字', '🙂'] as const
const URLS = ['http://a.test/q', 'http://a.test/q/', 'urn:oid:1.2'] as const

/** Time of the first commit, milliseconds since 1970; each further one is 0 to 2 TICKs later. */
export const START = Date.UTC(2026, 0, 1)
export const TICK = 500

export const keys: fc.Arbitrary<ResourceKey> = fc
  .tuple(fc.constantFrom(...TYPES), fc.constantFrom(...IDS))
  .map(([type, id]) => ({ type, id }))

const point = fc.integer({ min: -2, max: 6 })
const amount = fc.oneof(point, fc.constantFrom(0.5, 2.5, 1e20, -1e-7))

/** [low, high), low below high; now and then open. */
const range = fc
  .tuple(point, fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0, 0, 1, 2))
  .map(([low, length, ends]) => ({
    low: ends === 1 ? -Infinity : low,
    high: ends === 2 ? Infinity : low + length,
  }))

const extent = fc.oneof(
  amount.map((value) => ({ low: value, high: value })),
  range,
)

const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('token' as const),
    param: fc.constant('code'),
    system: fc.constantFrom(...SYSTEMS),
    code: fc.constantFrom(...CODES),
  }),
  fc
    .constantFrom(...FOLDED)
    .map((folded) => ({ kind: 'string' as const, param: 'name', folded, exact: folded.toUpperCase() })),
  fc.record({
    kind: fc.constant('reference' as const),
    param: fc.constantFrom('subject', 'member'),
    target: fc.oneof(
      keys.map(({ type, id }) => ({ kind: 'local' as const, type, id })),
      fc.record({
        kind: fc.constant('url' as const),
        url: fc.constantFrom(...URLS),
        version: fc.constantFrom(undefined, '1', '2'),
      }),
    ),
  }),
  range.map(({ low, high }) => ({
    kind: 'date' as const,
    param: 'date',
    low: low * TICK,
    high: high * TICK,
  })),
  amount.map((value) => ({ kind: 'number' as const, param: 'score', low: value, high: value })),
  fc
    .tuple(
      extent,
      fc.constantFrom(...SYSTEMS),
      fc.constantFrom('', 'mg', 'g'),
      fc.constantFrom('', 'mg', 'gram'),
    )
    .map(([ends, system, code, unit]) => ({
      kind: 'quantity' as const,
      param: 'value',
      ...ends,
      system,
      code,
      unit,
    })),
  fc.constantFrom(...URLS).map((value) => ({ kind: 'uri' as const, param: 'url', value })),
)

export const accessOf = fc.record({
  patients: fc.subarray([...IDS], { maxLength: 3 }),
  labels: fc.subarray([...LABELS], { maxLength: 2 }),
})

const entriesAndDate = fc.record({
  entries: fc.array(entry, { maxLength: 6 }),
  date: fc.option(
    point.map((at) => at * TICK),
    { nil: undefined },
  ),
})

export const content: fc.Arbitrary<Content> = fc
  .tuple(entriesAndDate, accessOf)
  .map(([told, access]) => ({ ...told, ...access }))

const ofRange = (scale: number): fc.Arbitrary<RangeComparison> =>
  fc
    .tuple(
      fc.constantFrom<Comparator>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'),
      point,
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([comparator, low, length]) => ({ comparator, low: low * scale, high: (low + length) * scale }))

const ofValue: fc.Arbitrary<RangeComparison> = fc.oneof(
  fc
    .tuple(fc.constantFrom<Comparator>('eq', 'ne', 'ap'), amount, fc.constantFrom(0.5, 1, 3))
    .map(([comparator, at, width]) => ({ comparator, low: at - width, high: at + width })),
  fc
    .tuple(fc.constantFrom<Comparator>('gt', 'lt', 'ge', 'le', 'sa', 'eb'), amount)
    .map(([comparator, at]) => ({ comparator, low: at, high: at })),
)

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom(...IDS, 'never').map(idMatch),
  ofRange(TICK).map(({ comparator, low, high }) =>
    lastUpdatedMatch({ comparator, low: START + low, high: START + high }),
  ),
  fc
    .tuple(fc.constantFrom(undefined, ...SYSTEMS), fc.constantFrom(undefined, ...CODES))
    .map(([system, code]) => tokenMatch('code', system, code)),
  fc.constantFrom(...FOLDED, 'never').map((prefix) => stringMatch('name', prefix)),
  fc
    .tuple(fc.constantFrom('subject', 'member'), fc.subarray([...TYPES]), fc.constantFrom(...IDS))
    .map(([param, types, id]) => localReferenceMatch(param, types, id)),
  fc
    .tuple(fc.constantFrom('subject', 'member'), fc.constantFrom(...URLS), fc.constantFrom('', '|1'))
    .map(([param, url, version]) => urlReferenceMatch(param, url + version)),
  ofRange(TICK).map((comparison) => dateMatch('date', comparison)),
  ofValue.map((comparison) => numberMatch('score', comparison)),
  fc
    .tuple(ofValue, fc.constantFrom(undefined, ...SYSTEMS), fc.constantFrom(undefined, 'mg', 'g', 'gram'))
    .map(([comparison, system, code]) => quantityMatch('value', comparison, system, code)),
  fc.constantFrom(...URLS).map((value) => uriMatch('url', value)),
)

export const expression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: leaf, weight: 4 },
    { arbitrary: fc.array(tie('node'), { maxLength: 3 }).map(and), weight: 2 },
    { arbitrary: fc.array(tie('node'), { maxLength: 3 }).map(or), weight: 2 },
  ),
})).node

export const filter: fc.Arbitrary<AccessFilter> = fc.record({
  anyOf: fc.array(
    fc.record({
      types: fc.oneof({ arbitrary: fc.constant('*' as const), weight: 2 }, fc.subarray([...TYPES])),
      patients: fc.oneof({ arbitrary: fc.constant('*' as const), weight: 2 }, fc.subarray([...IDS])),
      withoutLabels: fc.subarray([...LABELS]),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

const include: fc.Arbitrary<Include> = fc.record({
  direction: fc.constant('forward' as const),
  iterate: fc.constant(false),
  source: fc.constantFrom(...TYPES),
  param: fc.constantFrom(undefined, 'subject', 'member'),
  target: fc.constantFrom(undefined, undefined, ...TYPES),
})

export type Asked = Pick<SearchQuery, 'from' | 'sort' | 'includes'>

export const asked: fc.Arbitrary<Asked> = fc.record({
  from: fc
    .tuple(fc.constantFrom(...TYPES), fc.oneof(fc.constant(and([])), expression))
    .map(([type, where]) => [typedCondition(type, where)]),
  sort: fc.constantFrom([], [{ by: 'lastUpdated', descending: false }], [
    { by: 'lastUpdated', descending: true },
  ] as const),
  includes: fc.array(include, { maxLength: 2 }),
})

/** `undefined`: delete it. */
export type Step = readonly { readonly key: ResourceKey; readonly content: Content | undefined }[]

/** What one commit writes, no resource twice, and how many TICKs pass before it. */
export const step = fc.record({
  wait: fc.integer({ min: 0, max: 2 }),
  writes: fc.uniqueArray(fc.record({ key: keys, content: fc.option(content, { nil: undefined, freq: 5 }) }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ key }) => `${key.type}/${key.id}`,
  }) satisfies fc.Arbitrary<Step>,
})

export const nameOf = ({ type, id }: ResourceKey) => `${type}/${id}`
export const KEYS: readonly ResourceKey[] = TYPES.flatMap((type) => IDS.map((id) => ({ type, id })))
