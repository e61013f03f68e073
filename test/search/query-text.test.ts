// The text of a search -> the query: good and bad values of every type, result parameters, faults, and random text.
import fc from 'fast-check'
import t from 'tap'
import { FhirError, loadDefinitions } from '../../src/fhir/index.ts'
import { createSearch, type ParsedSearch, type SearchOptions } from '../../src/search/index.ts'
import type { Expression } from '../../src/store/index.ts'

const BASE = 'http://alcove.example/fhir'
const NOW = Date.parse('2024-06-01T12:00:00Z')
const definitions = loadDefinitions()
const search = createSearch({ definitions, baseUrl: BASE, now: () => NOW })
const STRICT: SearchOptions = { handling: 'strict', defaultCount: 20, maxCount: 1000 }

type Pair = readonly [name: string, value: string]

function parse(type: string, pairs: readonly Pair[], options: Partial<SearchOptions> = {}): ParsedSearch {
  return search.parse(type, pairs, { ...STRICT, ...options })
}

/** The condition of one parameter. */
function condition(type: string, name: string, value: string): Expression {
  const { where } = parse(type, [[name, value]]).query
  if (where.kind !== 'and' || where.all.length !== 1) throw new Error('one condition is expected')
  return where.all[0] as Expression
}

/** What is told of a search that is refused: one text an issue. */
function faults(type: string, pairs: readonly Pair[], options: Partial<SearchOptions> = {}): string[] {
  try {
    parse(type, pairs, options)
  } catch (error) {
    if (error instanceof FhirError && error.code === 'invalid-search') {
      return error.issues.map((issue) => issue.diagnostics)
    }
    throw error
  }
  return []
}

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
    t.strictSame(condition('Observation', 'code', value), expected, value)
  for (const value of ['|', 'a|b|c', '||']) {
    t.match(
      faults('Observation', [['code', value]]),
      [/'code': .* is not a code\. Right would be \[code\]/],
      value,
    )
  }
  t.match(faults('Patient', [['active', 'yes']]), [/'active': 'yes' is neither true nor false/])
  t.match(faults('Patient', [['deceased', '1']]), [/neither true nor false/])
  t.strictSame(condition('Patient', 'active', 'true'), {
    kind: 'token',
    param: 'active',
    system: undefined,
    code: 'true',
  })
})

t.test('string', async (t) => {
  t.strictSame(condition('Patient', 'name', ' MÜLLER\\, Ann'), {
    kind: 'string',
    param: 'name',
    prefix: 'muller, ann',
  })
  t.strictSame(condition('Patient', 'name', 'a,b'), {
    kind: 'or',
    any: [
      { kind: 'string', param: 'name', prefix: 'a' },
      { kind: 'string', param: 'name', prefix: 'b' },
    ],
  })
  t.match(faults('Patient', [['name', ' ']]), [/'name': ' ' holds nothing to search for/])
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
    t.strictSame(condition(type, name, value), expected, value)
  const bad: [string, string, RegExp][] = [
    ['subject', 'Pat/1', /'subject': 'Pat\/1' is of no type that R4 has/],
    ['subject', 'a_b', /'a_b' is not a reference\. Right would be an id/],
    ['subject', '#p', /is not a reference/],
    ['subject', 'Patient?identifier=1', /is not a reference/],
    ['subject:Patient', 'Group/1', /'subject:Patient': 'Group\/1' is no Patient/],
    [
      'subject:Practitioner',
      '1',
      /'Practitioner' is no modifier of it\. Supported: a resource type .*Device, Group/,
    ],
    ['subject:identifier', 'a|b', /the modifier 'identifier' is not supported yet/],
    ['subject:Patient.name', 'x', /chained parameters are not supported yet/],
  ]
  for (const [name, value, wanted] of bad)
    t.match(faults('Observation', [[name, value]]), [wanted], `${name}=${value}`)
})

t.test('date', async (t) => {
  const range = (comparator: string, low: string, high: string) => ({
    kind: 'date',
    param: 'date',
    comparator,
    low: ms(low),
    high: ms(high),
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
    t.strictSame(condition('Observation', 'date', value), expected, value)
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
      faults('Observation', [['date', value]]),
      [/'date': '.*' is not a date that exists.*2024-05-31/],
      value,
    )
  }
  t.strictSame(condition('Observation', '_lastUpdated', 'gt2020'), {
    kind: 'last-updated',
    comparator: 'gt',
    low: ms('2020-01-01T00:00:00Z'),
    high: ms('2021-01-01T00:00:00Z'),
  })
  t.match(faults('Observation', [['_lastUpdated', 'x']]), [/'_lastUpdated': 'x' is not a date/])
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
    ['ap10.00', 'ap', 9, 11],
    ['ap-10.00', 'ap', -11, -9],
    ['ap1', 'ap', 0.5, 1.5],
  ]
  for (const [value, comparator, low, high] of cases) {
    const expected = { kind: 'number', param: 'probability', comparator, low, high }
    t.strictSame(condition('RiskAssessment', 'probability', value), expected, value)
  }
  for (const value of ['x', 'gt', '1,5.', '.5', '1e', '0x10', 'Infinity', '1e9999', '--1', '1 2']) {
    t.match(
      faults('RiskAssessment', [['probability', value]]),
      [/'probability': .* is not a number\. Right would be 5\.4/],
      value,
    )
  }
})

t.test('quantity', async (t) => {
  const quantity = (comparator: string, low: number, high: number, system?: string, code?: string) => ({
    kind: 'quantity',
    param: 'value-quantity',
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
    t.strictSame(condition('Observation', 'value-quantity', value), expected, value)
  for (const value of ['5|mg', '5||', '5|a|b|c']) {
    t.match(
      faults('Observation', [['value-quantity', value]]),
      [/is not a quantity\. Right would be 5\.4,/],
      value,
    )
  }
  for (const value of ['||mg', 'mg', 'xx5||mg']) {
    t.match(faults('Observation', [['value-quantity', value]]), [/is not a number/], value)
  }
})

t.test('uri, _id and the parameters of every resource', async (t) => {
  t.strictSame(condition('ValueSet', 'url', 'http://V/a\\,b'), {
    kind: 'uri',
    param: 'url',
    value: 'http://V/a,b',
  })
  t.strictSame(condition('Basic', '_profile', 'http://p|1'), {
    kind: 'uri',
    param: '_profile',
    value: 'http://p|1',
  })
  t.strictSame(condition('Basic', '_source', 'urn:x'), { kind: 'uri', param: '_source', value: 'urn:x' })
  t.strictSame(condition('Basic', '_tag', 's|t'), { kind: 'token', param: '_tag', system: 's', code: 't' })
  t.strictSame(condition('Basic', '_security', 'R'), {
    kind: 'token',
    param: '_security',
    system: undefined,
    code: 'R',
  })
  t.strictSame(condition('Basic', '_id', 'a,b'), {
    kind: 'or',
    any: [
      { kind: 'id', id: 'a' },
      { kind: 'id', id: 'b' },
    ],
  })
  for (const value of ['a_b', '|a', 'x'.repeat(65)]) {
    t.match(faults('Basic', [['_id', value]]), [/'_id': .* is not an id\. Right would be 1 to 64/], value)
  }
})

t.test('repeated parameters must all hold', async (t) => {
  const { query } = parse('Observation', [
    ['date', 'ge2020'],
    ['date', 'lt2021'],
    ['code', 'a,b'],
  ])
  t.equal(query.type, 'Observation')
  t.equal(query.where.kind === 'and' && query.where.all.map((part) => part.kind).join(), 'date,date,or')
  t.ok(Object.isFrozen(query))
})

t.test('empty values', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['name', '', /'name': it has no value/],
    ['name', 'a,', /'name': a value between its commas is empty/],
    ['name', ',', /a value between its commas is empty/],
    ['_count', '', /'_count': it has no value/],
    ['_sort', '', /'_sort': it has no value/],
  ]
  for (const [name, value, wanted] of cases)
    t.match(faults('Patient', [[name, value]]), [wanted], `${name}=${value}`)
})

t.test('result parameters', async (t) => {
  const { query, used } = parse('MedicationRequest', [
    ['_count', '5000'],
    ['_sort', '-_lastUpdated'],
    ['_include', 'MedicationRequest:medication'],
    ['_include', 'MedicationRequest:subject:Patient'],
    ['_total', 'estimate'],
    ['_cursor', 'abc'],
    ['status', 'active'],
  ])
  t.equal(query.count, 1000, 'no more than the most')
  t.strictSame(query.sort, [{ by: 'lastUpdated', descending: true }])
  t.strictSame(query.includes, [
    { source: 'MedicationRequest', param: 'medication', target: undefined },
    { source: 'MedicationRequest', param: 'subject', target: 'Patient' },
  ])
  t.equal(query.total, 'accurate')
  t.equal(query.after, 'abc')
  t.strictSame(
    used.map(([name, value]) => `${name}=${value}`),
    [
      '_count=1000',
      '_sort=-_lastUpdated',
      '_include=MedicationRequest:medication',
      '_include=MedicationRequest:subject:Patient',
      '_total=estimate',
      'status=active',
    ],
  )

  const plain = parse('Patient', []).query
  t.strictSame(
    [plain.count, plain.total, plain.after, plain.sort, plain.includes],
    [20, 'none', undefined, [], []],
  )
  t.equal(parse('Patient', [['_count', '0']]).query.total, 'accurate', 'a count of 0 asks for the total')
  t.equal(
    parse('Patient', [
      ['_count', '0'],
      ['_total', 'none'],
    ]).query.total,
    'none',
  )
  t.strictSame(parse('Patient', [['_sort', '_lastUpdated']]).query.sort, [
    { by: 'lastUpdated', descending: false },
  ])
  for (const value of ['*', 'Patient:*']) {
    const wanted = [{ source: 'Patient', param: undefined, target: undefined }]
    t.strictSame(parse('Patient', [['_include', value]]).query.includes, wanted, value)
  }
})

t.test('faulty result parameters', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['_count', '-1', /'_count': '-1' is not a whole number/],
    ['_count', '1.5', /'_count'/],
    ['_sort', 'birthdate', /sorting by 'birthdate' is not supported yet\. Supported: _lastUpdated/],
    ['_sort', '_lastUpdated,-_lastUpdated', /'_sort'/],
    ['_total', 'all', /'all' is none of none, estimate, accurate/],
    ['_include', 'Patient', /is none of Patient:\[parameter\]/],
    ['_include', 'Patient:a:b:c', /is none of/],
    ['_include', 'Observation:subject', /only Patient is searched/],
    ['_include', 'Patent:link', /'Patent' is no resource type\. Did you mean 'Patient'\?/],
    [
      '_include',
      'Patient:linq',
      /no reference parameter 'linq'\. Did you mean 'link'\?.*general-practitioner/,
    ],
    ['_include', 'Patient:name', /no reference parameter 'name'/],
    ['_include', 'Patient:link:Group', /Patient:link never refers to Group/],
    ['_include', 'Patient:link:Grup', /'Grup' is no resource type/],
    ['_include:iterate', 'Patient:link', /the modifier 'iterate' is not supported yet/],
    ['_revinclude', 'Observation:subject', /'_revinclude': Patient has no such parameter/],
  ]
  for (const [name, value, wanted] of cases)
    t.match(faults('Patient', [[name, value]]), [wanted], `${name}=${value}`)
  for (const name of ['_count', '_sort', '_total', '_cursor']) {
    const value = { _count: '1', _sort: '_lastUpdated', _total: 'none', _cursor: 'x' }[name] as string
    t.match(
      faults('Patient', [
        [name, value],
        [name, value],
      ]),
      [/it stands more than once/],
      name,
    )
  }
})

t.test('unknown and unsupported parameters', async (t) => {
  const cases: [type: string, name: string, RegExp][] = [
    [
      'Patient',
      'brithdate',
      /'brithdate': Patient has no such parameter\. Did you mean 'birthdate'\? Supported for Patient: /,
    ],
    ['Patient', 'Name', /Did you mean 'name'\?/],
    ['Patient', '', /'': Patient has no such parameter/],
    ['Patient', 'name.given', /chained parameters are not supported yet/],
    ['Patient', '_has:Observation:patient:code', /reverse chaining is not supported yet/],
    ['Patient', '_text', /it is not supported yet\. Supported for Patient/],
    ['Patient', 'phonetic', /it is not supported yet/],
    ['Location', 'near', /special parameters are not supported yet/],
    [
      'Observation',
      'code-value-quantity',
      /composite parameters are not supported yet\. Supported for Observation: .*value-quantity/,
    ],
    ['Patient', 'name:exact', /'name:exact': the modifier 'exact' is not supported yet\. Supported: none/],
    ['Patient', 'name:wrong', /'wrong' is no modifier of it/],
    ['Patient', 'name:', /'' is no modifier of it/],
    ['Patient', '__proto__', /no such parameter/],
    ['Patient', 'constructor', /no such parameter/],
  ]
  for (const [type, name, wanted] of cases) t.match(faults(type, [[name, 'x']]), [wanted], name)
})

t.test('every fault is told, each with its parameter', async (t) => {
  const pairs: Pair[] = [
    ['birthdate', '2020-02-30'],
    ['nmae', 'x'],
    ['active', 'true'],
    ['_count', 'many'],
  ]
  try {
    parse('Patient', pairs)
    t.fail('it is refused')
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    t.equal(error.status, 400)
    t.strictSame(
      error.issues.map((issue) => [issue.expression, issue.code]),
      [
        ['http.birthdate', 'value'],
        ['http.nmae', 'not-supported'],
        ['http._count', 'value'],
      ],
    )
  }
})

t.test('lenient handling leaves out what is unknown, and nothing else', async (t) => {
  const lenient = { handling: 'lenient' } as const
  const { used, query } = parse(
    'Patient',
    [
      ['nmae', 'x'],
      ['name', 'y'],
      ['_text', 'z'],
      ['a.b', 'c'],
    ],
    lenient,
  )
  t.strictSame(used, [['name', 'y']])
  t.strictSame(query.where, { kind: 'and', all: [{ kind: 'string', param: 'name', prefix: 'y' }] })
  for (const [name, value] of [
    ['name:exact', 'x'],
    ['birthdate', 'x'],
    ['name', ''],
    ['_sort', 'name'],
  ] as const) {
    t.equal(faults('Patient', [[name, value]], lenient).length, 1, name)
  }
})

t.test('too many values', async (t) => {
  const value = Array.from({ length: 1001 }, (_, index) => String(index)).join()
  t.throws(() => parse('Patient', [['_id', value]]), { code: 'too-costly' })
  t.doesNotThrow(() => parse('Patient', [['_id', value.slice(0, value.lastIndexOf(','))]]))
})

t.test('criteria of conditional interactions', async (t) => {
  t.strictSame(search.parseCriteria('Patient', 'identifier=http%3A%2F%2Fs|1&name=a+b'), {
    kind: 'and',
    all: [
      { kind: 'token', param: 'identifier', system: 'http://s', code: '1' },
      { kind: 'string', param: 'name', prefix: 'a b' },
    ],
  })
  t.strictSame(search.parseCriteria('Patient', '_id=a&'), { kind: 'and', all: [{ kind: 'id', id: 'a' }] })
  const bad: [string, RegExp][] = [
    ['', /criteria are empty/],
    ['&', /criteria are empty/],
    ['_count=1', /'_count': it shapes a result/],
    ['_sort:x=1', /it shapes a result/],
    ['nmae=1', /no such parameter/],
    ['identifier', /'identifier': it has no value/],
    ['identifier=%zz', /percent-encoding is broken/],
    ['name=%ff', /percent-encoding is broken/],
  ]
  for (const [criteria, message] of bad) {
    t.throws(() => search.parseCriteria('Patient', criteria), { code: 'invalid-search', message }, criteria)
  }
})

t.test('long values are not repeated at length', async (t) => {
  const [told = ''] = faults('Patient', [['birthdate', 'x'.repeat(10_000)]])
  t.ok(told.length < 500, `${told.length} characters`)
})

t.test('whatever the text, nothing but a FhirError is thrown', async (t) => {
  const names = [...definitions.resourceTypes].flatMap((type) =>
    type < 'B' || type === 'Observation' || type === 'Patient'
      ? [...search.parameters(type).keys()].map((code) => [type, code] as const)
      : [],
  )
  const fragment = fc.constantFrom(
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
    '́',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment).map((parts) => parts.join('')),
  )
  const modifier = fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    text.map((it) => `:${it}`),
  )
  const pair = fc.tuple(fc.constantFrom(...names), modifier, text)
  const handling = fc.constantFrom('strict' as const, 'lenient' as const)
  fc.assert(
    fc.property(pair, text, handling, ([[type, code], suffix, value], other, how) => {
      for (const read of [
        () =>
          parse(
            type,
            [
              [code + suffix, value],
              [other, value],
            ],
            { handling: how },
          ),
        () => parse(type, [['_include', value]], { handling: how }),
        () => search.parseCriteria(type, `${code}${suffix}=${value}`),
        () => search.parseCriteria(type, other),
      ]) {
        try {
          read()
        } catch (error) {
          if (!(error instanceof FhirError)) throw error
          if (error.issues.some((issue) => !issue.diagnostics)) throw new Error('a fault without words')
        }
      }
    }),
    { numRuns: 2000 },
  )
  t.pass('2000 pairs')
})
