// The search parameters that R4 registers, and which of them a search may use.
import t from 'tap'
import { readBundleResources, type SourceResource } from '../../scripts/build-definitions/sources.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { ROWS } from '../../src/search/generated/search-parameters.ts'
import { createSearch } from '../../src/search/index.ts'
import { createRegistry } from '../../src/search/registry.ts'

const definitions = loadDefinitions()
const registry = createRegistry(definitions)
const search = createSearch({ definitions, baseUrl: 'http://localhost/fhir' })

interface Source extends SourceResource {
  readonly resourceType: 'SearchParameter'
  readonly code: string
  readonly type: string
  readonly base: readonly string[]
  readonly target?: readonly string[]
}
const NOT_R4 = ['DetectedIssue-status', 'DeviceDefinition-classification', 'ServiceRequest-order-detail']
const sources = readBundleResources<Source>('medplum', 'search-parameters.json', 'SearchParameter').filter(
  (it) => !NOT_R4.includes(it.id),
)

t.test('every parameter of R4 is there, once for each of its types', async (t) => {
  t.equal(sources.length, 1375)
  const wanted = sources
    .flatMap((it) => it.base.map((base) => `${base} ${it.code} ${it.type} ${it.id}`))
    .sort()
  const found = Object.entries(ROWS)
    .flatMap(([base, rows]) => rows().map(([code, type, id]) => `${base} ${code} ${type} ${id}`))
    .sort()
  t.strictSame(found, wanted)
  t.equal(found.length, 1706)
})

t.test('the types of the parameters, counted', async (t) => {
  const counts: Record<string, number> = {}
  for (const { type } of sources) counts[type] = (counts[type] ?? 0) + 1
  t.strictSame(counts, {
    string: 133,
    token: 536,
    date: 109,
    uri: 45,
    reference: 472,
    quantity: 27,
    composite: 46,
    number: 6,
    special: 1,
  })
})

t.test('targets are those of the source; any type means all but Parameters', async (t) => {
  for (const source of sources.filter((it) => it.type === 'reference' && it.target !== undefined)) {
    for (const base of source.base) {
      const { targets } = registry.of(base).get(source.code)?.definition ?? { targets: [] }
      t.strictSame(targets, [...(source.target ?? [])].sort(), `${base}.${source.code}`)
    }
  }
  t.equal(search.parameters('RequestGroup').get('instantiates-canonical')?.targets.length, 145)
})

t.test('all 146 types have those of every resource', async (t) => {
  t.equal(definitions.resourceTypes.length, 146)
  for (const type of definitions.resourceTypes) {
    const codes = [...search.parameters(type).keys()]
    const common = ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag']
    t.strictSame(
      codes.filter((code) => code.startsWith('_')),
      common,
      type,
    )
  }
})

t.test('what is not offered is known all the same', async (t) => {
  for (const [type, code] of [
    ['Observation', 'code-value-quantity'],
    ['Location', 'near'],
    ['Patient', 'phonetic'],
    ['Patient', '_text'],
    ['Bundle', '_content'],
  ] as const) {
    t.ok(registry.of(type).has(code), `${type} ${code} is known`)
    t.notOk(search.parameters(type).has(code), `${type} ${code} is not offered`)
  }
  t.notOk(registry.of('Bundle').has('_text'), 'a Bundle has no narrative')
  t.equal(search.parameters('Nonsense').size, 0)
  const offered = definitions.resourceTypes.flatMap((type) => [...search.parameters(type).values()])
  t.notOk(offered.some((it) => it.type === 'composite' || it.type === 'special'))
})

t.test('a definition says what R4 says', async (t) => {
  t.strictSame(search.parameters('Condition').get('patient'), {
    code: 'patient',
    url: 'http://hl7.org/fhir/SearchParameter/clinical-patient',
    type: 'reference',
    base: 'Condition',
    expression: 'Condition.subject.where(resolve() is Patient)',
    targets: ['Patient'],
    components: [],
    description: 'Who has the condition?',
  })
  const composite = registry.of('Observation').get('code-value-quantity')?.definition
  t.strictSame(composite?.components, [
    { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
    {
      definition: 'http://hl7.org/fhir/SearchParameter/Observation-value-quantity',
      expression: 'value.as(Quantity)',
    },
  ])
})

t.test('every offered parameter reaches a value that its type can hold', async (t) => {
  const useless: string[] = []
  for (const type of definitions.resourceTypes) {
    for (const code of search.parameters(type).keys()) {
      if (registry.valueTypes(type, code).length === 0) useless.push(`${type}.${code}`)
    }
  }
  t.strictSame(useless, [])
})
