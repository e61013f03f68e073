// The text of a search -> the query: good and bad values of every type, result parameters, faults, and random text.
import fc from 'fast-check'
import t from 'tap'
import { FhirError, loadDefinitions } from '../../src/fhir/index.ts'
import {
  createSearch,
  SUPPORT,
  type ParsedSearch,
  type SearchLookup,
  type SearchOptions,
  type SearchScope,
} from '../../src/search/index.ts'
import type { Expression } from '../../src/store/index.ts'

const BASE = 'http://alcove.example/fhir'
const NOW = Date.parse('2024-06-01T12:00:00Z')
const definitions = loadDefinitions()
const search = createSearch({ definitions, baseUrl: BASE, now: () => NOW })
const STRICT: SearchOptions = { handling: 'strict', defaultCount: 20, maxCount: 1000 }

type Pair = readonly [name: string, value: string]

/** Answers that show what was asked. */
const lookup: SearchLookup = {
  codesIn: async (valueSet) => {
    if (valueSet === 'http://nowhere')
      throw new FhirError('invalid-search', 'no such value set is known here')
    return [
      { system: 'http://s', codes: ['a', valueSet] },
      { system: 'http://whole', codes: 'all' },
    ]
  },
  codesBy: async (direction, _system, code) => [code, `${code} ${direction}`],
  placesBy: async (direction, type, id) => [id, `${type}-${direction}`],
}

function parse(
  scope: string | SearchScope,
  pairs: readonly Pair[],
  options: Partial<SearchOptions> = {},
): Promise<ParsedSearch> {
  const where: SearchScope = typeof scope === 'string' ? { kind: 'type', type: scope } : scope
  return search.parse(where, pairs, { ...STRICT, ...options }, lookup)
}

/** The condition of one parameter. */
async function condition(type: string, name: string, value: string): Promise<Expression> {
  const { from } = (await parse(type, [[name, value]])).query
  const where = from[0]?.where
  if (from.length !== 1 || where?.kind !== 'and' || where.all.length !== 1)
    throw new Error('one condition is expected')
  return where.all[0] as Expression
}

/** What is told of a search that is refused: one text an issue. */
async function faults(
  scope: string | SearchScope,
  pairs: readonly Pair[],
  options: Partial<SearchOptions> = {},
): Promise<string[]> {
  try {
    await parse(scope, pairs, options)
  } catch (error) {
    if (error instanceof FhirError && error.code === 'invalid-search') {
      return error.issues.map((issue) => issue.diagnostics)
    }
    throw error
  }
  return []
}

const criteriaOf = (type: string, criteria: string) => search.parseCriteria(type, criteria, lookup)

const ms = (text: string) => Date.parse(text)

t.test('token', async (t) => {
  const token = (system: string | undefined, code: string | undefined) => ({
    kind: 'token',
    param: 'code',
    system,
    code,
  })
  const cases: [string, object][] = [
    ['a', token(undefined, 'a')],
    ['http://s|a', token('http://s', 'a')],
    ['|a', token('', 'a')],
    ['http://s|', token('http://s', undefined)],
    ['a\\|b', token(undefined, 'a|b')],
    ['s\\,1|a\\$b\\\\', token('s,1', 'a$b\\')],
    ['a b', token(undefined, 'a b')],
    ['C:\\x', token(undefined, 'C:\\x')],
    ['a,s|b', { kind: 'or', any: [token(undefined, 'a'), token('s', 'b')] }],
  ]
  for (const [value, expected] of cases)
    t.strictSame(await condition('Observation', 'code', value), expected, value)
  for (const value of ['|', 'a|b|c', '||']) {
    t.match(
      await faults('Observation', [['code', value]]),
      [/'code': .* is not a code\. Right would be \[code\]/],
      value,
    )
  }
  t.match(await faults('Patient', [['active', 'yes']]), [/'active': 'yes' is neither true nor false/])
  t.match(await faults('Patient', [['deceased', '1']]), [/neither true nor false/])
  t.strictSame(await condition('Patient', 'active', 'true'), {
    kind: 'token',
    param: 'active',
    system: undefined,
    code: 'true',
  })
})

t.test('string', async (t) => {
  t.strictSame(await condition('Patient', 'name', ' MÜLLER\\, Ann'), {
    kind: 'string',
    param: 'name',
    mode: 'starts',
    value: 'muller, ann',
  })
  t.strictSame(await condition('Patient', 'name', 'a,b'), {
    kind: 'or',
    any: [
      { kind: 'string', param: 'name', mode: 'starts', value: 'a' },
      { kind: 'string', param: 'name', mode: 'starts', value: 'b' },
    ],
  })
  t.match(await faults('Patient', [['name', ' ']]), [/'name': ' ' holds nothing to search for/])
})

t.test('reference', async (t) => {
  const local = (param: string, types: string[], id: string) => ({
    kind: 'reference',
    param,
    target: { kind: 'local', types, id },
  })
  const url = (param: string, text: string) => ({
    kind: 'reference',
    param,
    target: { kind: 'url', url: text },
  })
  const cases: [type: string, name: string, value: string, object][] = [
    ['Observation', 'patient', '1', local('patient', ['Patient'], '1')],
    ['Observation', 'subject', '1', local('subject', ['Device', 'Group', 'Location', 'Patient'], '1')],
    ['Observation', 'subject', 'Group/1', local('subject', ['Group'], '1')],
    ['Observation', 'subject', 'Patient/1/_history/2', local('subject', ['Patient'], '1')],
    ['Observation', 'subject:Patient', '1', local('subject', ['Patient'], '1')],
    ['Observation', 'subject:Patient', 'Patient/1', local('subject', ['Patient'], '1')],
    ['Observation', 'subject', `${BASE}/Patient/1`, local('subject', ['Patient'], '1')],
    ['Observation', 'subject', 'http://x/Patient/1', url('subject', 'http://x/Patient/1')],
    ['Observation', 'subject', 'http://x/Patient/1/_history/1', url('subject', 'http://x/Patient/1')],
    ['QuestionnaireResponse', 'questionnaire', 'http://q|1', url('questionnaire', 'http://q|1')],
    ['QuestionnaireResponse', 'questionnaire', 'urn:oid:1.2.3', url('questionnaire', 'urn:oid:1.2.3')],
    [
      'QuestionnaireResponse',
      'questionnaire',
      `${BASE}/Questionnaire/1`,
      {
        kind: 'or',
        any: [
          local('questionnaire', ['Questionnaire'], '1'),
          url('questionnaire', `${BASE}/Questionnaire/1`),
        ],
      },
    ],
  ]
  for (const [type, name, value, expected] of cases)
    t.strictSame(await condition(type, name, value), expected, value)
  const bad: [string, string, RegExp][] = [
    ['subject', 'Pat/1', /'subject': 'Pat\/1' is of no type that R4 has/],
    ['subject', 'a_b', /'a_b' is not a reference\. Right would be an id/],
    ['subject', '#p', /is not a reference/],
    ['subject', 'Patient?identifier=1', /is not a reference/],
    ['subject:Patient', 'Group/1', /'subject:Patient': 'Group\/1' is no Patient/],
    ['subject:Practitioner', '1', /it never refers to Practitioner\. It refers to Device, Group/],
    [
      'subject:Practicioner',
      '1',
      /'Practicioner' is no modifier of it\. Supported: missing, a resource type/,
    ],
  ]
  for (const [name, value, wanted] of bad)
    t.match(await faults('Observation', [[name, value]]), [wanted], `${name}=${value}`)
})

t.test('date', async (t) => {
  const range = (comparator: string, low: string, high: string) => ({
    kind: 'date',
    param: 'date',
    comparator,
    low: ms(low),
    high: ms(high),
    clinical: true,
  })
  const cases: [string, object][] = [
    ['2020', range('eq', '2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z')],
    ['eq2020-02', range('eq', '2020-02-01T00:00:00Z', '2020-03-01T00:00:00Z')],
    ['ge2020-02-29', range('ge', '2020-02-29T00:00:00Z', '2020-03-01T00:00:00Z')],
    ['lt2020-02-29T10:30Z', range('lt', '2020-02-29T10:30:00Z', '2020-02-29T10:31:00Z')],
    ['sa2020-02-29T10:30:15+01:00', range('sa', '2020-02-29T09:30:15Z', '2020-02-29T09:30:16Z')],
    ['eb2020-02-29T10:30:15 01:00', range('eb', '2020-02-29T09:30:15Z', '2020-02-29T09:30:16Z')],
    // 100 days before the clock: a tenth of that to either side.
    ['ap2024-02-22', range('ap', '2024-02-12T00:00:00Z', '2024-03-04T00:00:00Z')],
    ['ap2024-06-01', range('ap', '2024-06-01T00:00:00Z', '2024-06-02T00:00:00Z')],
  ]
  for (const [value, expected] of cases)
    t.strictSame(await condition('Observation', 'date', value), expected, value)
  for (const value of [
    '2020-02-30',
    '2020-13',
    'xx2020',
    '20-01-01',
    '2020-01-01T25:00',
    '2020-01-01T10',
    'today',
    'ge',
  ]) {
    t.match(
      await faults('Observation', [['date', value]]),
      [/'date': '.*' is not a date that exists.*2024-05-31/],
      value,
    )
  }
  t.notMatch(await condition('Observation', 'value-date', '2020'), { clinical: true })
  t.strictSame(await condition('Observation', '_lastUpdated', 'gt2020'), {
    kind: 'last-updated',
    comparator: 'gt',
    low: ms('2020-01-01T00:00:00Z'),
    high: ms('2021-01-01T00:00:00Z'),
  })
  t.match(await faults('Observation', [['_lastUpdated', 'x']]), [/'_lastUpdated': 'x' is not a date/])
})

t.test('number: the precision that the digits imply', async (t) => {
  const cases: [string, string, number, number][] = [
    ['100', 'eq', 99.5, 100.5],
    ['100.00', 'eq', 99.995, 100.005],
    ['1e2', 'eq', 95, 105],
    ['1.0e2', 'eq', 95, 105],
    ['-5.4', 'eq', -5.45, -5.35],
    ['ne0.8', 'ne', 0.75, 0.85],
    ['0', 'eq', -0.5, 0.5],
    ['1e-3', 'eq', 0.00095, 0.00105],
    ['gt0.8', 'gt', 0.8, 0.8],
    ['le1.50', 'le', 1.5, 1.5],
    ['sa2', 'sa', 2, 2],
    ['ap10.00', 'ap', 9, 11 + 11 * Number.EPSILON],
    ['ap-10.00', 'ap', -11, -9 + 9 * Number.EPSILON],
    ['ap1', 'ap', 0.5, 1.5],
  ]
  for (const [value, comparator, low, high] of cases) {
    const expected = { kind: 'number', param: 'probability', comparator, low, high }
    t.strictSame(await condition('RiskAssessment', 'probability', value), expected, value)
  }
  for (const value of ['x', 'gt', '1,5.', '.5', '1e', '0x10', 'Infinity', '1e9999', '--1', '1 2']) {
    t.match(
      await faults('RiskAssessment', [['probability', value]]),
      [/'probability': .* is not a number\. Right would be 5\.4/],
      value,
    )
  }
})

t.test('quantity', async (t) => {
  const quantity = (comparator: string, low: number, high: number, system?: string, code?: string) => ({
    kind: 'quantity',
    param: 'component-value-quantity',
    comparator,
    low,
    high,
    system,
    code,
  })
  const cases: [string, object][] = [
    ['5.4', quantity('eq', 5.35, 5.45)],
    ['5.4|http://u|mg', quantity('eq', 5.35, 5.45, 'http://u', 'mg')],
    ['gt5.4||mg', quantity('gt', 5.4, 5.4, undefined, 'mg')],
    ['5|http://u|', quantity('eq', 4.5, 5.5, 'http://u')],
    ['5||mm\\|x', quantity('eq', 4.5, 5.5, undefined, 'mm|x')],
  ]
  for (const [value, expected] of cases)
    t.strictSame(await condition('Observation', 'component-value-quantity', value), expected, value)
  for (const value of ['5|mg', '5|a|b|c']) {
    t.match(
      await faults('Observation', [['component-value-quantity', value]]),
      [/is not a quantity\. Right would be 5\.4,/],
      value,
    )
  }
  for (const value of ['||mg', 'mg', 'xx5||mg']) {
    t.match(await faults('Observation', [['component-value-quantity', value]]), [/is not a number/], value)
  }
})

t.test('uri, _id and the parameters of every resource', async (t) => {
  t.strictSame(await condition('ValueSet', 'url', 'http://V/a\\,b'), {
    kind: 'uri',
    param: 'url',
    value: 'http://V/a,b',
  })
  t.strictSame(await condition('ValueSet', 'url', 'http://v|1.0'), {
    kind: 'and',
    all: [
      { kind: 'uri', param: 'url', value: 'http://v' },
      { kind: 'token', param: 'version', system: undefined, code: '1.0' },
    ],
  })
  t.strictSame(await condition('Basic', '_profile', 'http://p|1'), {
    kind: 'uri',
    param: '_profile',
    value: 'http://p|1',
  })
  t.strictSame(await condition('Basic', '_source', 'urn:x'), {
    kind: 'uri',
    param: '_source',
    value: 'urn:x',
  })
  t.strictSame(await condition('Basic', '_tag', 's|t'), {
    kind: 'token',
    param: '_tag',
    system: 's',
    code: 't',
  })
  t.strictSame(await condition('Basic', '_security', 'R'), {
    kind: 'token',
    param: '_security',
    system: undefined,
    code: 'R',
  })
  t.strictSame(await condition('Basic', '_id', 'a,b'), {
    kind: 'or',
    any: [
      { kind: 'id', id: 'a' },
      { kind: 'id', id: 'b' },
    ],
  })
  for (const value of ['a_b', '|a', 'x'.repeat(65)]) {
    t.match(
      await faults('Basic', [['_id', value]]),
      [/'_id': .* is not an id\. Right would be 1 to 64/],
      value,
    )
  }
})

t.test('what modifiers ask', async (t) => {
  const token = (param: string, code: string, system?: string) => ({ kind: 'token', param, system, code })
  const string = (param: string, mode: string, value: string) => ({ kind: 'string', param, mode, value })
  const sets = (param: string, valueSet: string) => ({
    kind: 'token-set',
    param,
    sets: [
      { system: 'http://s', codes: ['a', valueSet] },
      { system: 'http://whole', codes: 'all' },
    ],
  })
  const local = (param: string, type: string, id: string) => ({
    kind: 'reference',
    param,
    target: { kind: 'local', types: [type], id },
  })
  const uri = (value: string) => ({ kind: 'uri', param: 'url', value })
  const present = (param: string, entry: string) => ({
    kind: 'or',
    any: [{ kind: 'presence', param, entry }, token(`${param}:valueless`, 'true')],
  })
  const cases: [type: string, name: string, value: string, object][] = [
    ['Patient', 'birthdate:missing', 'false', present('birthdate', 'date')],
    ['Patient', 'organization:missing', 'true', { kind: 'not', node: present('organization', 'reference') }],
    ['Patient', 'phonetic:missing', 'true', { kind: 'not', node: present('phonetic', 'string') }],
    ['Patient', '_id:missing', 'true', { kind: 'not', node: { kind: 'and', all: [] } }],
    ['Patient', '_lastUpdated:missing', 'false', { kind: 'and', all: [] }],
    ['Patient', 'name:exact', 'ÄNN  b', string('name', 'exact', 'ÄNN  b')],
    ['Patient', 'name:contains', 'ÄNN  b', string('name', 'contains', 'ann b')],
    [
      'Patient',
      'gender:not',
      'male,female',
      { kind: 'not', node: { kind: 'or', any: [token('gender', 'male'), token('gender', 'female')] } },
    ],
    ['Patient', '_id:not', 'a', { kind: 'not', node: { kind: 'id', id: 'a' } }],
    ['Condition', 'code:text', 'Headache', string('code:text', 'starts', 'headache')],
    ['Condition', 'code:in', 'http://v|1', sets('code', 'http://v|1')],
    ['Condition', 'code:in', 'ValueSet/1', sets('code', 'ValueSet/1')],
    ['Condition', 'code:not-in', 'http://v', { kind: 'not', node: sets('code', 'http://v') }],
    [
      'Patient',
      'gender:in',
      'http://v',
      {
        ...sets('gender', 'http://v'),
        sets: [...sets('', 'http://v').sets, { system: '', codes: ['a', 'http://v'] }],
      },
    ],
    [
      'Condition',
      'code:below',
      'http://s|c',
      { kind: 'token-set', param: 'code', sets: [{ system: 'http://s', codes: ['c', 'c below'] }] },
    ],
    [
      'Condition',
      'code:above',
      'http://s|c',
      { kind: 'token-set', param: 'code', sets: [{ system: 'http://s', codes: ['c', 'c above'] }] },
    ],
    ['Patient', 'identifier:of-type', 'http://t|MR|4\\|5', token('identifier:of-type', 'MR|4|5', 'http://t')],
    ['Patient', 'identifier:text', 'Medical', string('identifier:text', 'starts', 'medical')],
    ['Observation', 'subject:identifier', 's|1', token('subject:identifier', '1', 's')],
    [
      'Procedure',
      'location:below',
      '42',
      {
        kind: 'or',
        any: [local('location', 'Location', '42'), local('location', 'Location', 'Location-below')],
      },
    ],
    [
      'MedicationAdministration',
      'context:above',
      'Encounter/21',
      {
        kind: 'or',
        any: [local('context', 'Encounter', '21'), local('context', 'Encounter', 'Encounter-above')],
      },
    ],
    [
      'QuestionnaireResponse',
      'questionnaire:below',
      'http://q',
      { kind: 'reference', param: 'questionnaire', target: { kind: 'url', url: 'http://q' } },
    ],
    [
      'ValueSet',
      'url:below',
      'http://a.org/f',
      { kind: 'uri-below', param: 'url', prefix: 'http://a.org/f' },
    ],
    [
      'ValueSet',
      'url:above',
      'http://a.org/f/1|2',
      {
        kind: 'or',
        any: [
          'http://a.org/f/1|2',
          'http://a.org',
          'http://a.org/',
          'http://a.org/f',
          'http://a.org/f/',
          'http://a.org/f/1',
        ].map(uri),
      },
    ],
  ]
  for (const [type, name, value, expected] of cases)
    t.strictSame(await condition(type, name, value), expected, `${type}?${name}=${value}`)
  const bad: [type: string, name: string, value: string, RegExp][] = [
    ['Patient', 'birthdate:missing', 'yes', /'birthdate:missing': 'yes' is neither true nor false/],
    ['Patient', 'birthdate:missing', 'true,false', /neither true nor false/],
    [
      'Condition',
      'code:below',
      'c',
      /does not name one code of a code system\. Right would be \[system\]\|\[code\]/,
    ],
    ['Condition', 'code:above', '|c', /does not name one code/],
    ['Condition', 'code:in', 'http://nowhere', /'code:in': no such value set is known here/],
    ['Patient', 'identifier:of-type', 'MR|1', /lacks one of its three parts/],
    ['Patient', 'identifier:of-type', '|MR|1', /lacks one of its three parts/],
    ['DocumentReference', 'contenttype:below', 'text', /is not a mime type\. Right would be text\/xml/],
    ['DocumentReference', 'contenttype:above', 'text/xml', /does not name one code of a code system/],
    ['ValueSet', 'url:below', 'urn:oid:1.2.3', /is not a URL/],
    [
      'Procedure',
      'location:below',
      'Patient/1',
      /nothing that others are part of\. Right would be .* of Location/,
    ],
    ['QuestionnaireResponse', 'questionnaire:below', 'http://q|1', /versions below a version/],
    ['Patient', 'telecom', 'phone|1', /names a system, and its values have none/],
    ['Patient', 'active', 'http://terminology.hl7.org/CodeSystem/special-values|true', /names a system/],
  ]
  for (const [type, name, value, wanted] of bad)
    t.match(await faults(type, [[name, value]]), [wanted], `${type}?${name}=${value}`)
})

/** R4's page as a table: by which parameter each type is tried, and what its values look like. */
const TYPES: Readonly<
  Record<string, { at: [type: string, code: string]; value: string; modifiers: string[] }>
> = {
  string: { at: ['Patient', 'name'], value: 'a', modifiers: ['missing', 'exact', 'contains'] },
  'token of concepts': {
    at: ['Observation', 'code'],
    value: 's|a',
    modifiers: ['missing', 'text', 'not', 'in', 'not-in', 'above', 'below'],
  },
  'token of codes': {
    at: ['Observation', 'status'],
    value: 's|a',
    modifiers: ['missing', 'not', 'in', 'not-in', 'above', 'below'],
  },
  'token of identifiers': {
    at: ['Patient', 'identifier'],
    value: 's|a|b',
    modifiers: ['missing', 'text', 'not', 'of-type'],
  },
  'token of booleans': { at: ['Patient', 'active'], value: 'true', modifiers: ['missing', 'not'] },
  reference: {
    at: ['Observation', 'encounter'],
    value: '1',
    modifiers: ['missing', 'Encounter', 'identifier', 'above', 'below'],
  },
  'reference without a hierarchy': {
    at: ['Observation', 'patient'],
    value: '1',
    modifiers: ['missing', 'Patient', 'identifier'],
  },
  'reference by canonical': {
    at: ['QuestionnaireResponse', 'questionnaire'],
    value: 'http://q',
    modifiers: ['missing', 'Questionnaire', 'below'],
  },
  date: { at: ['Observation', 'date'], value: '2020', modifiers: ['missing'] },
  number: { at: ['RiskAssessment', 'probability'], value: '1', modifiers: ['missing'] },
  quantity: { at: ['Observation', 'component-value-quantity'], value: '1', modifiers: ['missing'] },
  uri: { at: ['ValueSet', 'url'], value: 'http://a/b', modifiers: ['missing', 'above', 'below'] },
  composite: { at: ['Observation', 'code-value-quantity'], value: 'a$1', modifiers: [] },
  special: { at: ['Location', 'near'], value: '1|2|3', modifiers: [] },
  'names by sound': { at: ['Patient', 'phonetic'], value: 'a', modifiers: ['missing'] },
}
const MODIFIERS = [
  'missing',
  'exact',
  'contains',
  'text',
  'not',
  'in',
  'not-in',
  'above',
  'below',
  'of-type',
  'identifier',
  'Encounter',
  'Patient',
  'Questionnaire',
  'iterate',
]

t.test('each type takes its modifiers, and no other', async (t) => {
  for (const [kind, { at, value, modifiers }] of Object.entries(TYPES)) {
    const [type, code] = at
    for (const modifier of MODIFIERS) {
      const values = { missing: 'true', in: 'http://v', 'not-in': 'http://v', not: value.replace('|b', '') }
      const given =
        modifier in values
          ? values[modifier as keyof typeof values]
          : modifier === 'identifier'
            ? 's|1'
            : value
      const told = await faults(type, [[`${code}:${modifier}`, given]])
      if (modifiers.includes(modifier)) t.strictSame(told, [], `${kind}:${modifier}`)
      else {
        t.equal(told.length, 1, `${kind}:${modifier}`)
        t.match(
          told[0],
          new RegExp(
            `'${code}:${modifier}': .*${modifiers.length === 0 ? 'Supported: none' : 'Supported: missing|never refers'}`,
          ),
        )
      }
    }
  }
})

t.test('each ordered type takes all prefixes, and no other does', async (t) => {
  const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']
  for (const [kind, { at, value }] of Object.entries(TYPES)) {
    const [type, code] = at
    const ordered = kind === 'date' || kind === 'number' || kind === 'quantity'
    t.strictSame(
      SUPPORT[kind.split(' ')[0] as keyof typeof SUPPORT]?.prefixes ?? [],
      ordered ? prefixes : [],
      kind,
    )
    if (!ordered) continue
    for (const prefix of prefixes) {
      const read = (await condition(type, code, prefix + value)) as { comparator?: string }
      t.equal(read.comparator, prefix, `${kind} ${prefix}`)
    }
  }
})

t.test('quantities of UCUM are asked in base units', async (t) => {
  const read = async (value: string) => condition('Observation', 'component-value-quantity', value)
  t.strictSame(await read('gt5.4|http://unitsofmeasure.org|mg'), {
    kind: 'quantity',
    param: 'component-value-quantity:ucum',
    comparator: 'gt',
    low: 0.0054,
    high: 0.0054,
    system: 'http://unitsofmeasure.org',
    code: 'g',
  })
  t.strictSame(await read('37.0|http://unitsofmeasure.org|Cel'), {
    kind: 'quantity',
    param: 'component-value-quantity:ucum',
    comparator: 'eq',
    low: 310.1,
    high: 310.2,
    system: 'http://unitsofmeasure.org',
    code: 'K',
  })
  for (const unit of [
    'http://unitsofmeasure.org|',
    'http://unitsofmeasure.org|no-such',
    'http://other|mg',
    '|mg',
  ])
    t.match(await read(`5|${unit}`), { kind: 'quantity', param: 'component-value-quantity', low: 4.5 }, unit)
})

t.test('composites', async (t) => {
  const token = (param: string, code: string, system?: string) => ({ kind: 'token', param, system, code })
  const quantity = (param: string) => ({
    kind: 'quantity',
    param,
    comparator: 'gt',
    low: 5,
    high: 5,
    system: undefined,
    code: undefined,
  })
  t.strictSame(await condition('Observation', 'component-code-value-quantity', 'http://l|1$gt5'), {
    kind: 'and',
    all: [
      token('component-code', '1', 'http://l'),
      quantity('component-value-quantity'),
      {
        kind: 'composite',
        param: 'component-code-value-quantity',
        components: [token('0', '1', 'http://l'), quantity('1')],
      },
    ],
  })
  const itself = { kind: 'and', all: [token('code', '1', 'http://l'), quantity('value-quantity')] }
  t.strictSame(
    await condition('Observation', 'code-value-quantity', 'http://l|1$gt5'),
    itself,
    'what the resource itself has stands together',
  )
  t.strictSame(
    await condition('Observation', 'combo-code-value-quantity', 'http://l|1$gt5'),
    {
      kind: 'or',
      any: [
        itself,
        {
          kind: 'and',
          all: [
            token('component-code', '1', 'http://l'),
            quantity('component-value-quantity'),
            {
              kind: 'composite',
              param: 'combo-code-value-quantity',
              components: [token('0', '1', 'http://l'), quantity('1')],
            },
          ],
        },
      ],
    },
    'in itself or in a component',
  )
  const two = await condition('Observation', 'component-code-value-quantity', 'a\\$b\\,c$gt5,d$5')
  t.match(two, { kind: 'or', any: [{ kind: 'and' }, { kind: 'and' }] })
  t.match(two, { any: [{ all: [{ code: 'a$b,c' }] }] })
  t.match(await condition('Observation', 'code-value-quantity', 'a$5|http://unitsofmeasure.org|mg'), {
    all: [{ param: 'code' }, { param: 'value-quantity:ucum', code: 'g' }],
  })
  t.match(
    await condition('Observation', 'component-code-value-quantity', 'a$5|http://unitsofmeasure.org|mg'),
    {
      all: [
        {},
        { param: 'component-value-quantity:ucum' },
        { components: [{ param: '0' }, { param: '1:ucum', code: 'g' }] },
      ],
    },
  )
  t.match(await condition('MolecularSequence', 'chromosome-variant-coordinate', '1$lt345$gt123'), {
    all: [
      {},
      {},
      {},
      { kind: 'composite', components: [{ kind: 'token' }, { kind: 'number' }, { kind: 'number' }] },
    ],
  })
  for (const value of ['a', 'a$', '$5', 'a$5$6', 'a\\$5']) {
    t.match(
      await faults('Observation', [['code-value-quantity', value]]),
      [/is not 2 values\. Right would be \[code\]\$\[value-quantity\]/],
      value,
    )
  }
  t.match(await faults('Observation', [['code-value-quantity', 'a$b']]), [/'b' is not a number/])
})

t.test('a parameter that is the sum of others is asked of their entries', async (t) => {
  const ask = (name: string, value: string) => condition('Observation', name, value)
  const params = (read: unknown) => (read as { any: { param: string }[] }).any.map(({ param }) => param)
  t.strictSame(params(await ask('combo-code', 'a')), ['code', 'component-code'])
  t.strictSame(params(await ask('combo-code', 'a,b')), ['code', 'component-code', 'code', 'component-code'])
  t.strictSame(params(await ask('combo-code:text', 'a')), ['code:text', 'component-code:text'])
  t.strictSame(params(await ask('value-quantity', '5')), ['value-quantity', 'value-quantity:apart'])
  t.strictSame(params(await ask('combo-value-quantity', '5|http://unitsofmeasure.org|mg')), [
    'component-value-quantity:ucum',
    'value-quantity:ucum',
    'value-quantity:apart:ucum',
  ])
  const not = (await ask('combo-code:not', 'a')) as { kind: string; node: unknown }
  t.equal(not.kind, 'not')
  t.strictSame(params(not.node), ['code', 'component-code'], 'none of them has it')
  const missing = (await ask('combo-code:missing', 'true')) as { kind: string; node: unknown }
  t.strictSame(
    [missing.kind, ...params(missing.node)],
    ['not', 'code', 'component-code', 'code:valueless', 'component-code:valueless'],
  )
  t.match(await ask('_filter', 'combo-code ne http://l|1'), {
    kind: 'or',
    any: [
      { kind: 'unlike', leaf: { param: 'code' } },
      { kind: 'unlike', leaf: { param: 'component-code' } },
    ],
  })
  t.match(await condition('Patient', '_has:Observation:patient:combo-code', 'a'), {
    kind: 'has',
    source: { type: 'Observation', where: { kind: 'or', any: [{ param: 'code' }, {}] } },
  })
  t.match(await parse('Observation', [['_sort', '-combo-code,code']]), {
    query: {
      sort: [
        { param: 'combo-code', kept: { Observation: ['code', 'component-code'] }, descending: true },
        { param: 'code', kept: undefined },
      ],
    },
  })
})

t.test('every composite of every type is read', async (t) => {
  const values: Readonly<Record<string, string>> = {
    quantity: '5',
    number: '5',
    date: '2020',
    uri: 'http://a/b',
  }
  let count = 0
  for (const type of definitions.resourceTypes) {
    for (const { code, type: kind, components } of search.parameters(type).values()) {
      if (kind !== 'composite') continue
      const known = [...search.parameters(type).values()]
      const value = components
        .map(({ definition }) => known.find((it) => it.url === definition)?.type as string)
        .map((component) => values[component] ?? 'x')
        .join('$')
      t.strictSame(await faults(type, [[code, value]]), [], `${type}?${code}=${value}`)
      count += 1
    }
  }
  t.ok(count > 30, `${count} composites`)
})

t.test('near', async (t) => {
  const near = (latitude: number, longitude: number, kilometers: number) => ({
    kind: 'near',
    param: 'near',
    latitude,
    longitude,
    kilometers,
  })
  t.strictSame(await condition('Location', 'near', '42.25|-83.69|11.2|km'), near(42.25, -83.69, 11.2))
  t.strictSame(await condition('Location', 'near', '42.25|-83.69|11.2'), near(42.25, -83.69, 11.2))
  t.strictSame(await condition('Location', 'near', '0|0|500|m'), near(0, 0, 0.5))
  t.strictSame(await condition('Location', 'near', '0|180|2|[mi_i]'), near(0, 180, 3.218688))
  t.strictSame(await condition('Location', 'near', '1|2'), near(1, 2, 50))
  t.match(await condition('Location', 'near', '1|2|3,4|5|6'), {
    kind: 'or',
    any: [near(1, 2, 3), near(4, 5, 6)],
  })
  for (const value of [
    '1',
    '91|0|1',
    '0|181|1',
    'a|b|c',
    '0|0|-1',
    '0|0|1|kg',
    '0|0|1|mi',
    '0|0||km',
    '0|0|1|km|x',
    'NaN|0|1',
  ])
    t.match(await faults('Location', [['near', value]]), [/'near': .*Right would be \[latitude\]/], value)
})

t.test('names by sound', async (t) => {
  const read = await condition('Patient', 'phonetic', 'Smyth')
  t.same(read, await condition('Patient', 'phonetic', 'Smith'), 'the same sound, the same question')
  t.match(await condition('Patient', 'phonetic', 'Jon Smith'), { kind: 'and', all: [{}, {}] }, 'every word')
  t.match(await faults('Patient', [['phonetic', '12']]), [/holds no word that could sound like a name/])
})

t.test('chains', async (t) => {
  const string = (param: string, value: string) => ({ kind: 'string', param, mode: 'starts', value })
  const chain = (param: string, ...targets: [type: string, where: object][]) => ({
    kind: 'chain',
    param,
    targets: targets.map(([type, where]) => ({ type, where })),
  })
  t.strictSame(
    await condition('DiagnosticReport', 'subject.name', 'peter'),
    chain('subject', ['Location', string('name', 'peter')], ['Patient', string('name', 'peter')]),
    'the types that lack the parameter are left out',
  )
  t.strictSame(
    await condition('DiagnosticReport', 'subject:Patient.organization.name:exact', 'A'),
    chain('subject', [
      'Patient',
      chain('organization', ['Organization', { ...string('name', 'A'), mode: 'exact' }]),
    ]),
  )
  t.strictSame(
    await condition('Patient', 'general-practitioner:Practitioner.name', 'a,b'),
    chain('general-practitioner', [
      'Practitioner',
      { kind: 'or', any: [string('name', 'a'), string('name', 'b')] },
    ]),
  )
  t.strictSame(
    await condition('Observation', 'patient._id', 'x'),
    chain('patient', ['Patient', { kind: 'id', id: 'x' }]),
  )
  t.match(
    await condition('DiagnosticReport', 'result.code-value-quantity', 'a$gt5.4'),
    chain('result', ['Observation', { kind: 'and' }]),
  )
  t.match(
    await condition('QuestionnaireResponse', 'questionnaire.title:contains', 'phq'),
    chain('questionnaire', ['Questionnaire', { kind: 'string', mode: 'contains' }]),
    'by canonicals too',
  )
  t.match(
    await condition('Observation', 'subject._has:Group:member:_id', '1'),
    {
      kind: 'chain',
      targets: [{ type: 'Device' }, { type: 'Group' }, { type: 'Patient', where: { kind: 'has' } }],
    },
    'what refers to a target',
  )
  const bad: [type: string, name: string, RegExp][] = [
    ['Observation', 'code.name', /'code' is no reference of Observation/],
    [
      'Observation',
      'subject:Encounter.status',
      /'subject' never refers to 'Encounter'\. It refers to Device, Group/,
    ],
    ['Observation', 'subject:identifier.value', /'subject' never refers to 'identifier'/],
    ['Observation', 'subject.nmae', /none of the types that 'subject' refers to .* has 'nmae'/],
    [
      'Observation',
      'patient.nmae',
      /'patient\.nmae': Patient has no such parameter \('nmae'\)\. Did you mean 'name'\?/,
    ],
    [
      'Observation',
      'subjekt.name',
      /'subjekt\.name': Observation has no such parameter.*Did you mean 'subject'\?/,
    ],
    ['Observation', 'patient.', /Patient has no such parameter/],
    ['Observation', '.name', /no such parameter/],
    ['Observation', 'patient.name:exakt', /'patient\.name:exakt': 'exakt' is no modifier of it/],
    ['Observation', 'patient.birthdate', /'patient\.birthdate': 'x' is not a date/],
    ['Observation', 'patient._count', /no such parameter/],
  ]
  for (const [type, name, wanted] of bad) t.match(await faults(type, [[name, 'x']]), [wanted], name)
})

t.test('_has', async (t) => {
  const code = { kind: 'token', param: 'code', system: undefined, code: '1' }
  const has = (type: string, param: string, where: object) => ({
    kind: 'has',
    source: { type, where },
    param,
  })
  t.strictSame(
    await condition('Patient', '_has:Observation:patient:code', '1'),
    has('Observation', 'patient', code),
  )
  t.strictSame(
    await condition('Patient', '_has:Observation:patient:_has:AuditEvent:entity:agent-name', 'x'),
    has(
      'Observation',
      'patient',
      has('AuditEvent', 'entity', { kind: 'string', param: 'agent-name', mode: 'starts', value: 'x' }),
    ),
  )
  t.match(
    await condition('Practitioner', '_has:Encounter:practitioner:patient.family', 'x'),
    has('Encounter', 'practitioner', { kind: 'chain', param: 'patient' }),
  )
  t.match(
    await condition('Patient', '_has:Observation:patient:code:not', '1,2'),
    has('Observation', 'patient', { kind: 'not' }),
  )
  t.match(
    await condition('Patient', '_has:Observation:patient:value-quantity:missing', 'true'),
    has('Observation', 'patient', { kind: 'not' }),
  )
  const bad: [name: string, RegExp][] = [
    ['_has', /it lacks its parts\. Right would be _has:\[type\]/],
    ['_has:Observation', /it lacks some of its parts/],
    ['_has:Observation:patient', /it lacks some of its parts/],
    ['_has:Observation:patient:', /it lacks some of its parts/],
    ['_has:Observatoin:patient:code', /'Observatoin' is no resource type\. Did you mean 'Observation'\?/],
    [
      '_has:Observation:encounter:code',
      /Observation:encounter never refers to Patient\. Right would be .*patient/,
    ],
    ['_has:Observation:code:code', /Observation:code never refers to Patient/],
    ['_has:Observation:pacient:code', /Observation has no such parameter.*Did you mean 'patient'/],
    [
      '_has:Observation:patient:cod',
      /'_has:Observation:patient:cod': Observation has no such parameter \('cod'\)/,
    ],
  ]
  for (const [name, wanted] of bad) t.match(await faults('Patient', [[name, 'x']]), [wanted], name)
})

t.test('how far chains may lead', async (t) => {
  const partOf = (steps: number) => `organization${'.partof'.repeat(steps - 1)}.name`
  t.match(await condition('Patient', partOf(10), 'x'), { kind: 'chain' })
  await t.rejects(parse('Patient', [[partOf(11), 'x']]), {
    code: 'too-costly',
    message: /more than 10 references/,
  })
  const had = `${'_has:Observation:has-member:'.repeat(11)}code`
  await t.rejects(parse('Observation', [[had, 'x']]), { code: 'too-costly' })
  await t.rejects(parse('Provenance', [['target.based-on.subject.link.name', Array(100).fill('x').join()]]), {
    code: 'too-costly',
    message: /Name the types/,
  })
})

t.test('_list, _text and _content', async (t) => {
  const list = (id: string) => ({
    kind: 'has',
    source: { type: 'List', where: { kind: 'id', id } },
    param: 'item',
  })
  t.strictSame(await condition('Patient', '_list', '42'), list('42'))
  t.strictSame(await condition('Patient', '_list', '42,43'), { kind: 'or', any: [list('42'), list('43')] })
  t.match(await faults('Patient', [['_list', '$current-allergies']]), [
    /functional list '\$current-allergies' is not kept/,
  ])
  t.match(await faults('Patient', [['_list', 'List/1']]), [/is not an id/])

  const text = (...words: string[]) => ({ kind: 'text', scope: 'narrative', words })
  const cases: [string, object][] = [
    ['Bone', text('bone')],
    ['bone liver', { kind: 'and', all: [text('bone'), text('liver')] }],
    ['"bone Liver"', text('bone', 'liver')],
    ['x-ray', text('x', 'ray')],
    [
      '(bone OR liver) and metastases',
      { kind: 'and', all: [{ kind: 'or', any: [text('bone'), text('liver')] }, text('metastases')] },
    ],
    [
      'a or b c and not d',
      {
        kind: 'or',
        any: [text('a'), { kind: 'and', all: [text('b'), text('c'), { kind: 'not', node: text('d') }] }],
      },
    ],
    ['not not a', text('a')],
    ['a & b', { kind: 'and', all: [text('a'), text('b')] }],
    ['"and"', text('and')],
    ['a,b c', { kind: 'or', any: [text('a'), { kind: 'and', all: [text('b'), text('c')] }] }],
  ]
  for (const [value, expected] of cases)
    t.strictSame(await condition('Condition', '_text', value), expected, value)
  t.match(await condition('Condition', '_content', 'a'), { kind: 'text', scope: 'content', words: ['a'] })
  for (const value of [
    'and',
    'a or',
    '(a',
    'a)',
    '"a',
    '()',
    '&',
    'not',
    '('.repeat(100) + 'a' + ')'.repeat(100),
  ])
    t.match(await faults('Condition', [['_text', value]]), [/'_text': .*Right would be/], value)
  t.match(await faults('Condition', [['_text:exact', 'a']]), [/it takes none/])
  t.match(await faults('Binary', [['_text', 'a']]), [/Binary has no such parameter/], 'no narrative')
  t.match(await condition('Observation', 'patient._text', 'a'), {
    kind: 'chain',
    targets: [{ where: { kind: 'text' } }],
  })
})

t.test('repeated parameters must all hold', async (t) => {
  const { query } = await parse('Observation', [
    ['date', 'ge2020'],
    ['date', 'lt2021'],
    ['code', 'a,b'],
  ])
  t.match(query.from, [
    {
      type: 'Observation',
      where: { kind: 'and', all: [{ kind: 'date' }, { kind: 'date' }, { kind: 'or' }] },
    },
  ])
  t.ok(Object.isFrozen(query) && Object.isFrozen(query.from))
})

t.test('empty values', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['name', '', /'name': it has no value/],
    ['name', 'a,', /'name': a value between its commas is empty/],
    ['name', ',', /a value between its commas is empty/],
    ['_count', '', /'_count': it has no value/],
    ['_sort', '', /'_sort': it has no value/],
    ['_include', '', /'_include': it has no value/],
    ['_filter', '', /'_filter': it has no value/],
    ['_list', '', /'_list': it has no value/],
    ['_contained', '', /'_contained': it has no value/],
  ]
  for (const [name, value, wanted] of cases)
    t.match(await faults('Patient', [[name, value]]), [wanted], `${name}=${value}`)
})

t.test('types, all types and compartments', async (t) => {
  const system = { kind: 'system' } as const
  const all = (await parse(system, [['_lastUpdated', 'gt2020']])).query.from
  t.equal(all.length, definitions.resourceTypes.length)
  const some = await parse(system, [
    ['_type', 'Patient,Observation'],
    ['identifier', '1'],
  ])
  t.strictSame(
    some.query.from.map(({ type }) => type),
    ['Patient', 'Observation'],
  )
  t.strictSame(some.used, [
    ['_type', 'Patient,Observation'],
    ['identifier', '1'],
  ])
  t.match(await faults(system, [['identifier', '1']]), [
    /'identifier': \w+ has no such parameter\. All types that are searched must have it; _type chooses them/,
  ])
  t.match(await faults(system, [['_lastUpdate', '2020']]), [/Did you mean '_lastUpdated'\?/])
  t.match(await faults(system, [['_type', 'Pacient']]), [
    /'Pacient' is no resource type\. Did you mean 'Patient'\?/,
  ])
  t.match(
    await faults(system, [
      ['_type', 'Patient'],
      ['_type', 'Group'],
    ]),
    [/'_type': it stands more than once/],
  )
  t.match(await faults('Patient', [['_type', 'Patient']]), [/'_type': .*here the type is given/])

  const patient = { kind: 'compartment', compartment: 'Patient', id: 'p' } as const
  const observations = await parse({ ...patient, type: 'Observation' }, [['code', 'a']])
  t.match(observations.query.from, [
    {
      type: 'Observation',
      where: { kind: 'and', all: [{ kind: 'compartment', patients: ['p'] }, { kind: 'token' }] },
    },
  ])
  const whole = (await parse({ ...patient, type: '*' }, [])).query.from
  for (const { type } of whole)
    t.ok(type === 'Patient' || definitions.compartment('Patient', type).length > 0, `${type} is inside`)
  t.ok(whole.length > 50 && whole.length < 80, `${whole.length} types`)
  await t.rejects(parse({ ...patient, type: 'Practitioner' }, []), {
    code: 'invalid-search',
    message: /Practitioner is not in the compartment of Patient\. In it are: Account/,
  })
  t.match(await faults({ ...patient, type: '*' }, [['_type', 'Medication']]), [
    /Medication is not in this compartment/,
  ])
  t.match(await faults({ ...patient, type: 'Encounter' }, [['_type', 'Encounter']]), [
    /here the type is given/,
  ])

  const encounter = { kind: 'compartment', compartment: 'Encounter', id: 'e' } as const
  t.match((await parse({ ...encounter, type: 'Observation' }, [])).query.from, [
    {
      where: {
        all: [{ kind: 'or', any: [{ kind: 'reference', target: { types: ['Encounter'], id: 'e' } }] }],
      },
    },
  ])
  t.match((await parse({ ...encounter, type: 'Encounter' }, [])).query.from, [
    { where: { all: [{ kind: 'or', any: [{ kind: 'id', id: 'e' }] }] } },
  ])
})

t.test('contained resources', async (t) => {
  const plain = await parse('Medication', [['_contained', 'false']])
  t.equal(plain.contained, undefined)
  t.equal(plain.query.from.length, 1)
  const pairs: Pair[] = [
    ['ingredient-code', 'abc'],
    ['_contained', 'true'],
  ]
  const { query, contained, used } = await parse('Medication', pairs)
  t.match(contained, {
    match: 'true',
    show: 'container',
    conditions: [{ type: 'Medication', where: { kind: 'and' } }],
  })
  t.strictSame(used, pairs)
  t.match(query.from.find(({ type }) => type === 'MedicationRequest')?.where, {
    kind: 'contains',
    type: 'Medication',
  })
  t.equal(
    query.from.some(({ type }) => type === 'Bundle'),
    false,
    'which contains none',
  )
  const both = await parse('Medication', [
    ...pairs.slice(0, 1),
    ['_contained', 'both'],
    ['_containedType', 'contained'],
  ])
  t.match(both.contained, { match: 'both', show: 'contained' })
  t.match(both.query.from.find(({ type }) => type === 'Medication')?.where, {
    kind: 'or',
    any: [{ kind: 'and' }, { kind: 'contains' }],
  })
  const inside = await parse({ kind: 'compartment', compartment: 'Patient', id: 'p', type: 'Observation' }, [
    ['_contained', 'true'],
  ])
  t.equal(
    inside.query.from.some(({ type }) => type === 'Practitioner'),
    false,
  )
  t.match(inside.query.from.find(({ type }) => type === 'Condition')?.where, {
    kind: 'and',
    all: [{ kind: 'compartment' }, { kind: 'contains', type: 'Observation' }],
  })
  t.match(await faults('Patient', [['_contained', 'yes']]), [/'yes' is none of false, true, both/])
  t.match(await faults('Patient', [['_containedType', 'x']]), [/'x' is none of container, contained/])
  t.match(
    await faults('Patient', [
      ['_sort', 'name'],
      ['_contained', 'true'],
    ]),
    [/sorted by _id and _lastUpdated alone/],
  )
  await t.rejects(parse({ kind: 'system' }, [['_contained', 'both']]), { code: 'too-costly' })
})

t.test('result parameters', async (t) => {
  const { query, used } = await parse('MedicationRequest', [
    ['_count', '5000'],
    ['_sort', '-_lastUpdated,status,-authoredon,_id'],
    ['_include', 'MedicationRequest:medication'],
    ['_include', 'MedicationRequest:subject:Patient'],
    ['_include', 'MedicationRequest:medication'],
    ['_total', 'estimate'],
    ['status', 'active'],
  ])
  t.equal(query.count, 1000, 'no more than the most')
  t.strictSame(query.sort, [
    { by: 'lastUpdated', descending: true },
    { by: 'entry', entry: 'token', param: 'status', descending: false },
    { by: 'entry', entry: 'date', param: 'authoredon', descending: true, clinical: true },
    { by: 'id', descending: false },
  ])
  const forward = { direction: 'forward', iterate: false, source: 'MedicationRequest' }
  t.strictSame(query.includes, [
    { ...forward, param: 'medication', target: undefined },
    { ...forward, param: 'subject', target: 'Patient' },
  ])
  t.equal(query.total, 'accurate')
  t.equal(query.cursor, undefined)
  t.strictSame(
    used.map(([name, value]) => `${name}=${value}`),
    [
      '_count=1000',
      '_sort=-_lastUpdated,status,-authoredon,_id',
      '_include=MedicationRequest:medication',
      '_include=MedicationRequest:subject:Patient',
      '_total=estimate',
      'status=active',
    ],
  )
  const plain = (await parse('Patient', [])).query
  t.strictSame([plain.count, plain.total, plain.sort, plain.includes], [20, 'none', [], []])
  t.equal(
    (await parse('Patient', [['_count', '0']])).query.total,
    'accurate',
    'a count of 0 asks for the total',
  )
  t.equal(
    (
      await parse('Patient', [
        ['_count', '0'],
        ['_total', 'none'],
      ])
    ).query.total,
    'none',
  )
  const several = await parse({ kind: 'system' }, [
    ['_type', 'Condition,Procedure'],
    ['_sort', 'patient,-_profile'],
  ])
  t.match(several.query.sort, [{ entry: 'reference' }, { entry: 'uri' }])
})

t.test('what is included', async (t) => {
  const include = async (name: string, value: string, type: string | SearchScope = 'Patient') =>
    (await parse(type, [[name, value]])).query.includes[0]
  const any = { direction: 'forward', iterate: false, source: undefined, param: undefined, target: undefined }
  t.strictSame(await include('_include', '*'), { ...any, source: 'Patient' })
  t.strictSame(await include('_include', '*', { kind: 'system' }), any)
  t.strictSame(await include('_include:iterate', '*'), { ...any, iterate: true })
  t.strictSame(await include('_include', 'Patient:*:Organization'), {
    ...any,
    source: 'Patient',
    target: 'Organization',
  })
  t.strictSame(await include('_include:iterate', 'Organization:partof'), {
    ...any,
    iterate: true,
    source: 'Organization',
    param: 'partof',
  })
  t.strictSame(await include('_revinclude', 'Provenance:target'), {
    ...any,
    direction: 'reverse',
    source: 'Provenance',
    param: 'target',
  })
  t.strictSame(await include('_revinclude', '*'), { ...any, direction: 'reverse' })
  t.strictSame((await parse('Patient', [['_include:recurse', 'Organization:partof']])).used, [
    ['_include:iterate', 'Organization:partof'],
  ])
})

t.test('faulty result parameters', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['_count', '-1', /'_count': '-1' is not a whole number/],
    ['_count', '1.5', /'_count'/],
    ['_count:x', '1', /'_count:x': 'x' is no modifier of it/],
    ['_sort', 'birthdte', /no parameter 'birthdte' to sort by\. Did you mean 'birthdate'\?/],
    ['_sort', '_lastUpdated,-_lastUpdated', /'_lastUpdated' stands more than once/],
    ['_sort', 'name,', /a key between its commas is empty/],
    ['_sort', '_score', /no score/],
    ['_sort', '_text', /'_text' has no order/],
    ['_sort', 'organization.name', /is a chain or has a modifier/],
    ['_sort:desc', 'name', /'desc' is no modifier of it/],
    ['_total', 'all', /'all' is none of none, estimate, accurate/],
    ['_include', 'Patient', /is none of Patient:\[parameter\]/],
    ['_include', 'Patient:a:b:c', /is none of/],
    ['_include', 'Patient:link:', /is none of/],
    ['_include', 'Observation:subject', /Observation is not what is searched \(Patient\).*:iterate/],
    ['_include', 'Patent:link', /'Patent' is no resource type\. Did you mean 'Patient'\?/],
    [
      '_include',
      'Patient:linq',
      /no reference parameter 'linq'\. Did you mean 'link'\?.*general-practitioner/,
    ],
    ['_include', 'Patient:name', /no reference parameter 'name'/],
    ['_include', 'Patient:link:Group', /Patient:link never refers to Group/],
    ['_include', 'Patient:link:Grup', /'Grup' is no resource type/],
    ['_include:all', 'Patient:link', /'all' is no modifier of it\. Supported: iterate/],
    ['_revinclude', 'Observation:encounter', /Observation:encounter does not lead to what is searched/],
    ['_revinclude', 'Observation:subject:Group', /does not lead to what is searched/],
    ['_query', 'top', /no query named 'top'/],
  ]
  for (const [name, value, wanted] of cases)
    t.match(await faults('Patient', [[name, value]]), [wanted], `${name}=${value}`)
  t.match(await faults('Observation', [['_sort', 'code-value-quantity']]), [/has no order/])
  t.match(await faults('Location', [['_sort', 'near']]), [/has no order/])
  t.match(
    await faults({ kind: 'system' }, [
      ['_type', 'Patient,Group'],
      ['_sort', 'birthdate'],
    ]),
    [/not every type/],
  )
  for (const [name, value] of [
    ['_count', '1'],
    ['_sort', '_lastUpdated'],
    ['_total', 'none'],
    ['_contained', 'true'],
  ] as const)
    t.match(
      await faults('Patient', [
        [name, value],
        [name, value],
      ]),
      [/it stands more than once/],
      name,
    )
})

t.test('unknown parameters', async (t) => {
  const cases: [type: string, name: string, RegExp][] = [
    [
      'Patient',
      'brithdate',
      /'brithdate': Patient has no such parameter\. Did you mean 'birthdate'\? Supported for Patient: /,
    ],
    ['Patient', 'Name', /Did you mean 'name'\?/],
    ['Patient', '', /'': Patient has no such parameter/],
    ['Patient', 'name.given', /'name' is no reference of Patient, so nothing can be chained to it/],
    ['Patient', 'name:wrong', /'wrong' is no modifier of it\. Supported: missing, exact, contains/],
    ['Patient', 'name:', /'' is no modifier of it/],
    ['Patient', '__proto__', /no such parameter/],
    ['Patient', 'constructor', /no such parameter/],
    ['Patient', '_cuont', /Did you mean '_count'\?/],
    ['Patient', '_hsa', /Did you mean '_has'\?/],
  ]
  for (const [type, name, wanted] of cases) t.match(await faults(type, [[name, 'x']]), [wanted], name)
})

t.test('every fault is told, each with its parameter', async (t) => {
  const pairs: Pair[] = [
    ['birthdate', '2020-02-30'],
    ['nmae', 'x'],
    ['active', 'true'],
    ['_count', 'many'],
    ['organization.nmae', 'x'],
  ]
  try {
    await parse('Patient', pairs)
    t.fail('it is refused')
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    t.equal(error.status, 400)
    t.strictSame(
      new Set(error.issues.map((issue) => `${issue.expression} ${issue.code}`)),
      new Set([
        'http.birthdate value',
        'http.nmae not-supported',
        'http._count value',
        'http.organization.nmae not-supported',
      ]),
    )
  }
})

t.test('lenient handling leaves out what is unknown, and nothing else', async (t) => {
  const lenient = { handling: 'lenient' } as const
  const { used, query } = await parse(
    'Patient',
    [
      ['nmae', 'x'],
      ['name', 'y'],
      ['organization.nmae', 'z'],
      ['a.b', 'c'],
    ],
    lenient,
  )
  t.strictSame(used, [['name', 'y']])
  t.match(query.from, [{ where: { kind: 'and', all: [{ kind: 'string', param: 'name', value: 'y' }] } }])
  for (const [name, value] of [
    ['name:wrong', 'x'],
    ['organization.name:wrong', 'x'],
    ['birthdate', 'x'],
    ['name', ''],
    ['_sort', 'nmae'],
    ['_filter', 'nmae eq x'],
    ['_filter', 'organization.nmae eq x'],
    ['_query', 'x'],
    ['_has:Observation:encounter:code', 'x'],
  ] as const) {
    t.equal((await faults('Patient', [[name, value]], lenient)).length, 1, `${name}=${value}`)
  }
  const types = await parse(
    { kind: 'system' },
    [
      ['_type', 'Patient,Group'],
      ['birthdate', '2020'],
    ],
    lenient,
  )
  t.strictSame(types.used, [['_type', 'Patient,Group']], 'what not every type has is left out for all')
})

t.test('too many values', async (t) => {
  const value = Array.from({ length: 1001 }, (_, index) => String(index)).join()
  await t.rejects(parse('Patient', [['_id', value]]), { code: 'too-costly' })
  await t.resolves(parse('Patient', [['_id', value.slice(0, value.lastIndexOf(','))]]))
  await t.rejects(parse({ kind: 'system' }, [['_id', value.slice(0, 2000)]]), { code: 'too-costly' })
})

t.test('the same is looked up once', async (t) => {
  let asked = 0
  const counting: SearchLookup = {
    ...lookup,
    codesIn: (valueSet) => {
      asked += 1
      return lookup.codesIn(valueSet)
    },
  }
  const scope: SearchScope = { kind: 'system' }
  const pairs: Pair[] = [
    ['_tag:in', 'http://v'],
    ['_security:in', 'http://v'],
  ]
  await search.parse(scope, pairs, STRICT, counting)
  t.equal(asked, 1)
  const many = (count: number): Pair[] => [
    ['code:in', Array.from({ length: count }, (_, index) => `http://v/${index}`).join()],
  ]
  await t.resolves(parse('Condition', many(100)))
  await t.rejects(parse('Condition', many(101)), { code: 'too-costly', message: /more than 100 value sets/ })
  const large: SearchLookup = {
    ...lookup,
    codesIn: async () => [{ system: 's', codes: Array.from({ length: 90_000 }, String) }],
  }
  const type: SearchScope = { kind: 'type', type: 'Condition' }
  await t.resolves(search.parse(type, many(2), STRICT, large))
  await t.rejects(search.parse(type, many(3), STRICT, large), {
    code: 'too-costly',
    message: /codes together/,
  })
})

t.test('criteria of conditional interactions', async (t) => {
  t.strictSame(await criteriaOf('Patient', 'identifier=http%3A%2F%2Fs|1&name=a+b'), {
    kind: 'and',
    all: [
      { kind: 'token', param: 'identifier', system: 'http://s', code: '1' },
      { kind: 'string', param: 'name', mode: 'starts', value: 'a b' },
    ],
  })
  t.strictSame(await criteriaOf('Patient', '_id=a&'), { kind: 'and', all: [{ kind: 'id', id: 'a' }] })
  t.match(await criteriaOf('Observation', 'subject:Patient.identifier=s|1'), { all: [{ kind: 'chain' }] })
  const bad: [string, RegExp][] = [
    ['', /criteria are empty/],
    ['&', /criteria are empty/],
    ['_count=1', /'_count': it shapes a result/],
    ['_sort:x=1', /it shapes a result/],
    ['_include=Patient:link', /it shapes a result/],
    ['_contained=true', /it shapes a result/],
    ['nmae=1', /no such parameter/],
    ['identifier', /'identifier': it has no value/],
    ['identifier=%zz', /percent-encoding is broken/],
    ['name=%ff', /percent-encoding is broken/],
  ]
  for (const [criteria, message] of bad) {
    await t.rejects(criteriaOf('Patient', criteria), { code: 'invalid-search', message }, criteria)
  }
})

t.test('long values are not repeated at length', async (t) => {
  const [told = ''] = await faults('Patient', [['birthdate', 'x'.repeat(10_000)]])
  t.ok(told.length < 500, `${told.length} characters`)
  const [named = ''] = await faults('Patient', [['x'.repeat(10_000), 'x']])
  t.ok(named.length < 3000, `${named.length} characters`)
})

t.test('whatever the text, nothing but a FhirError is thrown', async (t) => {
  const names = [
    'Observation',
    'Patient',
    'Location',
    'DocumentReference',
    'ValueSet',
    'Group',
    'Binary',
  ].flatMap((type) =>
    [...search.parameters(type).keys(), '_list', '_filter'].map((code) => [type, code] as const),
  )
  const fragments = [
    'ge',
    'ap',
    '|',
    ',',
    '\\',
    '$',
    ':',
    '/',
    '.',
    '-',
    '+',
    'e',
    '%',
    ' ',
    '#',
    '?',
    '2020',
    '-02',
    'T10:00',
    'Z',
    'Patient',
    'http://x',
    'urn:',
    '1',
    '5.4',
    '_history',
    '\0',
    '\ud800',
    '\u0301',
    '(',
    ')',
    '[',
    ']',
    '"',
    ' and ',
    ' or ',
    'not',
    ' eq ',
    ' pr ',
    'name',
    'subject',
    '_has:',
    'true',
  ]
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...fragments)).map((parts) => parts.join('')),
  )
  const modifier = fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 3, arbitrary: fc.constantFrom(...MODIFIERS).map((it) => `:${it}`) },
    text.map((it) => `:${it}`),
  )
  const pair = fc.tuple(fc.constantFrom(...names), modifier, text)
  const handling = fc.constantFrom('strict' as const, 'lenient' as const)
  await fc.assert(
    fc.asyncProperty(pair, text, handling, async ([[type, code], suffix, value], other, how) => {
      const pairs: Pair[] = [
        [code + suffix, value],
        [other, value],
      ]
      for (const read of [
        () => parse(type, pairs, { handling: how }),
        () => parse(type, [[`_has:${type}:subject:${code}${suffix}`, value]], { handling: how }),
        () => parse(type, [['_include', value]], { handling: how }),
        () => parse(type, [['_sort', value]], { handling: how }),
        () => criteriaOf(type, `${code}${suffix}=${value}`),
        () => criteriaOf(type, other),
      ]) {
        try {
          await read()
        } catch (error) {
          if (!(error instanceof FhirError)) throw error
          if (error.issues.some((issue) => !issue.diagnostics)) throw new Error('a fault without words')
        }
      }
    }),
    { numRuns: 500 },
  )
  t.pass('500 pairs')
})
