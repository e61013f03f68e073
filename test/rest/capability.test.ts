// The CapabilityStatement: valid R4, whole, and true: every claim is tried.
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type Resource } from '../../src/fhir/index.ts'
import { INTERACTIONS } from '../../src/rest/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { BASE, startServer, type TestServer } from './server.ts'

interface Claims {
  readonly rest: readonly {
    readonly interaction: readonly { readonly code: string }[]
    readonly resource: readonly {
      readonly type: string
      readonly interaction: readonly { readonly code: string }[]
      readonly searchParam: readonly { readonly name: string; readonly type: string }[]
      readonly searchInclude?: readonly string[]
    }[]
  }[]
}

/** A request for each interaction of a type; none may be refused as unknown or not offered. */
const TRIES: Readonly<Record<string, (type: string) => string>> = {
  read: (type) => `GET ${type}/x`,
  vread: (type) => `GET ${type}/x/_history/1`,
  update: (type) => `PUT ${type}/x`,
  patch: (type) => `PATCH ${type}/x`,
  delete: (type) => `DELETE ${type}/x`,
  'history-instance': (type) => `GET ${type}/x/_history`,
  'history-type': (type) => `GET ${type}/_history`,
  create: (type) => `POST ${type}`,
  'search-type': (type) => `GET ${type}`,
  'history-system': () => 'GET _history',
  'search-system': () => 'GET ?_id=x',
  batch: () => 'POST ',
  transaction: () => 'POST ',
}

const VALUES: Readonly<Record<string, string>> = {
  string: 'a',
  token: 'true',
  reference: 'x',
  date: '2026',
  number: '1',
  quantity: '1',
  uri: 'urn:x',
}

const search = createSearch({ definitions: loadDefinitions(), baseUrl: BASE })

/** What a parameter of this type takes; of a composite, what its components take. */
function valueFor(type: string, name: string): string {
  const parameter = search.parameters(type).get(name)
  if (parameter?.type === 'special') return '51.5|-0.1|10|km'
  if (parameter?.type !== 'composite') return VALUES[parameter?.type ?? ''] as string
  const known = [...search.parameters(type).values()]
  return parameter.components
    .map(({ definition }) => VALUES[known.find(({ url }) => url === definition)?.type ?? ''])
    .join('$')
}

async function claims({ ask }: TestServer): Promise<Claims> {
  return (await ask('GET metadata')).json
}

t.test('it is valid R4', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask('GET metadata')
  t.equal(reply.status, 200)
  const faults = createValidator(loadDefinitions()).validate(parseJson(Buffer.from(reply.text)) as Resource)
  t.same(
    faults.filter(({ severity }) => severity !== 'warning'),
    [],
  )
  t.equal(reply.json.fhirVersion, '4.0.1')
  t.equal(reply.json.implementation.url, BASE)
})

t.test('it names all 146 types and every interaction that is offered', async (t) => {
  const server = startServer(t)
  const [rest] = (await claims(server)).rest
  t.same(
    rest?.resource.map(({ type }) => type),
    loadDefinitions().resourceTypes,
  )
  t.equal(rest?.resource.length, 146)
  const offered = (levels: readonly string[]): string[] => [
    ...new Set(
      INTERACTIONS.filter(
        (row) =>
          row.offered &&
          levels.includes(row.level) &&
          !['capabilities', 'transaction', 'operation', 'search-compartment'].includes(row.code),
      ).map(({ code }) => code as string),
    ),
  ]
  for (const { type, interaction } of rest?.resource ?? [])
    t.same(interaction.map(({ code }) => code).toSorted(), offered(['instance', 'type']).toSorted(), type)
  t.same(
    rest?.interaction.map(({ code }) => code).toSorted(),
    [...offered(['system']), 'batch', 'transaction'].toSorted(),
  )
})

t.test('every interaction claimed is answered', async (t) => {
  const server = startServer(t)
  const [rest] = (await claims(server)).rest
  const tried: (readonly [string, string])[] = (rest?.interaction ?? []).map(({ code }) => [code, ''])
  for (const { type, interaction } of rest?.resource ?? [])
    tried.push(...interaction.map(({ code }) => [code, type] as const))
  let failed = 0
  for (const [code, type] of tried) {
    const line = TRIES[code]?.(type)
    if (line === undefined) {
      t.fail(`nothing is known of the interaction ${code}`)
      continue
    }
    const reply = await server.ask(line, /^(POST|PUT|PATCH)/.test(line) ? '' : undefined)
    // An empty body, or a resource that is not there, is refused in these words; what is not offered in others.
    const expected =
      { read: 404, vread: 404, 'history-instance': 404, delete: 204 }[code] ??
      (line.startsWith('GET') ? 200 : 400)
    if (reply.status !== expected) {
      failed++
      t.fail(`${line}: ${reply.status} ${reply.text}`)
    }
  }
  t.equal(failed, 0)
})

t.test('every search parameter and include claimed is understood', async (t) => {
  const server = startServer(t)
  const [rest] = (await claims(server)).rest
  const refused: string[] = []
  let tried = 0
  for (const { type, searchParam, searchInclude } of rest?.resource ?? []) {
    const queries = [
      ...searchParam.map(({ name }) => `${name}=${valueFor(type, name)}`),
      ...(searchInclude ?? []).map((include) => `_include=${include}`),
    ]
    for (const query of queries) {
      tried++
      const reply = await server.ask(`GET ${type}?${query}`)
      if (reply.status !== 200) refused.push(`${type}?${query}: ${reply.text}`)
    }
  }
  t.same(refused, [])
  t.ok(tried > 1000)
})

t.test('what is not claimed is refused', async (t) => {
  const server = startServer(t)
  const [rest] = (await claims(server)).rest
  const observation = rest?.resource.find(({ type }) => type === 'Observation')
  const names = observation?.searchParam.map(({ name }) => name) ?? []
  t.ok(names.includes('_id'))
  t.ok(names.includes('_lastUpdated'))
  for (const name of ['_query', 'nonsense', 'code:nonsense', 'date:exact', 'code:contains']) {
    t.notOk(names.includes(name), name)
    t.equal((await server.ask(`GET Observation?${name}=a`)).status, 400, name)
  }
})

t.test('conditions and parameters', async (t) => {
  const { ask } = startServer(t)
  const { headers } = await ask('GET metadata')
  t.equal((await ask('GET metadata', undefined, { 'if-none-match': headers.etag as string })).status, 304)
  t.equal((await ask('GET metadata', undefined, { 'if-none-match': 'W/"x"' })).status, 200)
  t.equal((await ask('GET metadata?mode=full')).status, 200)
  t.equal((await ask('GET metadata?mode=terminology')).status, 501)
  t.equal((await ask('GET metadata?foo=1')).status, 400)
  t.same(Object.keys((await ask('GET metadata?_elements=software')).json).includes('software'), true)
})
