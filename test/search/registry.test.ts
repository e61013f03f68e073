// The search parameters that R4 registers, and which of them a search may use.
import t from 'tap'
import { readBundleResources, type SourceResource } from '../../scripts/build-definitions/sources.ts'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { ROWS } from '../../src/search/generated/search-parameters.ts'
import { createRegistry } from '../../src/search/registry.ts'

const definitions = loadDefinitions()
const registry = createRegistry(definitions)

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
  t.equal(registry.offered('RequestGroup').get('instantiates-canonical')?.targets.length, 145)
})

t.test('all 146 types have those of every resource', async (t) => {
  t.equal(definitions.resourceTypes.length, 146)
  for (const type of definitions.resourceTypes) {
    const narrative = ['Binary', 'Bundle', 'Parameters'].includes(type) ? [] : ['_text']
    t.strictSame(
      [...registry.offered(type).keys()].filter((code) => code.startsWith('_')).sort(),
      ['_content', '_id', '_lastUpdated', '_profile', '_security', '_source', '_tag', ...narrative],
      type,
    )
  }
})

t.test('everything is offered but named queries', async (t) => {
  const withheld = definitions.resourceTypes.flatMap((type) =>
    [...registry.of(type).keys()].filter((code) => !registry.offered(type).has(code)),
  )
  t.strictSame([...new Set(withheld)], ['_query'])
  t.equal(withheld.length, 146)
  t.equal(registry.offered('Nonsense').size, 0)
})

t.test('the components of composites', async (t) => {
  let composites = 0
  for (const type of definitions.resourceTypes) {
    for (const [code, { definition }] of registry.of(type)) {
      const components = registry.components(type, code)
      t.equal(components.length, definition.components.length, `${type}.${code}`)
      if (definition.type !== 'composite') continue
      composites += 1
      for (const [at, component] of components.entries()) {
        t.equal(component.definition.url, definition.components[at]?.definition, `${type}.${code} ${at}`)
        t.ok(component.valueTypes.length > 0, `${type}.${code} ${at} has values`)
      }
    }
  }
  t.equal(composites, sources.filter((it) => it.type === 'composite').flatMap((it) => it.base).length)
  const shown = (type: string, code: string) =>
    registry
      .components(type, code)
      .map(({ definition, covered, valueTypes }) => [
        definition.code,
        definition.type,
        covered,
        valueTypes.join(),
      ])
  t.strictSame(shown('Observation', 'code-value-date'), [
    ['code', 'token', true, 'CodeableConcept'],
    ['value-date', 'date', true, 'dateTime,Period'],
  ])
  t.strictSame(shown('Observation', 'combo-code-value-quantity'), [
    ['combo-code', 'token', true, 'CodeableConcept'],
    ['combo-value-quantity', 'quantity', true, 'Quantity'],
  ])
  t.strictSame(shown('MolecularSequence', 'chromosome-variant-coordinate'), [
    ['chromosome', 'token', true, 'CodeableConcept'],
    ['variant-start', 'number', true, 'integer'],
    ['variant-end', 'number', true, 'integer'],
  ])
})

t.test('a definition says what R4 says', async (t) => {
  t.strictSame(registry.offered('Condition').get('patient'), {
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
    for (const code of registry.offered(type).keys()) {
      if (['_text', '_content'].includes(code)) continue
      if (registry.valueTypes(type, code).length === 0) useless.push(`${type}.${code}`)
    }
  }
  t.strictSame(useless, [])
})
