// Evaluators: compiled where the subset reaches, by the engine elsewhere.
import t from 'tap'
import {
  BeyondSubset,
  compileFhirPath,
  evaluatorOnDemand,
  prepareFhirPath,
  type JsonObject,
} from '../../../src/fhir/index.ts'

const patient: JsonObject = {
  resourceType: 'Patient',
  birthDate: '1980-05-01',
  name: [{ given: ['Ann', 'Bea'] }],
}

t.test('an evaluator compiles what it can and leaves the rest to the engine', async (t) => {
  const prepare = evaluatorOnDemand
  t.same(prepare('name.given.count() + %more')(patient, { more: 2 }), [4])
  t.equal(compileFhirPath("name.given.first().encode('hex')"), undefined)
  t.same(prepare("name.given.first().encode('hex')")(patient), ['416e6e'])
  t.same(prepare('%sct | %loinc | %ucum')(patient), [
    'http://snomed.info/sct',
    'http://loinc.org',
    'http://unitsofmeasure.org',
  ])
})

t.test('what the data asks for beyond the subset is left to the engine, too', async (t) => {
  const prepare = evaluatorOnDemand
  const observation: JsonObject = {
    resourceType: 'Observation',
    valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' },
  }
  const expression = 'value > %other.value'
  const other: JsonObject = {
    resourceType: 'Observation',
    valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'g' },
  }
  t.throws(() => compileFhirPath(expression)?.(observation, { other }), BeyondSubset)
  t.same(prepare(expression)(observation, { other }), [true])
  t.throws(() => prepareFhirPath(expression)(observation, { other }), { code: 'invalid' })
})

t.test('a number that is written in more digits than it needs keeps them in text', async (t) => {
  const prepare = evaluatorOnDemand
  t.same(prepare('1.50.toString()')(patient), ['1.50'])
  t.same(prepare('(1.50 + 1).toString()')(patient), ['2.5'])
  t.same(prepare('1.0.toInteger()')(patient), [])
  t.same(prepare('1.50 + 1.0')(patient), [2.5])
  t.ok(compileFhirPath('1.50 + 1.0'))
})

t.test('faults name the expression, and nothing of the data', async (t) => {
  const prepare = evaluatorOnDemand
  t.throws(() => prepare('name.('), { code: 'malformed' })
  t.throws(() => prepare('%unheard')(patient), { code: 'invalid', message: /%unheard/ })
  const fault = t.throws(() => prepare('name.given.single()')(patient), { code: 'invalid' }) as Error
  t.match(fault.message, "'name.given.single()'")
  t.notMatch(fault.message, 'Ann')
})

t.test('criteria do not hold for a boolean element that is false, compiled or not', async (t) => {
  const prepare = evaluatorOnDemand
  const response: JsonObject = {
    resourceType: 'QuestionnaireResponse',
    item: [
      { linkId: 'no', answer: [{ valueBoolean: false }] },
      { linkId: 'yes', answer: [{ valueBoolean: true }] },
    ],
  }
  t.same(prepare('item.where(answer.value).linkId')(response), ['yes'])
  t.same(prepare("item.where(answer.value).linkId.first().encode('hex')")(response), ['796573'])
  t.same(prepare('item.first().exists(answer.value)')(response), [false])
  t.same(prepare("item.first().exists(answer.value).toString().encode('hex')")(response), ['66616c7365'])
})
