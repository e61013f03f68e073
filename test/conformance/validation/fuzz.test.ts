// Whatever a body holds, validation answers with issues: it throws nothing, and each issue names an element.
import * as fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue, Resource } from '../../../src/fhir/index.ts'
import { validator } from './checking.ts'

const SEEDS: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'p',
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">Ada &amp; co</p></div>',
    },
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Clinic', identifier: [{ value: '1' }] }],
    extension: [
      { url: 'http://example.org/x', extension: [{ url: 'y', valuePeriod: { start: '2024-01-01' } }] },
    ],
    name: [
      {
        use: 'official',
        family: 'Duck',
        given: ['Ada', null],
        _given: [null, { id: 'g2', extension: [{ url: 'http://example.org/x', valueCode: 'a' }] }],
      },
    ],
    telecom: [{ system: 'phone', value: '555' }],
    birthDate: '1980-02-29',
    _birthDate: { extension: [{ url: 'http://example.org/time', valueDateTime: '1980-02-29T10:00:00Z' }] },
    contact: [{ name: { text: 'Bo' }, period: { start: '2020', end: '2021' } }],
    managingOrganization: { reference: '#o' },
    link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
  },
  {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
        request: { method: 'POST', url: 'Observation' },
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: '44261-6' }] },
          subject: { reference: 'Patient/p' },
          effectiveDateTime: '2024-05-01T10:00:00Z',
          valueQuantity: { value: 12, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' },
          component: [{ code: { text: 'item 1' }, valueInteger: 2 }],
        },
      },
    ],
  },
  {
    resourceType: 'Questionnaire',
    status: 'active',
    item: [
      {
        linkId: '1',
        type: 'choice',
        answerOption: [{ valueCoding: { code: 'a' } }],
        enableWhen: [{ question: '2', operator: '=', answerBoolean: true }],
        item: [{ linkId: '1.1', type: 'string', maxLength: 10 }],
      },
    ],
  },
  {
    resourceType: 'StructureDefinition',
    url: 'http://example.org/sd',
    name: 'Sd',
    status: 'draft',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1, max: '1' }] },
  },
]

interface Place {
  readonly container: JsonObject | JsonValue[]
  readonly key: string | number
}

function places(value: JsonValue | undefined, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    const place = { container: value, key: Array.isArray(value) ? Number(key) : key }
    found.push(place)
    places((value as JsonObject)[key], found)
  }
  return found
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '#',
    '#o',
    'Patient/1',
    '2024-02-30',
    'http://example.org',
    '<div',
    1.5,
    [],
    {},
    [[]],
    [null],
    {
      resourceType: 'Patient',
    },
  ),
)

const NAMES = [
  'resourceType',
  'id',
  'extension',
  '_id',
  'url',
  'value',
  'valueString',
  '_valueString',
  'contained',
  'x',
]

const mutation = fc.record({
  at: fc.nat(),
  action: fc.constantFrom('replace', 'remove', 'wrap', 'rename', 'add', 'copy'),
  name: fc.oneof(fc.constantFrom(...NAMES), fc.string()),
  value: anything,
  from: fc.nat(),
})

function mutate(resource: Resource, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never): void {
  const all = places(resource)
  const place = all[change.at % Math.max(1, all.length)]
  const source = all[change.from % Math.max(1, all.length)]
  if (!place || !source) return
  const holder = place.container as JsonObject
  const old = holder[place.key]
  const value = structuredClone(change.value) as JsonValue
  if (change.action === 'replace') holder[place.key] = value
  else if (change.action === 'remove') delete holder[place.key]
  else if (change.action === 'wrap') holder[place.key] = [old ?? null]
  else if (change.action === 'copy')
    holder[place.key] = structuredClone((source.container as JsonObject)[source.key])
  else if (!Array.isArray(holder) && change.name !== '__proto__') {
    holder[change.name] = change.action === 'rename' ? old : value
    if (change.action === 'rename') delete holder[place.key]
  }
}

t.test('the seeds are valid, so that mutations start from good ground', async (t) => {
  for (const seed of SEEDS) t.same(validator.validate(seed), [], seed.resourceType)
})

t.test('mutated resources never throw', async (t) => {
  let faulty = 0
  fc.assert(
    fc.property(
      fc.nat(SEEDS.length - 1),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (seed, changes) => {
        const resource = structuredClone(SEEDS[seed]) as Resource
        for (const change of changes) mutate(resource, change)
        const issues = validator.validate(resource)
        if (issues.length > 0) faulty++
        return issues.every(({ diagnostics, expression }) => diagnostics !== '' && expression !== undefined)
      },
    ),
    { numRuns: 3000 },
  )
  t.ok(faulty > 1000, `${faulty} of 3000 had faults`)
})

t.test('any JSON never throws', async (t) => {
  fc.assert(
    fc.property(
      fc.object(),
      fc.constantFrom('Patient', 'Bundle', 'Claim', 'Parameters', 7, null),
      (body, resourceType) => {
        const resource = JSON.parse(JSON.stringify({ ...body, resourceType })) as Resource
        return Array.isArray(validator.validate(resource))
      },
    ),
    { numRuns: 500 },
  )
  t.pass('nothing was thrown')
})
