// The API description names every operation where it is answered, and says of it what is so.
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/index.ts'
import { openApiDocument } from '../../src/openapi/index.ts'
import { OPERATIONS } from '../../src/operations/index.ts'
import { allowedMethods } from '../../src/rest/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { BASE } from '../rest/server.ts'

interface Described {
  readonly operationId: string
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref?: string } }> }
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}

const definitions = loadDefinitions()
const document = openApiDocument({
  baseUrl: BASE,
  definitions,
  search: createSearch({ definitions, baseUrl: BASE }),
  software: { name: 'Alcove', version: '0' },
})
const paths = document.paths as Record<
  string,
  Record<string, Described> & { parameters?: { $ref: string }[] }
>
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete']

t.test('each operation at each of its levels, by the methods that are answered', async (t) => {
  const named = Object.keys(paths).filter((path) => path.includes('$'))
  t.same(named.toSorted(), [
    '/$billing-worklist',
    '/$import-x12',
    '/$label',
    '/$relabel',
    '/$revenue',
    '/Claim/$check',
    '/Claim/$submit',
    '/Claim/{id}/$check',
    '/Claim/{id}/$request-authorization',
    '/Claim/{id}/$submit',
    '/Claim/{id}/$void',
    '/Claim/{id}/$x12',
    '/CoverageEligibilityRequest/{id}/$check-eligibility',
    '/Encounter/{id}/$everything',
    '/Encounter/{id}/$generate-claim',
    '/EpisodeOfCare/{id}/$generate-claim',
    '/Group/{id}/$generate-claims',
    '/Measure/$evaluate-measure',
    '/Measure/{id}/$evaluate-measure',
    '/Observation/$lastn',
    '/Patient/$everything',
    '/Patient/{id}/$account-balance',
    '/Patient/{id}/$authorizations',
    '/Patient/{id}/$everything',
    '/Patient/{id}/$outcomes',
    '/Questionnaire/$populate',
    '/Questionnaire/{id}/$populate',
    '/QuestionnaireResponse/$extract',
    '/QuestionnaireResponse/$score',
    '/QuestionnaireResponse/{id}/$extract',
    '/QuestionnaireResponse/{id}/$score',
    '/{type}/$label',
    '/{type}/{id}/$label',
  ])
  t.equal(
    named.length,
    OPERATIONS.reduce((sum, { levels }) => sum + Object.keys(levels).length, 0),
  )
  for (const path of named) {
    const item = paths[path] ?? {}
    const segments = path.slice(1).replace('{type}', 'Patient').replace('{id}', 'x').split('/')
    t.same(
      METHODS.filter((method) => method in item).toSorted(),
      allowedMethods(segments)
        .map((method) => method.toLowerCase())
        .toSorted(),
      path,
    )
    const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `#/components/parameters/${name}`)
    t.same(
      item.parameters?.map(({ $ref }) => $ref),
      placeholders,
      path,
    )
  }
})

t.test('what is posted and what is answered', async (t) => {
  const sent = (path: string) => paths[path]?.post?.requestBody?.content['application/fhir+json']?.schema.$ref
  t.equal(sent('/$label'), '#/components/schemas/Resource')
  t.equal(sent('/{type}/$label'), '#/components/schemas/Resource')
  t.equal(sent('/{type}/{id}/$label'), '#/components/schemas/Parameters')
  const answered = (path: string, method: string) =>
    paths[path]?.[method]?.responses[200]?.content?.['application/fhir+json']?.schema
  t.same(answered('/$relabel', 'get'), { $ref: '#/components/schemas/Parameters' })
  t.same(answered('/Patient/{id}/$everything', 'get'), { $ref: '#/components/schemas/Bundle' })
  t.equal(answered('/$relabel', 'head'), undefined)
  const course = paths['/Patient/{id}/$outcomes']?.get?.responses[200]?.content ?? {}
  t.same(course['image/svg+xml'], { schema: { type: 'string' } })
  t.ok(course['application/fhir+json'])
})

t.test('no two are called the same, and nothing is referred to that is not there', async (t) => {
  const ids = Object.values(paths).flatMap((item) =>
    METHODS.flatMap((method) => item[method]?.operationId ?? []),
  )
  t.equal(new Set(ids).size, ids.length)
  const refs = new Set(JSON.stringify(document).match(/#\/components\/[\w/-]+/g))
  for (const ref of refs) {
    const found = ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document)
    t.ok(found, ref)
  }
})
