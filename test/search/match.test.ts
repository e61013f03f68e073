// Text, extraction and matching together: which resources a search finds, told twice.
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { createSearch, matchesIndex, NO_LOOKUP } from '../../src/search/index.ts'
import {
  and,
  chainMatch,
  containsMatch,
  hasMatch,
  not,
  or,
  presenceMatch,
  typedCondition,
  type Expression,
} from '../../src/store/index.ts'
import { content, IDS } from '../contract/arbitraries.ts'
import { expression } from '../contract/questions.ts'
import { indexOf, template } from '../contract/world.ts'
import { matchesExpression, worldOf } from './naive-match.ts'

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
  const subject = { type: resourceType, id: 'x', index, resource, lastUpdated: undefined }
  const found = matchesExpression(where, subject, worldOf([subject]))
  if (found !== matchesIndex(where, { id: 'x', index, resource })) throw new Error(`two answers to ${query}`)
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
  'a measurement off by a tenth',
  'Observation',
  { valueQuantity: { value: 110, system: 'http://unitsofmeasure.org', code: '/min' } },
  [
    ['value-quantity=ap100', true],
    ['value-quantity=ap100|http://unitsofmeasure.org|/min', true],
    ['value-quantity=ap99', false],
    ['value-quantity=ap122', true],
    ['value-quantity=ap123', false],
  ],
)

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
  let held = 0
  fc.assert(
    fc.property(content, fc.constantFrom(...IDS), expression, (told, id, asked) => {
      const where = withoutLinks(asked)
      const index = indexOf(told)
      const resource = JSON.parse(
        Buffer.from(template('Group', id, told).bytes).toString('utf8'),
      ) as JsonObject
      const subject = { type: 'Group', id, index, resource, lastUpdated: undefined }
      const naive = matchesExpression(where, subject, worldOf([subject]))
      if (naive) held += 1
      return naive === matchesIndex(where, { id, index, resource })
    }),
    { numRuns: 5000 },
  )
  t.ok(held > 500, `${held} of 5000 match`)
})

t.test('what other resources decide is refused, and named', async (t) => {
  const candidate = { id: 'x', index: indexOf({}), resource: undefined }
  const every = typedCondition('Patient', and([]))
  t.throws(() => matchesIndex(chainMatch('subject', [every]), candidate), {
    code: 'invalid-search',
    message: /subject/,
  })
  t.throws(() => matchesIndex(hasMatch(every, 'link'), candidate), {
    code: 'invalid-search',
    message: /_has:Patient:link/,
  })
})

/** The same tree, with presence in place of what other resources decide. */
function withoutLinks(node: Expression): Expression {
  switch (node.kind) {
    case 'and':
      return and(node.all.map(withoutLinks))
    case 'or':
      return or(node.any.map(withoutLinks))
    case 'not':
      return not(withoutLinks(node.node))
    case 'contains':
      return containsMatch(node.type, withoutLinks(node.where))
    case 'chain':
    case 'has':
      return presenceMatch(node.param, 'reference')
    default:
      return node
  }
}
