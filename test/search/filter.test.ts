// `_filter`: its grammar, what each operator asks, and what a filter finds in resources (https://hl7.org/fhir/R4/search_filter.html).
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { FhirError, loadDefinitions, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import {
  FilterFault,
  parseFilter,
  type Filter,
  type FilterPath,
} from '../../src/search/query-text/filter-grammar.ts'
import { createSearch, matchesIndex, type SearchLookup } from '../../src/search/index.ts'
import type { Expression } from '../../src/store/index.ts'

const search = createSearch({
  definitions: loadDefinitions(),
  baseUrl: 'http://alcove.example/fhir',
  now: () => Date.parse('2024-06-01T12:00:00Z'),
})

const lookup: SearchLookup = {
  codesIn: async () => [{ system: 'http://s', codes: ['in-1', 'in-2'] }],
  codesBy: async (direction, _system, code) => [code, `${code}-${direction}`],
  placesBy: async (_direction, _type, id) => [id],
}

async function meaning(type: string, filter: string): Promise<Expression> {
  const { query } = await search.parse(
    { kind: 'type', type },
    [['_filter', filter]],
    { handling: 'strict', defaultCount: 20, maxCount: 1000 },
    lookup,
  )
  const where = query.from[0]?.where
  if (where?.kind !== 'and' || where.all.length !== 1) throw new Error('one condition is expected')
  return where.all[0] as Expression
}

async function told(type: string, filter: string): Promise<string> {
  try {
    await meaning(type, filter)
    return ''
  } catch (error) {
    if (error instanceof FhirError && error.code === 'invalid-search') return error.message
    throw error
  }
}

const path = (...names: string[]): FilterPath => {
  const [name = '', ...rest] = names
  return { name, filter: undefined, next: rest.length === 0 ? undefined : path(...rest) }
}
const eq = (name: string, value: string): Filter => ({
  kind: 'test',
  path: path(name),
  operator: 'eq',
  value,
})

t.test('the grammar', async (t) => {
  const [a, b, c, d] = [eq('a', '1'), eq('b', '2'), eq('c', '3'), eq('d', '4')]
  const cases: [string, Filter][] = [
    ['a eq 1', a],
    ['  a   eq  1 ', a],
    ['a EQ 1', a],
    ['(a eq 1)', a],
    ['a eq "1"', a],
    ['a eq 1 and b eq 2', { kind: 'and', filters: [a, b] }],
    ['a eq 1 and b eq 2 and c eq 3', { kind: 'and', filters: [a, b, c] }],
    ['a eq 1 or b eq 2 and c eq 3', { kind: 'and', filters: [{ kind: 'or', filters: [a, b] }, c] }],
    ['a eq 1 and b eq 2 or c eq 3', { kind: 'or', filters: [{ kind: 'and', filters: [a, b] }, c] }],
    ['a eq 1 or (b eq 2 and c eq 3)', { kind: 'or', filters: [a, { kind: 'and', filters: [b, c] }] }],
    [
      '(a eq 1 and b eq 2)and(c eq 3 or d eq 4)',
      {
        kind: 'and',
        filters: [
          { kind: 'and', filters: [a, b] },
          { kind: 'or', filters: [c, d] },
        ],
      },
    ],
    ['not (a eq 1)', { kind: 'not', filter: a }],
    [
      'not(a eq 1) or not b eq 2',
      {
        kind: 'or',
        filters: [
          { kind: 'not', filter: a },
          { kind: 'not', filter: b },
        ],
      },
    ],
    ['a.b-c._d eq x', { kind: 'test', path: path('a', 'b-c', '_d'), operator: 'eq', value: 'x' }],
    [
      'a[b eq 2].c eq 3',
      {
        kind: 'test',
        path: { name: 'a', filter: b, next: path('c') },
        operator: 'eq',
        value: '3',
      },
    ],
    ['a eq "x) \\"and\\" ] \\u00e4\\n"', eq('a', 'x) "and" ] ä\n')],
    ['a eq http://loinc.org|1234-5', eq('a', 'http://loinc.org|1234-5')],
    ['a eq 2014-10-10T10:00:00+01:00', eq('a', '2014-10-10T10:00:00+01:00')],
    ['a eq and and b eq or', { kind: 'and', filters: [eq('a', 'and'), eq('b', 'or')] }],
    ['and eq 1 and nota eq 2', { kind: 'and', filters: [eq('and', '1'), eq('nota', '2')] }],
    ['a eq ""', eq('a', '')],
  ]
  for (const [text, expected] of cases) t.strictSame(parseFilter(text), expected, text)
  const bad: [string, RegExp][] = [
    ['', /at its end there should be the name of a search parameter/],
    ['a', /at its end there should be an operator/],
    ['a eq', /there should be an operator between spaces, such as eq, and a value/],
    ['a eq ', /there should be a value/],
    ['a  1', /there should be an operator/],
    ['a eq 1 b eq 2', /at "b eq 2" \(character 8\) there should be and, or, or the end/],
    ['a eq 1 and', /at "and" \(character 8\) there should be and, or, or the end/],
    ['a eq 1 and ', /at its end there should be the name/],
    ['(a eq 1', /there should be a closing parenthesis/],
    ['a eq 1)', /at "\)" \(character 7\)/],
    ['a[b eq 1', /there should be a closing bracket/],
    ['a[b eq 1] eq 2', /there should be a point and the name/],
    ['a. eq 1', /there should be the name/],
    ['1a eq 1', /at "1a eq 1" .* there should be the name/],
    ['a:missing eq 1', /there should be an operator/],
    ['a eq "1', /there should be a value/],
    ['a eq "1"x', /there should be a value/],
    ['a eq "\\x"', /no string as JSON writes it/],
    ['not', /there should be an operator/],
    ['()', /there should be the name/],
    [`${'('.repeat(60)}a eq 1${')'.repeat(60)}`, /within each other more than 50 deep/],
    [`${'not '.repeat(60)}a eq 1`, /within each other/],
    [`${'a.'.repeat(60)}a eq 1`, /within each other/],
    [`a eq 1${' and a eq 1 or a eq 1'.repeat(60)}`, /within each other/],
  ]
  for (const [text, message] of bad) t.throws(() => parseFilter(text), { message }, text)
  t.match(parseFilter(`a eq 1${' and a eq 1'.repeat(500)}`), { kind: 'and' }, 'many, side by side')
})

const NAME = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/).filter((it) => it.toLowerCase() !== 'not')
const OPERATOR = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'pr', 'po', 'ss', 'in', 're')
const VALUE = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('and', 'or', 'not', '(', ']', '"', '\\', 'a|b'),
)

const { filter: FILTER } = fc.letrec<{ filter: Filter; path: FilterPath }>((tie) => ({
  path: fc.record({
    name: NAME,
    filter: fc.constant(undefined),
    next: fc.option(tie('path'), { nil: undefined, maxDepth: 2 }),
  }),
  filter: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ kind: fc.constant('test' as const), path: tie('path'), operator: OPERATOR, value: VALUE }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    fc
      .tuple(NAME, tie('filter'), tie('path'), OPERATOR, VALUE)
      .map(([name, filter, next, operator, value]) => ({
        kind: 'test' as const,
        path: { name, filter, next },
        operator,
        value,
      })),
  ),
}))

function written(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.map((part) => `(${written(part)})`).join(` ${filter.kind} `)
    case 'not':
      return `not (${written(filter.filter)})`
    case 'test': {
      const bare = /^[^\s)\]"][^\s)\]]*$/.test(filter.value)
      return `${writtenPath(filter.path)} ${filter.operator} ${bare ? filter.value : JSON.stringify(filter.value)}`
    }
  }
}

function writtenPath({ name, filter, next }: FilterPath): string {
  return (
    name +
    (filter === undefined ? '' : `[${written(filter)}]`) +
    (next === undefined ? '' : `.${writtenPath(next)}`)
  )
}

t.test('what is written is read again', async (t) => {
  fc.assert(
    fc.property(FILTER, (filter) => {
      // As JSON, for what is not there stands as undefined in one of them.
      assert.equal(JSON.stringify(parseFilter(written(filter))), JSON.stringify(filter))
    }),
    { numRuns: 300 },
  )
  t.pass('300 filters')
})

t.test('whatever the text, a filter or a fault with words', async (t) => {
  const fragment = fc.constantFrom(
    'a',
    'name',
    '.',
    '[',
    ']',
    '(',
    ')',
    ' ',
    ' and ',
    ' or ',
    'not ',
    ' eq ',
    ' pr ',
    '"',
    '\\',
    '1',
    '|',
    'é',
    '\0',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')),
  )
  let read = 0
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      try {
        parseFilter(value)
        read += 1
      } catch (error) {
        if (!(error instanceof FilterFault) || error.message === '') throw error
      }
      await told('Patient', value === '' ? 'x' : value)
    }),
    { numRuns: 1000 },
  )
  t.ok(read > 0, `${read} of them were filters`)
})

t.test('what each operator asks', async (t) => {
  const string = (mode: string, value = 'pet') => ({ kind: 'string', param: 'name', mode, value })
  const token = (param: string, code: string, system?: string) => ({ kind: 'token', param, system, code })
  const day = (comparator: string, low: string, high: string) => ({
    kind: 'date',
    param: 'birthdate',
    comparator,
    low: Date.parse(low),
    high: Date.parse(high),
  })
  const set = (codes: string[]) => ({
    kind: 'token-set',
    param: 'code',
    sets: [{ system: 'http://s', codes }],
  })
  const members = set(['in-1', 'in-2'])
  const cases: [type: string, filter: string, object][] = [
    ['Patient', 'name eq "Pét"', string('equals')],
    ['Patient', 'name ne pet', { kind: 'unlike', leaf: string('equals') }],
    ['Patient', 'name co pet', string('contains')],
    ['Patient', 'name sw pet', string('starts')],
    ['Patient', 'name ew pet', string('ends')],
    ['Patient', 'name gt pet', { kind: 'string-order', param: 'name', comparator: 'gt', value: 'pet' }],
    ['Patient', 'name le "a,b"', { kind: 'string-order', param: 'name', comparator: 'le', value: 'a,b' }],
    ['Patient', 'phonetic eq Smith', { kind: 'or' }],
    ['Patient', 'birthdate ge 1950', day('ge', '1950', '1951')],
    ['Patient', 'birthdate po 1950', day('ap', '1950', '1951')],
    ['Patient', 'birthdate ap 2024-06-01', day('ap', '2024-06-01', '2024-06-02')],
    ['Patient', '_lastUpdated gt 2020', { kind: 'last-updated', comparator: 'gt' }],
    ['Patient', '_id eq x', { kind: 'id', id: 'x' }],
    ['Patient', '_id ne x', { kind: 'not', node: { kind: 'id', id: 'x' } }],
    [
      'Patient',
      'birthdate pr true',
      { kind: 'or', any: [{ kind: 'presence', param: 'birthdate', entry: 'date' }] },
    ],
    ['Patient', 'birthdate pr false', { kind: 'not', node: { kind: 'or' } }],
    ['Patient', 'gender eq male', token('gender', 'male')],
    ['Patient', 'identifier ne http://s|1', { kind: 'unlike', leaf: token('identifier', '1', 'http://s') }],
    ['Patient', 'active eq true', token('active', 'true')],
    [
      'Patient',
      'organization re Organization/4',
      { kind: 'reference', target: { kind: 'local', types: ['Organization'], id: '4' } },
    ],
    ['Observation', 'code eq loinc|1234-5', token('code', '1234-5', 'http://loinc.org')],
    ['Observation', 'code eq "http://loinc.org|1234-5"', token('code', '1234-5', 'http://loinc.org')],
    ['Condition', 'code in http://vs|1', members],
    ['Condition', 'code ni http://vs', { kind: 'not', node: members }],
    ['Condition', 'code ss http://s|c', set(['c', 'c-below'])],
    ['Condition', 'code sb http://s|c', set(['c', 'c-above'])],
    [
      'Observation',
      'component-value-quantity gt 5.4|ucum|mg',
      { kind: 'quantity', comparator: 'gt', low: 0.0054, code: 'g' },
    ],
    ['RiskAssessment', 'probability eq 0.80', { kind: 'number', comparator: 'eq', low: 0.795, high: 0.805 }],
    ['ValueSet', 'url eq http://a/b', { kind: 'uri', value: 'http://a/b' }],
    ['ValueSet', 'url ne http://a/b', { kind: 'unlike', leaf: { kind: 'uri' } }],
    [
      'Observation',
      'subject.name co "pet"',
      { kind: 'chain', targets: [{ type: 'Location' }, { type: 'Patient', where: string('contains') }] },
    ],
    [
      'Observation',
      'has-member[code eq x and status eq final].date gt 2020',
      {
        kind: 'chain',
        targets: [{ type: 'Observation', where: { kind: 'and', all: [{ kind: 'and' }, { kind: 'date' }] } }],
      },
    ],
    [
      'Group',
      'characteristic[code eq x].value eq y',
      { kind: 'composite', param: 'characteristic-value', components: [token('0', 'x'), token('1', 'y')] },
    ],
    [
      'DocumentReference',
      'relatesTo[code eq replaces].target re DocumentReference/1',
      {
        kind: 'composite',
        param: 'relationship',
        components: [token('0', 'replaces'), { kind: 'reference' }],
      },
    ],
    [
      'Group',
      'characteristic[not (code eq x or code eq y)].value pr true',
      {
        kind: 'composite',
        components: [
          {
            kind: 'and',
            all: [
              { kind: 'not', node: token('0', 'x') },
              { kind: 'not', node: token('0', 'y') },
            ],
          },
          { kind: 'and', all: [] },
        ],
      },
    ],
  ]
  for (const [type, filter, expected] of cases) t.match(await meaning(type, filter), expected, filter)
  const bad: [type: string, filter: string, RegExp][] = [
    [
      'Patient',
      'nmae eq x',
      /'_filter nmae': Patient has no such parameter \('nmae'\)\. Did you mean 'name'\?/,
    ],
    [
      'Patient',
      'name zz x',
      /'zz' is no operator of a filter, nor one for string parameters.*Right would be eq, ne, co/,
    ],
    ['Patient', 'name po x', /'po' is no operator for string parameters/],
    ['Patient', 'gender gt male', /'gt' is no operator for token parameters/],
    ['Patient', 'identifier in http://vs', /'in' is no operator for token parameters of this kind/],
    [
      'Patient',
      'organization eq Organization/1',
      /'eq' is no operator for reference parameters.*Right would be re, pr/,
    ],
    ['Patient', 'birthdate gt x', /'x' is not a date/],
    ['Patient', 'birthdate gt ge2020', /'ge2020' is not a date/],
    ['Patient', 'birthdate pr maybe', /'maybe' is neither true nor false/],
    ['Patient', 'name eq ""', /a value of its filter is empty/],
    ['Patient', '_text co x', /'_text' has no operators in a filter/],
    ['Patient', 'phonetic co x', /'co' is no operator/],
    ['Observation', 'code-value-quantity eq a', /has no operators in a filter/],
    ['Location', 'near eq a', /has no operators in a filter/],
    ['Observation', 'code.x eq a', /'code' is no reference of Observation/],
    ['Observation', 'subject.nmae eq a', /none of the types that 'subject' refers to/],
    [
      'Observation',
      'related[type eq has-component].target pr true',
      /Observation has no such parameter \('related'\)/,
    ],
    [
      'Group',
      'characteristic.value eq y',
      /needs a filter and a name, as in characteristic\[code eq x\]\.value/,
    ],
    [
      'Group',
      'characteristic[kind eq x].value eq y',
      /within 'characteristic' there are code and value alone/,
    ],
    ['Patient', 'name co', /Right would be: name co "pet"/],
  ]
  for (const [type, filter, wanted] of bad) t.match(await told(type, filter), wanted, filter)
  await t.rejects(meaning('Patient', `${'link.'.repeat(11)}name eq x`), { code: 'too-costly' })
})

t.test('what filters find', async (t) => {
  const resources: Record<string, JsonObject> = {
    Patient: {
      name: [{ family: 'Ångström', given: ['Petra', 'Eve'] }],
      birthDate: '1950-05',
      gender: 'female',
      identifier: [
        { system: 'http://s', value: '1' },
        { system: 'http://s', value: '2' },
      ],
    },
    Group: {
      type: 'person',
      actual: true,
      characteristic: [
        {
          code: { coding: [{ code: 'gender' }] },
          valueCodeableConcept: { coding: [{ code: 'mixed' }] },
          exclude: false,
        },
        {
          code: { coding: [{ code: 'owner' }] },
          valueCodeableConcept: { coding: [{ code: 'eve' }] },
          exclude: false,
        },
      ],
    },
  }
  const cases: [type: string, filter: string, found: boolean][] = [
    ['Patient', 'given eq petra', true],
    ['Patient', 'given eq petr', false],
    ['Patient', 'given co etr', true],
    ['Patient', 'given ew RA', true],
    ['Patient', 'family sw angs', true],
    ['Patient', 'given ne petra', true],
    ['Patient', 'family ne angstrom', false],
    ['Patient', 'family gt "angs"', true],
    ['Patient', 'family lt "angs"', false],
    ['Patient', 'family ge angstrom and family le angstrom', true],
    ['Patient', 'birthdate eq 1950', true],
    ['Patient', 'birthdate co 1950-05-10', true],
    ['Patient', 'birthdate co 1950', false],
    ['Patient', 'birthdate po 1950-05-31', true],
    ['Patient', 'birthdate po 1950-06', false],
    ['Patient', 'identifier ne http://s|1', true],
    ['Patient', 'gender ne female', false],
    ['Patient', 'death-date pr false and gender pr true', true],
    ['Patient', 'language ne en', false],
    ['Patient', 'not (gender eq male or given eq adam)', true],
    ['Patient', 'gender eq male or given eq eve and birthdate lt 1940', false],
    ['Patient', 'gender eq male or (given eq eve and birthdate lt 1960)', true],
    ['Group', 'characteristic[code eq gender].value eq mixed', true],
    ['Group', 'characteristic[code eq gender].value eq eve', false],
    ['Group', 'characteristic[code eq gender or code eq owner].value eq eve', true],
    ['Group', 'characteristic[not (code eq gender)].value eq mixed', false],
    ['Group', 'characteristic[not (code eq gender)].value ne mixed', true],
  ]
  for (const [type, filter, found] of cases) {
    const resource = { resourceType: type, id: 'x', ...resources[type] } as Resource
    const index = search.extract(resource)
    t.equal(matchesIndex(await meaning(type, filter), { id: 'x', index, resource }), found, filter)
  }
})
