// Small random worlds for the store's property tests: few types, ids, patients, labels and values, so that they meet.
import fc from 'fast-check'
import type {
  AccessFilter,
  CompositeEntry,
  ContainedIndex,
  IndexEntry,
  ResourceKey,
  SecurityLabel,
} from '../../src/store/index.ts'
import type { Content } from './world.ts'

export const TYPES = ['Patient', 'Observation', 'Group'] as const
export const IDS = ['a', 'b', 'c', 'd'] as const
/** Also of what is contained. */
export const CONTAINED_TYPES = [...TYPES, 'Medication'] as const
export const CONTAINED_IDS = ['a', 'k'] as const
export const LABELS: readonly SecurityLabel[] = [
  { system: 'urn:l', code: 'R' },
  { system: 'urn:l', code: 'S' },
  { system: 'urn:m', code: 'R' },
]
export const SYSTEMS = ['', 'urn:s', 'urn:t'] as const
export const CODES = ['x', 'y', 'X'] as const
export const FOLDED = ['', 'a', 'ab', 'abc', 'b%', 'b_c', 'ß', '漢字', '\uffee', '🙂'] as const
export const URLS = ['http://a.test/q', 'http://a.test/q/', 'urn:oid:1.2'] as const
/** With one of the server's own, which no wildcard follows. */
export const REFERENCES = ['subject', 'member', '_security:source'] as const
export const UNITS = ['', 'mg', 'g'] as const
export const LATITUDES = [0, 0.01, 52.5, 89.99, -89.99, 90] as const
export const LONGITUDES = [0, 13.4, 13.5, 179.99, -179.99, 180] as const
export const NOTES = ['red fox', 'fox, red', 'Rotfüchse', 'red', '🙂 fox'] as const

/** Time of the first commit, milliseconds since 1970; each further one is 0 to 2 TICKs later. */
export const START = Date.UTC(2026, 0, 1)
export const TICK = 500

export const keys: fc.Arbitrary<ResourceKey> = fc
  .tuple(fc.constantFrom(...TYPES), fc.constantFrom(...IDS))
  .map(([type, id]) => ({ type, id }))

export const point = fc.integer({ min: -2, max: 6 })
export const amount = fc.oneof(point, fc.constantFrom(0.5, 2.5, 1e20, -1e-7))

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

const reference = fc.record({
  kind: fc.constant('reference' as const),
  param: fc.constantFrom(...REFERENCES),
  target: fc.oneof(
    { arbitrary: keys.map(({ type, id }) => ({ kind: 'local' as const, type, id })), weight: 3 },
    {
      arbitrary: fc.record({
        kind: fc.constant('url' as const),
        url: fc.constantFrom(...URLS),
        version: fc.constantFrom(undefined, '1', '2'),
      }),
      weight: 2,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant('contained' as const),
        id: fc.constantFrom(...CONTAINED_IDS),
      }),
      weight: 2,
    },
  ),
})

type Single = CompositeEntry['components'][number]

const single: fc.Arbitrary<Single> = fc.oneof(
  fc.record({
    kind: fc.constant('token' as const),
    param: fc.constant('code'),
    system: fc.constantFrom(...SYSTEMS),
    code: fc.constantFrom(...CODES),
  }),
  fc.record({
    kind: fc.constant('token' as const),
    param: fc.constant('version'),
    system: fc.constantFrom('', '', 'urn:s'),
    code: fc.constantFrom('1', '2'),
  }),
  fc.tuple(fc.constantFrom(...FOLDED), fc.boolean()).map(([folded, upper]) => ({
    kind: 'string' as const,
    param: 'name',
    folded,
    exact: upper ? folded.toUpperCase() : folded,
  })),
  reference,
  range.map(({ low, high }) => ({
    kind: 'date' as const,
    param: 'date',
    low: low * TICK,
    high: high * TICK,
  })),
  amount.map((value) => ({ kind: 'number' as const, param: 'score', low: value, high: value })),
  fc
    .tuple(extent, fc.constantFrom(...SYSTEMS), fc.constantFrom(...UNITS), fc.constantFrom('', 'mg', 'gram'))
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

/** No parameter has both numbers and quantities, and a store need not tell them apart. */
const placeOf = ({ kind }: Single, place: string) => (kind === 'number' ? `${place}:number` : place)

const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
  { arbitrary: single, weight: 9 },
  {
    arbitrary: fc.record({
      kind: fc.constant('position' as const),
      param: fc.constant('near'),
      latitude: fc.constantFrom(...LATITUDES),
      longitude: fc.constantFrom(...LONGITUDES),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.tuple(single, single, fc.boolean()).map(
      ([first, second, other]): IndexEntry => ({
        kind: 'composite',
        param: 'pair',
        components: [
          { ...first, param: placeOf(first, '0') },
          { ...second, param: placeOf(second, other ? '1:ucum' : '1') },
        ],
      }),
    ),
    weight: 2,
  },
)

export const accessOf = fc.record({
  patients: fc.subarray([...IDS], { maxLength: 3 }),
  labels: fc.subarray([...LABELS], { maxLength: 2 }),
})

const contained: fc.Arbitrary<ContainedIndex> = fc.record({
  type: fc.constantFrom(...CONTAINED_TYPES),
  id: fc.constantFrom(...CONTAINED_IDS),
  entries: fc.array(entry, { maxLength: 3 }),
})

const told = fc.record({
  entries: fc.array(entry, { maxLength: 6 }),
  date: fc.option(
    point.map((at) => at * TICK),
    { nil: undefined },
  ),
  contained: fc.oneof(
    { arbitrary: fc.constant([]), weight: 2 },
    { arbitrary: fc.uniqueArray(contained, { maxLength: 2, selector: ({ id }) => id }), weight: 1 },
  ),
  notes: fc.array(fc.constantFrom(...NOTES), { maxLength: 2 }),
  narrative: fc.constantFrom(undefined, undefined, 'red <b>fo</b>x', '<p>red</p><p>fox</p>'),
})

export const content: fc.Arbitrary<Content> = fc
  .tuple(told, accessOf)
  .map(([what, access]) => ({ ...what, ...access }))

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
