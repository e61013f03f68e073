// A SearchParameter over its whole life on a real server: posted, indexed, live, changed, gone; and killed meanwhile.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { runAlcove, serve, temporaryFolder, type ServerProcess } from './server-process.ts'

t.setTimeout(300_000)

const URL = 'http://practice.example/SearchParameter/nickname'
const NICK = 'http://practice.example/nickname'

function parameter(more: object = {}): object {
  return {
    resourceType: 'SearchParameter',
    id: 'nickname',
    url: URL,
    name: 'Nickname',
    status: 'active',
    description: 'What they are called',
    code: 'nickname',
    base: ['Patient'],
    type: 'string',
    expression: `Patient.extension('${NICK}').value`,
    ...more,
  }
}

function nicknamed(nickname: string): object {
  return {
    resourceType: 'Patient',
    extension: [{ url: NICK, valueString: nickname }],
    name: [{ family: `Family${nickname}` }],
  }
}

type Json = Record<string, any>

async function ask(
  server: ServerProcess,
  request: string,
  body?: object,
): Promise<{ status: number; json: Json }> {
  const [method = 'GET', path = ''] = request.split(' ')
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? (JSON.parse(text) as Json) : { text } }
}

/** The definition by which the CapabilityStatement offers the parameter; undefined when it does not. */
async function offered(server: ServerProcess): Promise<string | undefined> {
  const { json } = await ask(server, 'GET /fhir/metadata')
  const patient = json['rest'][0].resource.find((it: Json) => it['type'] === 'Patient')
  return patient.searchParam.find((it: Json) => it['name'] === 'nickname')?.definition
}

async function untilOffered(server: ServerProcess): Promise<void> {
  while ((await offered(server)) === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function total(server: ServerProcess, query: string): Promise<number> {
  const { json } = await ask(server, `GET /fhir/Patient?${query}&_total=accurate&_count=1`)
  return json['total'] as number
}

function batch(resources: readonly object[]): object {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: 'Patient' } })),
  }
}

t.test('posted, live, changed, deleted', async (t) => {
  const folder = await temporaryFolder(t)
  const server = await serve(t, { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` })
  await ask(server, 'POST /fhir', batch(['Ada', 'Bob', 'Adam'].map(nicknamed)))
  t.equal((await ask(server, 'GET /fhir/Patient?nickname=ad')).status, 400, 'unknown')

  const { id: _id, ...posted } = parameter() as Json
  const created = await ask(server, 'POST /fhir/SearchParameter', posted)
  t.equal(created.status, 201)
  const id = created.json['id'] as string
  await untilOffered(server)
  t.equal(await offered(server), URL)
  t.equal(await total(server, 'nickname=ad'), 2)
  t.equal(await total(server, 'nickname:exact=Bob'), 1)
  t.equal(await total(server, 'nickname:missing=true'), 0)
  await ask(server, 'POST /fhir/Patient', nicknamed('Adele'))
  t.equal(await total(server, 'nickname=ad'), 3)
  const { json: openApi } = await ask(server, 'GET /openapi.json')
  t.ok(JSON.stringify(openApi['paths']['/Patient']).includes('"nickname"'), 'the API description has it')
  t.match((await ask(server, 'GET /readyz')).json['text'], /^ready\n$/)
  t.match((await ask(server, 'GET /metrics')).json['text'], /^alcove_search_parameters_indexing 0$/m)

  const twin = await ask(server, 'POST /fhir/SearchParameter', { ...posted, url: `${URL}2` })
  t.equal(twin.status, 422)
  t.strictSame(twin.json['issue'][0].expression, ['SearchParameter.code'])
  const broken = await ask(server, 'POST /fhir/SearchParameter', {
    ...posted,
    url: `${URL}2`,
    code: 'broken',
    expression: 'Patient.name.where(',
  })
  t.equal(broken.status, 422)
  t.strictSame(broken.json['issue'][0].expression, ['SearchParameter.expression'])

  await ask(server, `PUT /fhir/SearchParameter/${id}`, parameter({ id, expression: 'Patient.name.family' }))
  await untilOffered(server)
  t.equal(await total(server, 'nickname=ad'), 0)
  t.equal(await total(server, 'nickname=familyad'), 3)

  await ask(server, `DELETE /fhir/SearchParameter/${id}`)
  t.equal(await offered(server), undefined)
  t.equal((await ask(server, 'GET /fhir/Patient?nickname=ad')).status, 400)
  await server.stop()
})

t.test('killed while it is being indexed', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` }
  const names = Array.from({ length: 250 }, (_, at) => (at % 2 === 0 ? 'Ada' : 'Bob'))
  let server = await serve(t, env)
  for (let at = 0; at < 12; at++)
    t.equal((await ask(server, 'POST /fhir', batch(names.map(nicknamed)))).status, 200)

  let interrupted = 0
  t.equal((await ask(server, 'PUT /fhir/SearchParameter/nickname', parameter())).status, 201)
  for (let kill = 0; kill < 3; kill++) {
    const { status, json } = await ask(server, 'GET /fhir/Patient?nickname=ada')
    if (status === 400) {
      t.match(json['issue'][0].diagnostics, /nickname.*being indexed/)
      interrupted++
    }
    await ask(server, 'POST /fhir/Patient', nicknamed('Adamant'))
    server.kill('SIGKILL')
    await server.ended
    server = await serve(t, env)
  }
  t.ok(interrupted > 0, 'it was killed at work')
  await untilOffered(server)
  t.equal(await total(server, 'nickname=ad'), 12 * 125 + 3, 'what was written before and meanwhile is found')
  t.equal(await total(server, 'nickname=bob'), 12 * 125)
  await server.stop()
  server = await serve(t, env)
  t.equal(await offered(server), URL, 'and it is live at once after a restart')
  await server.stop()
})

t.test('loaded, and made live by alcove reindex', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` }
  const lines = [nicknamed('Ada'), parameter(), nicknamed('Adam'), parameter({ id: 'twin', url: `${URL}2` })]
  writeFileSync(`${folder}/all.ndjson`, lines.map((line) => JSON.stringify(line)).join('\n'))
  const loaded = await runAlcove(['load', `${folder}/all.ndjson`], env)
  t.match(loaded.stdout + loaded.stderr, /SearchParameter\.code|has a parameter 'nickname' already/)
  t.equal((await runAlcove(['reindex'], env)).status, 0)
  const server = await serve(t, env)
  t.equal(await offered(server), URL)
  t.equal(await total(server, 'nickname=ad'), 2)
  t.notMatch(server.log(), /being indexed/)
  await server.stop()
})
