// Random searches for the store's property tests, made of every node of the query tree.
import fc from 'fast-check'
import {
  and,
  chainMatch,
  compartmentMatch,
  compositeMatch,
  containsMatch,
  dateMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  nearMatch,
  not,
  numberMatch,
  or,
  presenceMatch,
  quantityMatch,
  stringMatch,
  stringOrderMatch,
  textMatch,
  tokenMatch,
  tokenSetMatch,
  typedCondition,
  unlikeMatch,
  uriBelowMatch,
  uriMatch,
  urlReferenceMatch,
  type Comparator,
  type Expression,
  type Include,
  type RangeComparison,
  type SearchQuery,
  type SortKey,
} from '../../src/store/index.ts'
import {
  amount,
  CODES,
  CONTAINED_TYPES,
  FOLDED,
  IDS,
  LATITUDES,
  LONGITUDES,
  point,
  REFERENCES,
  START,
  SYSTEMS,
  TICK,
  TYPES,
  UNITS,
  URLS,
} from './arbitraries.ts'

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

/** The params under which a leaf looks, by the kind of entry. */
interface Params {
  readonly token: string
  readonly string: string
  readonly reference: string
  readonly date: string
  readonly number: string
  readonly quantity: string
  readonly uri: string
}

const token = (param: string) =>
  fc
    .tuple(fc.constantFrom(undefined, ...SYSTEMS), fc.constantFrom(undefined, ...CODES))
    .map(([system, code]) => tokenMatch(param, system, code))

const string = (param: string) =>
  fc
    .tuple(
      fc.constantFrom(...FOLDED, 'b', 'c', 'AB', 'never'),
      fc.constantFrom('starts', 'contains', 'ends', 'equals', 'exact'),
    )
    .map(([value, mode]) => stringMatch(param, value, mode))

const uri = (param: string) => fc.constantFrom(...URLS).map((value) => uriMatch(param, value))

/** A condition on one entry, of those that composites know. */
const entryLeaf = (params: Params): fc.Arbitrary<Expression> =>
  fc.oneof(
    token(params.token),
    fc
      .array(
        fc.record({
          system: fc.constantFrom(...SYSTEMS),
          codes: fc.oneof(fc.constant('all' as const), fc.subarray([...CODES])),
        }),
        { maxLength: 2 },
      )
      .map((sets) => tokenSetMatch(params.token, sets)),
    string(params.string),
    fc
      .tuple(fc.subarray([...TYPES]), fc.constantFrom(...IDS))
      .map(([types, id]) => localReferenceMatch(params.reference, types, id)),
    fc
      .tuple(fc.constantFrom(...URLS), fc.constantFrom('', '|1'))
      .map(([url, version]) => urlReferenceMatch(params.reference, url + version)),
    ofRange(TICK).map((comparison) => dateMatch(params.date, comparison)),
    ofValue.map((comparison) => numberMatch(params.number, comparison)),
    fc
      .tuple(ofValue, fc.constantFrom(undefined, ...SYSTEMS), fc.constantFrom(undefined, ...UNITS, 'gram'))
      .map(([comparison, system, code]) => quantityMatch(params.quantity, comparison, system, code)),
    uri(params.uri),
  )

const PLAIN_PARAMS = ['token', 'string', 'date', 'number', 'quantity', 'uri'] as const
const NAMES: Params = {
  token: 'code',
  string: 'name',
  reference: 'subject',
  date: 'date',
  number: 'score',
  quantity: 'value',
  uri: 'url',
}

const at = (place: string): Params => ({
  token: place,
  string: place,
  reference: place,
  date: place,
  number: `${place}:number`,
  quantity: place,
  uri: place,
})

const component = (...places: string[]): fc.Arbitrary<Expression> => {
  const leaf = fc.oneof(...places.map((place) => entryLeaf(at(place))))
  return fc.oneof(
    { arbitrary: leaf, weight: 3 },
    { arbitrary: fc.array(leaf, { maxLength: 2 }).map(and), weight: 1 },
    { arbitrary: fc.array(leaf, { maxLength: 3 }).map(or), weight: 2 },
    { arbitrary: leaf.map(not), weight: 1 },
  )
}

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  { arbitrary: entryLeaf(NAMES), weight: 8 },
  { arbitrary: entryLeaf({ ...NAMES, reference: 'member', token: 'version' }), weight: 2 },
  { arbitrary: fc.constantFrom(...IDS, 'k', 'never').map(idMatch), weight: 1 },
  {
    arbitrary: ofRange(TICK).map(({ comparator, low, high }) =>
      lastUpdatedMatch({ comparator, low: START + low, high: START + high }),
    ),
    weight: 1,
  },
  { arbitrary: fc.subarray([...IDS]).map(compartmentMatch), weight: 1 },
  {
    arbitrary: fc.oneof(
      fc.constantFrom(...PLAIN_PARAMS).map((kind) => presenceMatch(NAMES[kind], kind)),
      fc.constantFrom(
        presenceMatch('subject', 'reference'),
        presenceMatch('member', 'reference'),
        presenceMatch('near', 'position'),
        presenceMatch('pair', 'composite'),
        presenceMatch('version', 'token'),
      ),
    ),
    weight: 2,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('gt', 'lt', 'ge', 'le'), fc.constantFrom(...FOLDED))
      .map(([comparator, value]) => stringOrderMatch('name', comparator, value)),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom('', 'http://a.test/', 'http://a.test/q/', 'HTTP', 'urn:')
      .map((prefix) => uriBelowMatch('url', prefix)),
    weight: 1,
  },
  { arbitrary: fc.oneof(token('code'), string('name'), uri('url')).map(unlikeMatch), weight: 1 },
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom(...LATITUDES),
        fc.constantFrom(...LONGITUDES),
        fc.constantFrom(0, 2, 10, 500, 10_100, 20_100),
      )
      .map(([latitude, longitude, kilometers]) => nearMatch('near', { latitude, longitude }, kilometers)),
    weight: 1,
  },
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom('narrative', 'content'),
        fc.constantFrom(['red'], ['fox'], ['red', 'fox'], ['fox', 'red'], ['rotfuchse'], ['re']),
      )
      .map(([scope, words]) => textMatch(scope, words)),
    weight: 2,
  },
  {
    arbitrary: fc
      .tuple(component('0'), component('1', '1:ucum'))
      .map((components) => compositeMatch('pair', components)),
    weight: 2,
  },
)

export const expression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => {
  const typed = (types: readonly string[]) =>
    fc.tuple(fc.constantFrom(...types), tie('node')).map(([type, where]) => typedCondition(type, where))
  return {
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { arbitrary: leaf, weight: 6 },
      { arbitrary: fc.array(tie('node'), { maxLength: 3 }).map(and), weight: 2 },
      { arbitrary: fc.array(tie('node'), { maxLength: 3 }).map(or), weight: 2 },
      { arbitrary: tie('node').map(not), weight: 2 },
      {
        arbitrary: fc
          .tuple(
            fc.constantFrom(...REFERENCES),
            fc.uniqueArray(typed(CONTAINED_TYPES), {
              minLength: 1,
              maxLength: 3,
              selector: ({ type }) => type,
            }),
          )
          .map(([param, targets]) => chainMatch(param, targets)),
        weight: 3,
      },
      {
        arbitrary: fc
          .tuple(typed(TYPES), fc.constantFrom(...REFERENCES))
          .map(([source, param]) => hasMatch(source, param)),
        weight: 3,
      },
      { arbitrary: typed(CONTAINED_TYPES).map(({ type, where }) => containsMatch(type, where)), weight: 1 },
    ),
  }
}).node

const include: fc.Arbitrary<Include> = fc.record({
  direction: fc.constantFrom('forward', 'reverse'),
  iterate: fc.boolean(),
  source: fc.constantFrom(undefined, ...TYPES),
  param: fc.constantFrom(undefined, ...REFERENCES),
  target: fc.constantFrom(undefined, undefined, ...TYPES),
})

const AMOUNTS: readonly string[] = ['number', 'quantity', NAMES.number, NAMES.quantity]
const isAmount = (kindOrName: string) => AMOUNTS.includes(kindOrName)

const sortKey: fc.Arbitrary<SortKey> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom({ by: 'lastUpdated' as const }, { by: 'id' as const }),
      fc.constantFrom(...PLAIN_PARAMS).map((entry) => ({ by: 'entry' as const, entry, param: NAMES[entry] })),
      fc
        .constantFrom(...REFERENCES)
        .map((param) => ({ by: 'entry' as const, entry: 'reference' as const, param })),
      fc
        .record({
          entry: fc.constantFrom(...PLAIN_PARAMS),
          names: fc.subarray([...Object.values(NAMES), 'version', 'never'], { minLength: 1 }),
          type: fc.constantFrom(...TYPES),
        })
        .map(({ entry, names, type }) => ({
          by: 'entry' as const,
          entry,
          param: NAMES[entry],
          // A name is of one kind: where numbers are looked for, quantities are not, nor the other way.
          kept: {
            [type]: names.filter((name) => !(isAmount(entry) && isAmount(name)) || name === NAMES[entry]),
          },
        })),
    ),
    fc.boolean(),
  )
  .map(([key, descending]) => ({ ...key, descending }))

export type Asked = Pick<SearchQuery, 'from' | 'sort' | 'includes' | 'mostIncluded'>

const condition = fc
  .tuple(fc.constantFrom(...TYPES), fc.oneof(fc.constant(and([])), expression))
  .map(([type, where]) => typedCondition(type, where))

export const asked: fc.Arbitrary<Asked> = fc.record({
  from: fc.oneof(
    { arbitrary: condition.map((one) => [one]), weight: 3 },
    {
      arbitrary: fc.uniqueArray(condition, { minLength: 1, maxLength: 3, selector: ({ type }) => type }),
      weight: 1,
    },
  ),
  sort: fc.oneof(
    { arbitrary: fc.constant([]), weight: 1 },
    { arbitrary: fc.array(sortKey, { minLength: 1, maxLength: 3 }), weight: 2 },
  ),
  includes: fc.array(include, { maxLength: 3 }),
  mostIncluded: fc.oneof(
    { arbitrary: fc.constant(1000), weight: 4 },
    { arbitrary: fc.constantFrom(0, 1, 2), weight: 1 },
  ),
})
