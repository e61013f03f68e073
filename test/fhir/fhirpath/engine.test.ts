// The FHIRPath engine on JSON: values as they stand in it, and where they stand.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  type FhirPathLocation,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  loadFhirPath,
} from '../../../src/fhir/index.ts'

const why = { extension: [{ url: 'http://example.org/why', valueDecimal: 1.5 }] }
const patient: JsonObject = deepFreeze({
  resourceType: 'Patient',
  contained: [{ resourceType: 'Observation', id: 'o', valueQuantity: { value: 1 } }],
  extension: [{ url: 'http://example.org/a', valueString: 'b' }],
  identifier: [{ use: 'official', period: { start: '2000' } }, { use: 'usual' }],
  name: [{ family: 'Case', given: ['A', null, 'C'], _given: [null, why, null] }],
  contact: [{ name: { text: 'x' } }],
  _birthDate: why,
  deceasedBoolean: false,
})

function deepFreeze<T extends JsonValue>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) if (part !== undefined) deepFreeze(part)
    Object.freeze(value)
  }
  return value
}

/** The value by its place, read anew. */
function at({ owner, property, index }: FhirPathLocation): JsonValue | undefined {
  const held = owner?.[property]
  return index === undefined ? held : (held as JsonValue[])[index]
}

t.test('where an expression points to', async (t) => {
  const engine = await loadFhirPath()
  const places = (expression: string) =>
    engine.locate(patient, expression).map(({ property, index, type, path }) => [property, index, type, path])

  t.same(places('Patient'), [['', undefined, 'Patient', 'Patient']])
  t.equal(engine.locate(patient, 'Patient')[0]?.value, patient)
  t.equal(engine.locate(patient, 'Patient')[0]?.owner, undefined)
  t.same(places('Patient.identifier'), [
    ['identifier', 0, 'Identifier', 'Identifier'],
    ['identifier', 1, 'Identifier', 'Identifier'],
  ])
  t.same(places("Patient.identifier.where(use = 'official').period.start"), [
    ['start', undefined, 'dateTime', 'dateTime'],
  ])
  t.same(places('Patient.contact[0]'), [['contact', 0, 'BackboneElement', 'Patient.contact']])
  t.same(places('Patient.contact.name.text'), [['text', undefined, 'string', 'string']])
  t.same(
    engine.locate(patient, 'Patient.name.given').map(({ index, value }) => [index, value]),
    [
      [0, 'A'],
      [1, undefined],
      [2, 'C'],
    ],
  )
  const [extension] = engine.locate(patient, 'Patient.name.given.extension')
  t.equal(extension?.owner, why)
  t.equal(extension?.type, 'Extension')
  const [birthDate] = engine.locate(patient, 'Patient.birthDate')
  t.match(birthDate, { property: 'birthDate', value: undefined, type: 'date' })
  t.equal(birthDate?.owner, patient)
  t.same(places('Patient.birthDate.extension.value'), [['valueDecimal', undefined, 'decimal', 'decimal']])
  t.same(places('Patient.deceased'), [['deceasedBoolean', undefined, 'boolean', 'boolean']])
  t.same(places("Patient.extension('http://example.org/a').value"), [
    ['valueString', undefined, 'string', 'string'],
  ])
  t.same(places('contained.ofType(Observation).value'), [
    ['valueQuantity', undefined, 'Quantity', 'Quantity'],
  ])
  t.same(places('%resource.name.last()'), [['name', 0, 'HumanName', 'HumanName']])
  t.same(places('Patient.photo'), [])
  t.same(places('Patient.nothingOfTheKind'), [])
})

t.test('every place leads to its value', async (t) => {
  const engine = await loadFhirPath()
  const wrong: string[] = []
  let count = 0
  const examples = new URL('../../../../shared/data/r4-examples/', import.meta.url)
  const names = existsSync(examples) ? readdirSync(examples).filter((_, at) => at % 12 === 0) : []
  if (names.length === 0) t.comment('the official examples are not beside this checkout')
  const resources = names.map(
    (name) => JSON.parse(readFileSync(new URL(name, examples), 'utf8')) as JsonObject,
  )
  for (const resource of [patient, ...resources]) {
    for (const place of engine.locate(resource, 'descendants()')) {
      count += 1
      if (place.root !== resource || at(place) !== (place.value ?? at(place))) wrong.push(place.property)
      if (at(place) === undefined && place.owner?.[`_${place.property}`] === undefined)
        wrong.push(place.property)
    }
  }
  t.ok(count > 20)
  t.same(wrong, [])
})

t.test('values are those of the JSON, and nothing is changed', async (t) => {
  const engine = await loadFhirPath()
  t.equal(engine.evaluate(patient, 'name')[0], (patient.name as JsonValue[])[0])
  t.same(engine.evaluate(patient, 'name.given'), ['A', 'C'])
  t.same(engine.evaluate(patient, 'birthDate.extension.value'), [1.5])
  t.same(engine.evaluate(patient, 'birthDate'), [])
  t.same(engine.evaluate(patient, 'name.given.count() + 1'), [4])
  t.same(engine.evaluate(patient, "1.5 + 1.5 | 'a' | true"), [3, 'a', true])
  t.same(engine.evaluate(patient, '@2020-01-01 + 1 month'), ['2020-02-01'])
  t.same(engine.evaluate(patient, '%limit + 1', { limit: 2 }), [3])
  t.same(engine.evaluate(patient, "name.trace('a').family"), ['Case'])

  const thawed = structuredClone(patient)
  engine.evaluate(thawed, 'descendants()')
  for (const place of engine.locate(thawed, 'descendants()')) {
    if (isJsonObject(place.value)) t.same(Object.getOwnPropertyNames(place.value), Object.keys(place.value))
  }
})

t.test('what cannot be done is an error', async (t) => {
  const engine = await loadFhirPath()
  t.throws(() => engine.locate(patient, 'name.'), { code: 'malformed' })
  t.throws(() => engine.evaluate(patient, 'name.foo()'), { code: 'invalid' })
  t.throws(() => engine.evaluate(patient, 'generalPractitioner.resolve() | contained.resolve()'), {
    code: 'invalid',
  })
  for (const computed of ['1 + 1', 'name.count()', 'today()', "'a'", 'name.family & name.use']) {
    t.throws(() => engine.locate(patient, computed), { code: 'invalid' }, computed)
  }
})
