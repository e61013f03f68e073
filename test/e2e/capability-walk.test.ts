// Walks the CapabilityStatement of a whole server and tries each claim; what is not claimed must not work either.
import t, { type Test } from 'tap'
import { loadDefinitions, writeXml, type JsonObject } from '../../src/fhir/index.ts'
import { createSearch, type Search } from '../../src/search/index.ts'
import type { Answer, Bundle, Client, Resource, ResourceType } from '../clients/client.ts'
import { eachConcurrently } from './each-concurrently.ts'
import { minimalResource } from './minimal-resource.ts'
import { serve, temporaryFolder } from './server-process.ts'

interface TypeClaims {
  readonly type: ResourceType
  readonly profile: string
  readonly interaction: readonly { readonly code: string }[]
  readonly versioning: string
  readonly readHistory: boolean
  readonly updateCreate: boolean
  readonly conditionalCreate: boolean
  readonly conditionalRead: string
  readonly conditionalUpdate: boolean
  readonly conditionalDelete: string
  readonly referencePolicy: readonly string[]
  readonly searchInclude?: readonly string[]
  readonly operation?: readonly { readonly name: string }[]
  readonly searchParam: readonly {
    readonly name: string
    readonly definition: string
    readonly type: string
  }[]
}

interface Statement extends Resource {
  readonly fhirVersion: string
  readonly format: readonly string[]
  readonly patchFormat: readonly string[]
  readonly rest: readonly [
    {
      readonly mode: string
      readonly interaction: readonly { readonly code: string }[]
      readonly operation: readonly { readonly name: string }[]
      readonly resource: readonly TypeClaims[]
      readonly compartment: readonly string[]
    },
  ]
}

// Processes are started on machines of any speed.
t.setTimeout(300_000)

const CONCURRENCY = 8
/** Everything that R4 lets a server claim of a type's interactions. */
const TYPE_INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
]

const VALUES: Readonly<Record<string, string>> = {
  string: 'a',
  token: 'true',
  reference: 'x',
  date: '2026',
  number: '1',
  quantity: '1',
  uri: 'urn:x',
}

const definitions = loadDefinitions()
const folder = await temporaryFolder(t)
const { client, url } = await serve(t, { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` })
const { json: statement } = await client.ask<Statement>('GET metadata')
const [rest] = statement.rest

/** Collects what was not as claimed, so that one failure does not hide the others. */
class Trial {
  readonly wrong: string[] = []
  readonly tried = new Set<string>()
  count = 0

  expect(
    claim: string,
    status: number | readonly number[],
    answer: Answer<unknown>,
    holds: boolean = true,
  ): void {
    this.tried.add(claim)
    this.count++
    if (![status].flat().includes(answer.status) || !holds)
      this.wrong.push(`${claim}: ${answer.status} ${answer.text.slice(0, 400)}`)
  }
}

t.test('the statement is about this server', async (t) => {
  t.equal(statement.fhirVersion, '4.0.1')
  t.equal((statement['implementation'] as { url: string }).url, `${url}/fhir`)
  t.same(
    rest.resource.map(({ type }) => type),
    definitions.resourceTypes,
  )
})

t.test('every interaction of every type', async (t) => {
  const trial = new Trial()
  await eachConcurrently(rest.resource, CONCURRENCY, (claims) => walkType(client, claims, trial))
  t.same(trial.wrong.slice(0, 20), [])
  t.ok(trial.count > rest.resource.length * 20, `${trial.count} answers looked at`)
})

async function walkType(client: Client, claims: TypeClaims, trial: Trial): Promise<void> {
  const { type } = claims
  const claimed = new Set(claims.interaction.map(({ code }) => code))
  const tried = new Set<string>()
  const expect = (
    code: string,
    status: number | readonly number[],
    answer: Answer<unknown>,
    holds = true,
  ): void => {
    tried.add(code)
    trial.expect(`${type} ${code}`, status, answer, holds)
  }
  const minimal = minimalResource(type, definitions)

  const created = await client.create(minimal)
  expect('create', 201, created)
  if (created.status !== 201) return
  const { id } = created.json as { id: string }
  expect('create', 201, created, created.headers.get('location') === `${url}/fhir/${type}/${id}/_history/1`)
  expect('create', 201, created, created.headers.get('etag') === 'W/"1"')
  const back = await client.read(type, id)
  expect('read', 200, back, back.text === created.text)

  const updated = await client.update({ ...minimal, id, language: 'en' }, 'W/"1"')
  expect('update', 200, updated, updated.headers.get('etag') === 'W/"2"')
  if (claims.versioning === 'versioned-update')
    expect('update', 412, await client.update({ ...minimal, id, language: 'fr' }, 'W/"1"'))
  const old = await client.vread(type, id, '1')
  expect('vread', 200, old, old.text === created.text)
  for (const format of statement.patchFormat) {
    const patch = PATCHES[format]?.(type)
    if (patch === undefined) trial.wrong.push(`nothing is known of patches in ${format}`)
    else {
      const patched = await client.ask<Resource>(`PATCH ${type}/${id}`, {
        body: patch.body,
        headers: { 'content-type': format },
      })
      expect('patch', 200, patched, patched.json['language'] === patch.language)
    }
  }

  const { headers } = await client.read(type, id)
  const etag = headers.get('etag') ?? ''
  if (claims.conditionalRead === 'full-support') {
    expect('read', 304, await client.ask(`GET ${type}/${id}`, { headers: { 'if-none-match': etag } }))
    expect(
      'read',
      304,
      await client.ask(`GET ${type}/${id}`, {
        headers: { 'if-modified-since': headers.get('last-modified') ?? '' },
      }),
    )
  }

  const found = await client.ask<Bundle>(`GET ${type}?_id=${id}`)
  expect('search-type', 200, found, ids(found).join() === id && found.json.total === 1)
  const posted = await client.ask<Bundle>(`POST ${type}/_search`, {
    body: `_id=${id}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect('search-type', 200, posted, ids(posted).join() === id)

  const history = await client.history(type, id)
  expect(
    'history-instance',
    200,
    history,
    history.json.total === Number(/\d+/.exec(etag)) && history.json.entry?.length === history.json.total,
  )
  const all = await client.ask<Bundle>(`GET ${type}/_history`)
  expect('history-type', 200, all, ids(all).includes(id))

  if (claims.conditionalCreate) {
    expect('create', 200, await client.create(minimal, `_id=${id}`))
    const more = await client.create(minimal, '_id=nothing-has-this')
    expect('create', 201, more)
  }
  if (claims.conditionalUpdate) {
    const line = `PUT ${type}?_id=${id}`
    const { resourceType, ...elements } = minimal
    const answer = await client.ask<Resource>(line, { body: { resourceType, language: 'nl', ...elements } })
    expect('update', 200, answer, answer.json.id === id && answer.json['language'] === 'nl')
  }
  expect(
    'patch',
    200,
    await client.ask(`PATCH ${type}?_id=${id}`, {
      body: [{ op: 'replace', path: '/language', value: 'pl' }],
      headers: { 'content-type': 'application/json-patch+json' },
    }),
  )
  if (claims.updateCreate) {
    const answer = await client.update({ ...minimal, id: 'chosen-by-client' })
    expect('update', 201, answer, answer.json.id === 'chosen-by-client')
    expect('delete', 204, await client.delete(type, 'chosen-by-client'))
  }
  if (claims.conditionalDelete === 'single') {
    // There is another by now, from the conditional create.
    expect('delete', 412, await client.ask(`DELETE ${type}?_lastUpdated=gt2000`))
    expect('delete', 204, await client.ask(`DELETE ${type}?_id=${id}`))
  } else expect('delete', 204, await client.delete(type, id))
  expect('read', 410, await client.read(type, id))
  if (claims.readHistory) {
    const older = await client.vread(type, id, '1')
    expect('vread', 200, older, older.text === created.text)
    expect('vread', 200, await client.vread(type, id, '2'))
  }
  expect('search-type', 200, await client.ask(`GET ${type}?_id=${id}`))

  for (const code of TYPE_INTERACTIONS)
    if (claimed.has(code) !== tried.has(code))
      trial.wrong.push(
        `${type} ${code}: ${claimed.has(code) ? 'claimed, but not tried' : 'works, but is not claimed'}`,
      )
}

const PATCHES: Readonly<Record<string, (type: string) => { body: unknown; language: string }>> = {
  'application/json-patch+json': () => ({
    body: [{ op: 'replace', path: '/language', value: 'de' }],
    language: 'de',
  }),
  'application/fhir+xml': (type) => ({
    body: `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="${type}.language"/></part><part><name value="value"/><valueCode value="fr"/></part></parameter></Parameters>`,
    language: 'fr',
  }),
  'application/fhir+json': (type) => ({
    body: {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: `${type}.language` },
            { name: 'value', valueCode: 'es' },
          ],
        },
      ],
    },
    language: 'es',
  }),
}

function ids(answer: Answer<Bundle>): (string | undefined)[] {
  return (answer.json.entry ?? []).map(({ resource }) => resource?.id)
}

/** What a parameter takes; of a composite, what its components take. */
function valueFor(parameters: ReturnType<Search['parameters']>, name: string, kind: string): string {
  if (kind === 'special') return '51.5|-0.1|10|km'
  if (kind !== 'composite') return VALUES[kind] ?? '?'
  const known = [...parameters.values()]
  const components = parameters.get(name)?.components ?? []
  return components
    .map(({ definition }) => VALUES[known.find(({ url: its }) => its === definition)?.type ?? ''] ?? '?')
    .join('$')
}

t.test('every search parameter and include; none that is not claimed', async (t) => {
  const search = createSearch({ definitions, baseUrl: `${url}/fhir` })
  const everyName = [
    ...new Set(rest.resource.flatMap(({ searchParam }) => searchParam.map(({ name }) => name))),
  ]
  const trial = new Trial()
  const isSearchset = (answer: Answer<Bundle>): boolean =>
    answer.json.resourceType === 'Bundle' && answer.json.type === 'searchset'

  await eachConcurrently(rest.resource, CONCURRENCY, async ({ type, searchParam, searchInclude = [] }) => {
    const claimed = new Set(searchParam.map(({ name }) => name))
    for (const { name, type: kind } of searchParam) {
      const value = valueFor(search.parameters(type), name, kind)
      const answer = await client.ask<Bundle>(`GET ${type}?${name}=${encodeURIComponent(value)}`)
      trial.expect(`${type}?${name}`, 200, answer, isSearchset(answer))
      // The self link tells what was really searched by.
      const self = answer.json.link?.find(({ relation }) => relation === 'self')?.url ?? ''
      trial.expect(`${type}?${name} in self`, 200, answer, new URLSearchParams(self.split('?')[1]).has(name))
    }
    for (const include of searchInclude) {
      const answer = await client.ask<Bundle>(`GET ${type}?_include=${include}`)
      trial.expect(`${type}?_include=${include}`, 200, answer, isSearchset(answer))
    }

    // Parameters that R4 defines for the type but the server does not claim, and some of other types.
    const known = [...search.parameters(type).keys()].filter((name) => !claimed.has(name))
    const foreign = everyName.filter((name) => !claimed.has(name))
    const start = type.length * 37
    const others = Array.from({ length: 4 }, (_, i) => foreign[(start + i * 101) % foreign.length] as string)
    for (const name of [...known, ...others])
      trial.expect(`${type}?${name}`, 400, await client.ask(`GET ${type}?${encodeURIComponent(name)}=a`))
    for (const include of [`${type}:no-such`, `${type}:_id`])
      trial.expect(`${type}?_include`, 400, await client.ask(`GET ${type}?_include=${include}`))
  })
  t.same(trial.wrong.slice(0, 20), [])
  t.ok(trial.count > 3000, `${trial.count} answers looked at`)

  for (const [query, status] of [
    ['_text=a', 200],
    ['_content=a', 200],
    ['_filter=name eq a', 200],
    ['_has:Observation:patient:code=a', 200],
    ['_list=a', 200],
    ['_revinclude=Observation:patient', 200],
    ['_sort=birthdate', 200],
    ['name:missing=true', 200],
    ['general-practitioner.name=a', 200],
    ['_query=a', 400],
    ['_list=$current-problems', 400],
    ['_sort=_score', 400],
    ['name:text=a', 400],
    ['general-practitioner.nonsense=a', 400],
  ] as const)
    t.equal((await client.ask(`GET Patient?${encodeURI(query)}`)).status, status, query)
})

t.test('every interaction of the system, and no other', async (t) => {
  const claimed = rest.interaction.map(({ code }) => code).toSorted()
  t.same(claimed, ['batch', 'history-system', 'search-system', 'transaction'])
  for (const type of ['batch', 'transaction'] as const) {
    const answer = await client.ask<Bundle>('POST ', {
      body: {
        resourceType: 'Bundle',
        type,
        entry: [
          { resource: minimalResource('Patient', definitions), request: { method: 'POST', url: 'Patient' } },
          { request: { method: 'GET', url: 'Patient?_count=1' } },
        ],
      },
    })
    t.equal(answer.status, 200, answer.text.slice(0, 300))
    t.equal(answer.json.type, `${type}-response`)
    t.same(
      answer.json.entry?.map(({ response }) => response?.status.slice(0, 3)),
      ['201', '200'],
    )
  }
  const history = await client.ask<Bundle>('GET _history?_count=3')
  t.equal(history.json.type, 'history')
  t.equal(history.json.entry?.length, 3)

  t.equal((await client.ask('GET ?_lastUpdated=gt2000&_count=1')).status, 200, 'search of the whole system')
  for (const compartment of rest.compartment) {
    const [type = ''] = definitions.resourceTypes.filter((name) =>
      compartment.endsWith(`/${name.toLowerCase()}`),
    )
    t.equal((await client.ask(`GET ${type}/x/*?_count=1`)).status, 200, `search of the compartment ${type}`)
  }
  const operations = rest.resource.flatMap(({ type, operation = [] }) =>
    operation.map(({ name }) => `${type}/$${name}`),
  )
  const labels = definitions.resourceTypes.map((type) => `${type}/$label`)
  t.same(
    operations.toSorted(),
    [
      ...labels,
      'Claim/$check',
      'Claim/$request-authorization',
      'Claim/$submit',
      'Claim/$void',
      'Claim/$x12',
      'CoverageEligibilityRequest/$check-eligibility',
      'Encounter/$everything',
      'Encounter/$generate-claim',
      'EpisodeOfCare/$generate-claim',
      'Group/$generate-claims',
      'Measure/$evaluate-measure',
      'Observation/$lastn',
      'Patient/$account-balance',
      'Patient/$authorizations',
      'Patient/$everything',
      'Patient/$outcomes',
      'Questionnaire/$populate',
      'QuestionnaireResponse/$extract',
      'QuestionnaireResponse/$score',
    ].toSorted(),
  )
  t.same(
    rest.operation.map(({ name }) => name),
    ['billing-worklist', 'import-x12', 'label', 'relabel', 'revenue'],
  )
  t.equal((await client.ask('GET $relabel')).status, 200)
  t.equal((await client.ask('POST $label', { body: minimalResource('Patient', definitions) })).status, 200)
  for (const type of definitions.resourceTypes)
    t.equal((await client.ask(`GET ${type}/no-such/$label`)).status, 404, `${type}/$label`)
  t.equal((await client.ask('GET Patient/$everything?_count=1')).status, 200)
  t.equal((await client.ask('GET Observation/$lastn?patient=x&code=y')).status, 200)
  t.equal((await client.ask('GET Patient/no-such/$everything')).status, 404)
  t.equal((await client.ask('GET QuestionnaireResponse/no-such/$score')).status, 404)
  t.equal((await client.ask('GET QuestionnaireResponse/no-such/$extract')).status, 404)
  t.equal((await client.ask('GET Questionnaire/no-such/$populate')).status, 404)
  for (const path of [
    'Claim/no-such/$check',
    'Claim/no-such/$x12',
    'Patient/no-such/$account-balance',
    'Patient/no-such/$authorizations',
  ])
    t.equal((await client.ask(`GET ${path}`)).status, 404, path)
  for (const path of [
    'Claim/no-such/$request-authorization',
    'Claim/no-such/$submit',
    'Claim/no-such/$void',
    'CoverageEligibilityRequest/no-such/$check-eligibility',
    'Encounter/no-such/$generate-claim',
    'EpisodeOfCare/no-such/$generate-claim?start=2026-01-01&end=2026-01-31',
    'Group/no-such/$generate-claims?date=2026-01-01',
  ])
    t.equal((await client.ask(`POST ${path}`)).status, 404, path)
  for (const path of ['$export', 'Observation/$everything', 'Patient/x/$match', 'Patient/$validate'])
    t.ok([404, 501].includes((await client.ask(`GET ${path}`)).status), `${path} is not claimed`)
  for (const type of ['Resource', 'DomainResource', 'Element', 'Patents', 'patient'])
    t.equal((await client.ask(`GET ${type}`)).status, 404, `${type} is no type`)
})

t.test('every format, and no other', async (t) => {
  const patient = minimalResource('Patient', definitions)
  t.ok(statement.format.includes('json'))
  for (const format of statement.format) {
    const answer = await client.ask<Resource>(`GET metadata?_format=${encodeURIComponent(format)}`)
    t.equal(answer.status, 200, format)
    const isXml = format.endsWith('xml')
    t.match(answer.text, isXml ? '<CapabilityStatement xmlns=' : '"resourceType":"CapabilityStatement"')
    if (!format.includes('/')) continue
    t.match(
      (await client.ask('GET Patient', { headers: { accept: format } })).headers.get('content-type'),
      format,
    )
    t.equal(
      (
        await client.ask('POST Patient', {
          body: isXml ? writeXml(patient as JsonObject & { resourceType: string }, definitions) : patient,
          headers: { 'content-type': format },
        })
      ).status,
      201,
      format,
    )
  }
  for (const format of ['xml', 'application/fhir+xml', 'ttl', 'text/turtle', 'html'].filter(
    (format) => !statement.format.includes(format),
  )) {
    t.equal((await client.ask(`GET Patient?_format=${encodeURIComponent(format)}`)).status, 406, format)
    if (!format.includes('/')) continue
    t.equal((await client.ask('GET Patient', { headers: { accept: format } })).status, 406, format)
    const sent = { body: '<Patient xmlns="http://hl7.org/fhir"/>', headers: { 'content-type': format } }
    t.equal((await client.ask('POST Patient', sent)).status, 415, format)
  }
  const { id } = (await client.create(patient)).json as { id: string }
  for (const format of ['application/xml-patch+xml', 'application/merge-patch+json', 'text/plain'])
    t.equal(
      (await client.ask(`PATCH Patient/${id}`, { body: '{}', headers: { 'content-type': format } })).status,
      415,
      format,
    )
})

t.test('the reference policy', async (t) => {
  await refersTo(t, 'literal', { reference: 'Patient/nobody' }, 422)
  await refersTo(t, 'logical', { identifier: { system: 'urn:x', value: '1' } }, 201)
  const { id } = (await client.create(minimalResource('Patient', definitions))).json as { id: string }
  await refersTo(t, 'literal', { reference: `Patient/${id}` }, 201)
})

async function refersTo(t: Test, policy: string, subject: object, status: number): Promise<void> {
  t.ok(rest.resource.find(({ type }) => type === 'Observation')?.referencePolicy.includes(policy), policy)
  const answer = await client.create({ ...minimalResource('Observation', definitions), subject })
  t.equal(answer.status, status, answer.text.slice(0, 300))
}
