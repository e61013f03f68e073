// Text, extraction and matching together: which resources a search finds, told twice.
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { createSearch, matchesIndex, NO_LOOKUP } from '../../src/search/index.ts'
import type { Comparator, Expression, IndexEntry, ResourceIndex } from '../../src/store/index.ts'
import { matchesAlone } from './naive-match.ts'

const search = createSearch({
  definitions: loadDefinitions(),
  baseUrl: 'http://alcove.example/fhir',
  now: () => Date.parse('2024-06-01T00:00:00Z'),
})

/** Whether a search finds the resource; both readings of the tree must agree. */
async function finds(resourceType: string, content: JsonObject, query: string): Promise<boolean> {
  const resource = { resourceType, id: 'x', ...content } as Resource
  const index = search.extract(resource)
  const where = await search.parseCriteria(resourceType, query, NO_LOOKUP)
  const found = matchesAlone(where, { type: resourceType, id: 'x', index })
  if (found !== matchesIndex(where, { id: 'x', index })) throw new Error(`two answers to ${query}`)
  return found
}

type Case = [query: string, found: boolean]

function check(name: string, type: string, content: JsonObject, cases: Case[]): void {
  t.test(name, async (t) => {
    for (const [query, found] of cases) t.equal(await finds(type, content, query), found, query)
  })
}

check(
  'a person',
  'Patient',
  {
    active: true,
    name: [{ family: 'Ångström-Smith', given: ['Mary Ann', 'Eve'] }],
    identifier: [{ system: 'http://acme', value: '12|34' }, { value: '9' }],
    gender: 'female',
    birthDate: '1990-02',
  },
  [
    ['family=angstrom', true],
    ['family=ANGSTRÖM-', true],
    ['family=smith', false],
    ['given=mary+ann', true],
    ['given=eve', true],
    ['given=ann', false],
    ['name=xx,eve', true],
    ['name=eve&name=ang', true],
    ['name=eve&name=bob', false],
    ['identifier=12\\|34', true],
    ['identifier=http://acme|12\\|34', true],
    ['identifier=http://acme|', true],
    ['identifier=http://other|', false],
    ['identifier=|9', true],
    ['identifier=|12\\|34', false],
    ['gender=female', true],
    ['gender=http://hl7.org/fhir/administrative-gender|female', true],
    ['gender=Female', false],
    ['deceased=false', true],
    ['active=true', true],
    ['birthdate=1990', true],
    ['birthdate=1990-02', true],
    ['birthdate=1990-02-14', false],
    ['birthdate=ne1990-02-14', true],
    ['birthdate=gt1990-02-14', true],
    ['birthdate=lt1990-02-14', true],
    ['birthdate=sa1990-01', true],
    ['birthdate=eb1990-03-01', true],
    ['birthdate=ge1990-03', false],
    ['birthdate=ap1991', true],
    ['_id=x', true],
    ['_id=a,x', true],
    ['_id=y', false],
  ],
)

check('a stay that goes on', 'Encounter', { period: { start: '2020-03-05T10:00:00Z' } }, [
  ['date=ge2024', true],
  ['date=lt2020-03-06', true],
  ['date=2020', false],
  ['date=gt2100', true],
  ['date=eb2100', false],
  ['date=sa2020-03-04', true],
  ['date=sa2020-03-05', false],
])

check(
  'a measurement',
  'Observation',
  {
    subject: { reference: 'Patient/1' },
    valueQuantity: { value: 5.4, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' },
  },
  [
    ['value-quantity=5.4', true],
    ['value-quantity=5', true],
    ['value-quantity=5.40', true],
    ['value-quantity=5.44', false],
    ['value-quantity=ne5.4', false],
    ['value-quantity=gt5.4', false],
    ['value-quantity=ge5.4', true],
    ['value-quantity=lt5.41', true],
    ['value-quantity=ap5.0', true],
    ['value-quantity=5.4||mg', true],
    ['value-quantity=5.4||milligram', true],
    ['value-quantity=5.4|http://unitsofmeasure.org|milligram', false],
    ['value-quantity=5.4|http://unitsofmeasure.org|mg', true],
    ['value-quantity=5.4|http://x|mg', false],
    ['subject=Patient/1', true],
    ['subject=1', true],
    ['patient=1', true],
    ['subject:Patient=1', true],
    ['subject:Group=1', false],
    ['subject=http://alcove.example/fhir/Patient/1', true],
    ['subject=http://elsewhere/Patient/1', false],
  ],
)

check('a filled form', 'QuestionnaireResponse', { questionnaire: 'http://q/phq-9|2.0' }, [
  ['questionnaire=http://q/phq-9', true],
  ['questionnaire=http://q/phq-9|2.0', true],
  ['questionnaire=http://q/phq-9|1.0', false],
  ['questionnaire=http://q/phq', false],
])

check(
  'a range of risk',
  'RiskAssessment',
  {
    prediction: [{ probabilityRange: { low: { value: 0.2 }, high: { value: 0.4 } } }],
  },
  [
    ['probability=gt0.3', true],
    ['probability=lt0.3', true],
    ['probability=gt0.4', false],
    ['probability=sa0.1', true],
    ['probability=eb0.4', true],
    ['probability=eb0.3', false],
    ['probability=ap0.3', true],
    ['probability=0.3', false],
  ],
)

t.test('the two readings of the query tree agree', async (t) => {
  const param = fc.constantFrom('p', 'q')
  const small = fc.constantFrom('', 'a', 'b', 'ab')
  const point = fc.integer({ min: -3, max: 3 })
  const bound = fc.oneof(point, fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY))
  const ends = (edge: fc.Arbitrary<number>, wide: boolean) =>
    fc.tuple(edge, edge).filter(([low, high]) => (wide ? low < high : low <= high))
  const comparator = fc.constantFrom<Comparator>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap')
  const spread = ([low, high]: [number, number]) => ({ low, high })
  /** Exact for the comparators that look at one number, as the query text makes them. */
  const amount = fc.tuple(comparator, ends(point, false)).map(([kind, [low, high]]) => ({
    comparator: kind,
    low,
    high: ['eq', 'ne', 'ap'].includes(kind) ? high : low,
  }))
  const localType = fc.constantFrom('Patient', 'Group')
  const url = fc.constantFrom('http://a', 'http://b')

  const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
    fc.record({ kind: fc.constant('token' as const), param, system: small, code: small }),
    fc.record({ kind: fc.constant('string' as const), param, folded: small, exact: small }),
    fc.record({ kind: fc.constant('uri' as const), param, value: url }),
    fc.record({
      kind: fc.constant('reference' as const),
      param,
      target: fc.oneof(
        fc.record({ kind: fc.constant('local' as const), type: localType, id: small }),
        fc.record({ kind: fc.constant('url' as const), url, version: fc.constantFrom(undefined, '1', '2') }),
      ),
    }),
    fc
      .tuple(param, ends(bound, true))
      .map(([name, range]) => ({ kind: 'date' as const, param: name, ...spread(range) })),
    fc
      .tuple(param, ends(bound, false))
      .map(([name, range]) => ({ kind: 'number' as const, param: name, ...spread(range) })),
    fc.tuple(param, ends(bound, false), small, small, small).map(([name, range, system, code, unit]) => ({
      kind: 'quantity' as const,
      param: name,
      ...spread(range),
      system,
      code,
      unit,
    })),
  )
  const optional = fc.option(small, { nil: undefined })
  const leaf: fc.Arbitrary<Expression> = fc.oneof(
    fc.record({ kind: fc.constant('token' as const), param, system: optional, code: optional }),
    fc.record({
      kind: fc.constant('string' as const),
      param,
      mode: fc.constantFrom('starts', 'contains', 'ends', 'equals', 'exact'),
      value: small,
    }),
    fc.record({ kind: fc.constant('uri' as const), param, value: url }),
    fc.record({ kind: fc.constant('id' as const), id: small }),
    fc.record({
      kind: fc.constant('reference' as const),
      param,
      target: fc.oneof(
        fc.record({
          kind: fc.constant('local' as const),
          types: fc.subarray(['Patient', 'Group']),
          id: small,
        }),
        fc.record({
          kind: fc.constant('url' as const),
          url: fc.constantFrom('http://a', 'http://a|1', 'http://b|2'),
        }),
      ),
    }),
    fc.tuple(param, comparator, ends(point, true)).map(([name, kind, range]) => ({
      kind: 'date' as const,
      param: name,
      comparator: kind,
      ...spread(range),
    })),
    fc
      .tuple(param, amount)
      .map(([name, comparison]) => ({ kind: 'number' as const, param: name, ...comparison })),
    fc.tuple(param, amount, optional, optional).map(([name, comparison, system, code]) => ({
      kind: 'quantity' as const,
      param: name,
      ...comparison,
      system,
      code,
    })),
  )
  const tree = fc.letrec<{ node: Expression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('node'), { maxLength: 3 }).map((all) => ({ kind: 'and' as const, all })),
      fc.array(tie('node'), { maxLength: 3 }).map((any) => ({ kind: 'or' as const, any })),
    ),
  })).node
  let held = 0
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), tree, small, (entries, where, id) => {
      const index: ResourceIndex = { entries, patients: [], labels: [], date: undefined, contained: [] }
      const naive = matchesAlone(where, { type: 'Group', id, index })
      if (naive) held += 1
      return naive === matchesIndex(where, { id, index })
    }),
    { numRuns: 5000 },
  )
  t.ok(held > 500, `${held} of 5000 match`)
})
