// SearchParameters that somebody wrote: what is taken, what is refused and by which element, and what is extracted.
import t from 'tap'
import {
  FhirError,
  loadDefinitions,
  loadFhirPath,
  parseFhirPath,
  type JsonObject,
  type Resource,
} from '../../src/fhir/index.ts'
import { readBundleResources } from '../../scripts/build-definitions/sources.ts'
import { compileExpression } from '../../src/search/compile-expression.ts'
import { expressionText } from '../../src/search/expression-text.ts'
import { createSearch, type CustomParameter, type Search } from '../../src/search/index.ts'
import type { IndexEntry } from '../../src/store/index.ts'

const definitions = loadDefinitions()
const BASE = 'http://alcove.example/fhir'
const URL = 'http://example.org/SearchParameter/'

const newSearch = () => createSearch({ definitions, baseUrl: BASE })

function parameter(code: string, content: JsonObject): Resource {
  return {
    resourceType: 'SearchParameter',
    url: URL + code,
    code,
    type: 'token',
    base: ['Patient'],
    ...content,
  }
}

async function live(search: Search, ...resources: Resource[]): Promise<CustomParameter[]> {
  const checked: CustomParameter[] = []
  for (const resource of resources) {
    checked.push({ ...(await search.checkCustom(resource)), state: 'live' })
    search.setCustom(checked)
  }
  return checked
}

const PATIENT: Resource = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  extension: [
    { url: 'http://race', valueCoding: { system: 's', code: 'asian', display: 'Asian' } },
    { url: 'http://other', valueCoding: { system: 's', code: 'no' } },
    { url: 'http://weight', valueQuantity: { value: 2, system: 'http://unitsofmeasure.org', code: 'kg' } },
  ],
  birthDate: '2000-01-01',
  _birthDate: { extension: [{ url: 'http://time', valueDateTime: '2000-01-01T10:00:00Z' }] },
  name: [
    { use: 'official', family: 'Off' },
    { use: 'nickname', given: ['a', 'b'] },
  ],
  generalPractitioner: [
    { reference: 'Practitioner/1', display: 'x' },
    { reference: '#pr', display: 'y' },
    { reference: 'Practitioner/2' },
    { reference: 'Organization/1', display: 'z' },
    { display: 'nobody' },
  ],
  contained: [{ resourceType: 'Practitioner', id: 'pr', name: [{ family: 'Foo' }], gender: 'male' }],
}

function shown(entry: IndexEntry): string {
  switch (entry.kind) {
    case 'token':
      return `${entry.system}|${entry.code}`
    case 'string':
      return entry.exact
    case 'reference':
      return entry.target.kind === 'url' ? entry.target.url : `${entry.target.kind} ${entry.target.id}`
    case 'date':
      return new Date(entry.low).toISOString()
    case 'number':
      return String(entry.low)
    case 'quantity':
      return `${entry.low} ${entry.code}`
    case 'uri':
      return entry.value
    case 'position':
      return `${entry.latitude} ${entry.longitude}`
    case 'composite':
      return entry.components.map(shown).join(' $ ')
  }
}

const extracted = (search: Search, resource: Resource, param: string) =>
  search
    .extract(resource)
    .entries.filter((entry) => entry.param === param)
    .map(shown)

t.test('what expressions select', async (t) => {
  const cases: [type: string, expression: string, expected: string[]][] = [
    ['token', "Patient.extension('http://race').value", ['s|asian']],
    ['token', "Patient.extension.where(url = 'http://race').value.as(Coding)", ['s|asian']],
    ['token', "(Patient.extension('http://race').value as Coding)", ['s|asian']],
    ['quantity', "extension('http://weight').value.ofType(Quantity)", ['2 kg']],
    ['date', "Patient.birthDate.extension('http://time').value", ['2000-01-01T10:00:00.000Z']],
    ['string', "Patient.name.where(use = 'official').family", ['Off']],
    [
      'string',
      "Patient.name.where(use = 'official').family | Patient.name.where(use = 'nickname').given.first()",
      ['Off', 'a'],
    ],
    ['string', '(Patient.name | Patient.contact.name).given', ['a', 'b']],
    ['string', "Patient.name.given.join(' ')", ['a b']],
    ['number', 'Patient.name.count()', ['2']],
    ['token', 'Patient.active.exists()', ['|true']],
    ['token', 'Patient.active.exists() and Patient.active != false', ['|true']],
    ['token', "iif(Patient.name.where(use = 'official').exists(), 'named', 'nameless')", ['|named']],
    ['quantity', "3 'mg'", ['3 mg']],
    ['date', "Patient.birthDate + 1 'year'", []],
    ['date', 'Patient.birthDate + 1 year', ['2001-01-01T00:00:00.000Z']],
    ['token', "Patient.contained.where(id = 'pr').gender", ['|male']],
    [
      'reference',
      'Patient.generalPractitioner.where(resolve() is Practitioner)',
      ['local 1', 'contained pr', 'local 2'],
    ],
    [
      'reference',
      'Patient.generalPractitioner.where((resolve() is Practitioner) and display.exists())',
      ['local 1', 'contained pr'],
    ],
    ['reference', "Patient.generalPractitioner.where(display = 'x')", ['local 1']],
    ['string', 'Patient.name.given.substring(0, 1)', []],
    ['uri', 'Patient.extension.url', ['http://race', 'http://other', 'http://weight']],
  ]
  for (const [type, expression, expected] of cases) {
    const search = newSearch()
    await live(search, parameter('it', { type, expression }))
    t.strictSame(extracted(search, PATIENT, 'it'), expected, expression)
  }
})

t.test('steps say what fhirpath says', async (t) => {
  const engine = await loadFhirPath()
  const expressions = [
    "Patient.extension('http://race').value",
    "Patient.name.where(use = 'official').family",
    '(Patient.name | Patient.contact.name).given',
    "Patient.name.where(use = 'nickname').where(period.exists()).given",
    'Patient.generalPractitioner.first().display',
  ]
  for (const expression of expressions) {
    const search = newSearch()
    await live(search, parameter('it', { type: 'string', expression: `${expression} | Patient.language` }))
    const node = parseFhirPath(expression)
    t.strictSame(parseFhirPath(expressionText(node)), node, `${expression} as text again`)
    const values = engine.evaluate(PATIENT, expression).filter((it) => typeof it === 'string')
    t.strictSame(extracted(search, PATIENT, 'it'), values, expression)
  }
})

t.test('expressions as text mean the same', async (t) => {
  const all = [
    "(a | b).c and (d = 'it\\'s' or not(e))",
    '(a + b) * c - -d',
    'a.where($this is Quantity).ofType(Quantity).value > 5.0',
    "@2020-01-01 <= b and c in ('x' | 'y') and 4 'mg' < d and 3 days > e",
    '`div`.`a b`[0].first() contains %resource.id',
    '{} | %`us-zip` & $index',
    'a.b.as(string) implies @T10:00 = c',
  ]
  for (const expression of all) {
    const node = parseFhirPath(expression)
    t.strictSame(parseFhirPath(expressionText(node)), node, expressionText(node))
  }
  t.equal(compileExpression(parseFhirPath('a.where(b = 1)')), undefined, 'a number is not compared as text')
  t.equal(compileExpression(parseFhirPath('a.b[0]')), undefined, 'the first of all, not of each')
})

t.test('what is refused, and by which element', async (t) => {
  const search = newSearch()
  await live(search, parameter('taken', { expression: 'Patient.gender' }))
  const cases: [content: JsonObject, code: string, element: string, text: RegExp][] = [
    [{ expression: 'Patient.name.(' }, 'invalid', 'expression', /character 14/],
    [{ expression: 'Patient.foo' }, 'invalid', 'expression', /Patient has no element 'foo'/],
    [{ expression: 'Patient.name.ofType(Nonsense)' }, 'invalid', 'expression', /no type 'Nonsense'/],
    [
      { expression: 'Patient.deceased.ofType(Quantity)' },
      'invalid',
      'expression',
      /Nothing of .* is a Quantity/,
    ],
    [{ expression: 'Patient.name.family.bar()' }, 'invalid', 'expression', /bar/],
    [{ expression: 'Observation.code' }, 'invalid', 'expression', /selects nothing in a Patient/],
    [
      { expression: 'Patient.generalPractitioner.resolve().name' },
      'invalid',
      'expression',
      /resolve\(\) cannot/,
    ],
    [{ expression: 'today()' }, 'invalid', 'expression', /today\(\) cannot/],
    [{}, 'invalid', 'expression', /without an expression/],
    [
      { type: 'number', expression: 'Patient.name' },
      'invalid',
      'expression',
      /number parameter cannot be about HumanName/,
    ],
    [{ base: ['Foo'], expression: 'Foo.bar' }, 'invalid', 'base[0]', /'Foo' is no resource type/],
    [{ base: [], expression: 'Foo.bar' }, 'invalid', 'base', /for which types/],
    [
      { type: 'reference', target: ['Patient', 'Foo'], expression: 'Patient.link.other' },
      'invalid',
      'target[1]',
      /'Foo' is no resource type/,
    ],
    [{ type: 'special', expression: 'Patient.name' }, 'business-rule', 'type', /'special' is not offered/],
    [{ code: '_id', expression: 'Patient.id' }, 'business-rule', 'code', /cannot stand/],
    [{ code: 'a:b', expression: 'Patient.id' }, 'business-rule', 'code', /cannot stand/],
    [{ code: 'name', type: 'string', expression: 'Patient.name.family' }, 'business-rule', 'code', /already/],
    [{ code: 'taken', url: 'http://x', expression: 'Patient.gender' }, 'business-rule', 'code', /already/],
    [
      {
        type: 'composite',
        expression: 'Patient.name',
        component: [
          { definition: 'http://hl7.org/fhir/SearchParameter/individual-family', expression: 'family' },
          { definition: 'http://nowhere', expression: 'given' },
        ],
      },
      'invalid',
      'component[1].definition',
      /no parameter http:\/\/nowhere/,
    ],
    [
      {
        type: 'composite',
        expression: 'Patient.name',
        component: [
          { definition: 'http://hl7.org/fhir/SearchParameter/individual-family', expression: 'family' },
        ],
      },
      'invalid',
      'component',
      /at least two/,
    ],
  ]
  for (const [content, code, element, text] of cases) {
    const error = await search.checkCustom(parameter('new', content)).catch((error: unknown) => error)
    const name = JSON.stringify(content)
    if (!(error instanceof FhirError)) {
      t.fail(`${name} is taken: ${error}`)
      continue
    }
    t.equal(error.code, code, name)
    t.equal(error.issues[0]?.expression, `SearchParameter.${element}`, name)
    t.match(error.message, text, name)
  }
})

t.test("US Core's parameters are taken, as steps", async (t) => {
  const all = readBundleResources('medplum', 'search-parameters-uscore.json', 'SearchParameter')
  t.equal(all.length, 7)
  for (const resource of all) {
    const { compiled, types } = await newSearch().checkCustom(resource as unknown as Resource)
    t.equal(types.length, 1, resource.id)
    for (const { selection } of compiled.values()) t.equal(selection.kind, 'steps', resource.id)
  }
  const search = newSearch()
  await live(search, ...(all as unknown as Resource[]))
  const ombCategory = {
    url: 'ombCategory',
    valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: '2028-9' },
  }
  const race = {
    url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
    extension: [ombCategory, { url: 'text', valueString: 'Asian' }],
  }
  t.strictSame(extracted(search, { resourceType: 'Patient', extension: [race] }, 'race'), ['|2028-9'])
})

t.test('what only says again what R4 says needs nothing', async (t) => {
  const search = newSearch()
  const again = await search.checkCustom(
    parameter('us-name', { code: 'name', type: 'string', expression: 'Patient.name' }),
  )
  t.strictSame(again.types, [])
  search.setCustom([{ ...again, state: 'live' }])
  t.equal(search.parameters('Patient').get('name')?.url, 'http://hl7.org/fhir/SearchParameter/Patient-name')
})

t.test('while it is being indexed it is extracted, but not offered', async (t) => {
  const search = newSearch()
  const race = await search.checkCustom(
    parameter('race', { expression: "Patient.extension('http://race').value" }),
  )
  t.equal(race.state, 'indexing')
  t.strictSame(extracted(search, PATIENT, 'race'), [], 'not before it is set')
  const before = search.indexVersion

  search.setCustom([{ ...race, indexed: { done: 400, total: 1000 } }])
  t.strictSame(extracted(search, PATIENT, 'race'), ['s|asian'])
  t.strictSame(extracted(search, PATIENT, 'race:text'), ['asian'])
  t.notOk(search.parameters('Patient').has('race'))
  t.equal(search.indexVersion, before)

  search.setCustom([{ ...race, state: 'live' }])
  t.match(search.parameters('Patient').get('race'), { url: `${URL}race`, base: 'Patient', type: 'token' })
  t.notOk(search.parameters('Practitioner').has('race'))

  const changed = await search.checkCustom(
    parameter('race', { expression: "Patient.extension('http://other').value" }),
  )
  search.setCustom([{ ...changed, state: 'live' }])
  t.strictSame(extracted(search, PATIENT, 'race'), ['s|no'], 'as it is now')

  search.setCustom([])
  t.notOk(search.parameters('Patient').has('race'))
  t.strictSame(extracted(search, PATIENT, 'race'), [])
})

t.test('of all types, and within what is contained', async (t) => {
  const search = newSearch()
  const [any, domain] = await live(
    search,
    parameter('tagged', { base: ['Resource'], expression: "Resource.meta.tag.where(system = 'x')" }),
    parameter('sex', {
      base: ['Patient', 'Practitioner'],
      expression: 'Patient.gender | Practitioner.gender',
    }),
    parameter('noted', {
      base: ['DomainResource'],
      type: 'string',
      expression: "DomainResource.extension('n').value",
    }),
  )
  t.equal(any?.types.length, 146)
  t.strictSame(domain?.types, ['Patient', 'Practitioner'])
  t.ok(search.parameters('Bundle').has('tagged'))
  t.notOk(search.parameters('Bundle').has('noted'))
  t.ok(search.parameters('Basic').has('noted'))
  t.strictSame(
    extracted(search, { resourceType: 'Bundle', meta: { tag: [{ system: 'x', code: '1' }] } }, 'tagged'),
    ['x|1'],
  )
  const [contained] = search.extract(PATIENT).contained
  t.strictSame(contained?.entries.filter((entry) => entry.param === 'sex').map(shown), [
    'http://hl7.org/fhir/administrative-gender|male',
  ])
})

t.test("a composite of R4's parameters and of custom ones", async (t) => {
  const search = newSearch()
  await live(
    search,
    parameter('use', { expression: 'Patient.name.use' }),
    parameter('use-family', {
      type: 'composite',
      expression: 'Patient.name',
      component: [
        { definition: `${URL}use`, expression: 'use' },
        { definition: 'http://hl7.org/fhir/SearchParameter/individual-family', expression: 'family' },
      ],
    }),
  )
  t.strictSame(extracted(search, PATIENT, 'use-family'), ['http://hl7.org/fhir/name-use|official $ Off'])
})

t.test('an expression that would not end is stopped', async (t) => {
  const search = newSearch()
  await live(
    search,
    parameter('evil', { type: 'string', expression: "Patient.name.family.where($this.matches('^(a+)+$'))" }),
  )
  const named = (family: string): Resource => ({ resourceType: 'Patient', id: 'p', name: [{ family }] })
  const values = (resource: Resource) =>
    search.extract(resource).entries.filter(({ param, kind }) => param === 'evil' && kind === 'string')
  t.match(values(named('aaa')), [{ exact: 'aaa' }])
  t.throws(() => search.extract(named(`${'a'.repeat(200)}!`)), { code: 'too-costly', message: /'evil'/ })
  t.match(values(named('aaa')), [{ exact: 'aaa' }], 'and the next resource is read as before')
})
