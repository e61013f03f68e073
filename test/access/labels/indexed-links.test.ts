// What the index says of labels beside them: links that no parameter follows, and whether all labels were found.
import t from 'tap'
import { ALL_FOUND, LABEL_SOURCE, taken, withLabelLinks } from '../../../src/access/labels/index.ts'
import { loadDefinitions, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { createSearch } from '../../../src/search/index.ts'
import { ACT_CODE } from './rules.ts'

const BASE = 'http://127.0.0.1:8080/fhir'
const definitions = loadDefinitions()
const plain = createSearch({ definitions, baseUrl: BASE })
const search = withLabelLinks(plain, definitions, BASE)
const found = { system: ACT_CODE, code: 'HIV', userSelected: false }
const kept = {
  system: ACT_CODE,
  code: 'HIV',
  extension: [{ url: 'https://alcove.health/fhir/StructureDefinition/kept-label', valueBoolean: true }],
}

function marked(resourceType: string, security: readonly JsonObject[], more: JsonObject = {}): boolean {
  const { labels } = search.extract({
    resourceType,
    id: 'x',
    meta: { security: [...security] },
    ...more,
  } as Resource)
  return labels.includes(ALL_FOUND)
}

t.test(
  'a resource is marked whose labels were all found, and that gives none along its own links',
  async (t) => {
    t.ok(marked('Observation', [found]))
    t.notOk(marked('Observation', []), 'without labels nothing is to be known')
    t.notOk(marked('Observation', [found, { system: ACT_CODE, code: 'PSY' }]), 'one was sent')
    t.notOk(marked('Observation', [{ system: ACT_CODE, code: 'PSY', userSelected: true }]))
    t.notOk(marked('Binary', [found, kept]))
    t.ok(marked('Observation', [found], { encounter: { reference: 'Encounter/e' } }))
    const spoofed = { system: '_security:found', code: 'all' }
    t.notOk(marked('Observation', [found, spoofed]), 'nobody marks it by sending the mark')
    const labels = search.extract({
      resourceType: 'Basic',
      id: 'x',
      meta: { security: [spoofed] },
    } as Resource).labels
    t.same(labels, [])
    const content = [{ attachment: { url: 'Binary/b' } }]
    t.notOk(marked('DocumentReference', [found], { content }))
    t.notOk(marked('Provenance', [found], { target: [{ reference: 'Observation/o' }] }))
  },
)

t.test('the mark stands beside the labels, and tells of a change of the index', async (t) => {
  const resource = { resourceType: 'Observation', id: 'x', meta: { security: [found] } } as Resource
  t.same(search.extract(resource).labels, [{ system: ACT_CODE, code: 'HIV' }, ALL_FOUND])
  t.same(search.extract(resource).entries, plain.extract(resource).entries, 'no search finds it')
  t.same(taken('inherits', [ALL_FOUND]), [], 'nothing takes it')
  t.not(search.indexVersion, plain.indexVersion)
})

t.test('links that no parameter follows are kept by a name that none has', async (t) => {
  const extension = [{ url: 'http://x.example', valueReference: { reference: 'Condition/c' } }]
  const resource = { resourceType: 'Observation', id: 'x', extension } as Resource
  t.same(
    search.extract(resource).entries.filter(({ param }) => param === LABEL_SOURCE),
    [{ kind: 'reference', param: LABEL_SOURCE, target: { kind: 'local', type: 'Condition', id: 'c' } }],
  )
})
