// The server as a process of its own, on real sockets: how it starts, refuses to start, restarts, ends, and talks HTTP.
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer, text as textOf } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Bundle, Resource } from '../clients/client.ts'
import { runAlcove, serve, temporaryFolder, type ServerProcess } from './server-process.ts'

// Processes are started on machines of any speed.
t.setTimeout(300_000)

const JSON_TYPE = { 'content-type': 'application/fhir+json' }

interface Reply {
  readonly message: IncomingMessage
  /** Of the connection, on this side. */
  readonly localPort: number | undefined
  readonly body: Buffer
}

/** Without what fetch does of itself: compression, keep-alive. */
async function ask({ port }: ServerProcess, options: RequestOptions, body?: string | Buffer): Promise<Reply> {
  const request = httpRequest({ host: '127.0.0.1', port, ...options })
  request.end(body)
  const [message] = (await once(request, 'response')) as [IncomingMessage]
  const { localPort } = message.socket
  return { message, localPort, body: await buffer(message) }
}

async function open({ port }: ServerProcess, sent: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(sent)
  return socket
}

async function start(t: Test, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const folder = await temporaryFolder(t)
  return serve(t, { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`, ...env })
}

t.test('it says where it is, and that anyone may call', async (t) => {
  const server = await start(t)
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.match(server.log(), /WARNING.*ALCOVE_AUTH=none/)
  const { json } = await server.client.ask<{ implementation: { url: string } }>('GET metadata')
  t.equal(json.implementation.url, `${server.url}/fhir`)

  const { client } = server
  t.equal((await client.ask('GET /healthz')).text, 'ok\n')
  // What ships is gone through for labels at the first start, which is told beside it until that is done.
  let ready = await client.ask('GET /readyz')
  for (let round = 0; round < 200 && ready.text !== 'ready\n'; round++) {
    t.match(ready.text, /^ready\nlabels \(running\)/)
    await setTimeout(50)
    ready = await client.ask('GET /readyz')
  }
  t.equal(ready.text, 'ready\n')
  t.match((await client.ask('GET /metrics')).text, /^alcove_http_requests_total\{.*capabilities.*\} 1$/m)
  const page = await client.ask('GET /')
  t.match(page.headers.get('content-type'), /^text\/html/)
  t.ok(page.text.includes(`${server.url}/fhir`))
  const description = await client.ask<{ openapi: string; servers: [{ url: string }] }>('GET /openapi.json')
  t.match(description.json.openapi, /^3\.1\./)
  t.equal(description.json.servers[0].url, `${server.url}/fhir`)
  t.equal((await client.ask('GET /nothing')).status, 404)

  const { status, signal, stderr } = await server.stop()
  t.equal(status, 0)
  t.equal(signal, null)
  t.match(stderr, /finishing what was accepted/)
})

t.test('what keeps it from starting is told in words', async (t) => {
  const folder = await temporaryFolder(t)
  const file = `sqlite:${folder}/alcove.db`
  const refuses = async (
    name: string,
    env: Readonly<Record<string, string>>,
    words: RegExp,
  ): Promise<void> => {
    const { status, stderr } = await runAlcove(['serve'], { ALCOVE_PORT: '0', ALCOVE_DATABASE: file, ...env })
    t.ok(status !== null && status > 0, `${name}: exit status ${status}`)
    t.match(stderr, words, name)
    t.notMatch(stderr, /^\s+at /m, `${name}: no stack`)
  }
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'alcove.example.org'])
    await refuses(`ALCOVE_HOST=${host}`, { ALCOVE_HOST: host }, /ALCOVE_HOST.*ALCOVE_AUTH=none/)
  await refuses('a setting misspelt', { ALCOVE_PROT: '1' }, /ALCOVE_PROT.*ALCOVE_PORT/)

  await writeFile(`${folder}/a.key`, randomBytes(32))
  await writeFile(`${folder}/b.key`, randomBytes(32).toString('hex'))
  const keyed = { ALCOVE_DATABASE: file, ALCOVE_ENCRYPTION_KEY_FILE: `${folder}/a.key` }
  const server = await serve(t, keyed)
  const id = (await server.client.create({ resourceType: 'Patient', birthDate: '1970-01-01' })).json
    .id as string
  await refuses('a second process', keyed, /alcove\.db/)
  t.equal((await server.client.read('Patient', id)).status, 200, 'the first is not disturbed')
  await refuses(
    'a port taken',
    { ALCOVE_PORT: String(server.port) },
    new RegExp(`port ${server.port}.*taken`),
  )
  await server.stop()

  await refuses('another key', { ALCOVE_ENCRYPTION_KEY_FILE: `${folder}/b.key` }, /key/)
  await refuses('no key', {}, /key/)
  await refuses('no key file', { ALCOVE_ENCRYPTION_KEY_FILE: `${folder}/c.key` }, /ENOENT/)
  const again = await serve(t, keyed)
  t.equal((await again.client.read('Patient', id)).status, 200, 'the right key still opens it')
})

t.test('a restart keeps data, versions and the links of pages', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` }
  const first = await serve(t, env)
  for (let i = 0; i < 5; i++)
    await first.client.update({ resourceType: 'Patient', id: `p${i}`, birthDate: `197${i}-01-01` })
  const texts = await Promise.all(
    [0, 1, 2, 3, 4].map(async (i) => (await first.client.read('Patient', `p${i}`)).text),
  )
  const page = (await first.client.ask<Bundle>('GET Patient?_count=2')).json
  const next = page.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  await first.stop()

  const second = await serve(t, { ...env, ALCOVE_PORT: String(first.port) })
  t.equal(second.url, first.url)
  for (const [i, text] of texts.entries()) t.equal((await second.client.read('Patient', `p${i}`)).text, text)
  const seen = (page.entry ?? []).map(({ fullUrl }) => fullUrl)
  for (let url: string | undefined = next; url !== undefined; ) {
    const { status, json }: { status: number; json: Bundle } = await second.client.ask<Bundle>(
      `GET ${url.slice(second.url.length)}`,
    )
    t.equal(status, 200)
    seen.push(...(json.entry ?? []).map(({ fullUrl }) => fullUrl))
    url = json.link?.find(({ relation }) => relation === 'next')?.url
  }
  t.same(
    seen.toSorted(),
    [0, 1, 2, 3, 4].map((i) => `${second.url}/fhir/Patient/p${i}`),
  )
})

t.test('SIGTERM: what was accepted is finished', async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db` }
  const server = await serve(t, env)
  const body = JSON.stringify({ resourceType: 'Patient', id: 'slow', birthDate: '1970-01-01' })
  const slow = await open(
    server,
    `PUT /fhir/Patient/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  )
  // Refused as soon as its head is read; the rest of its body comes when the server is ending.
  const early = await open(
    server,
    `PUT /fhir/Patient/x HTTP/1.1\r\nHost: elsewhere.example\r\nContent-Length: 2\r\n\r\n{`,
  )
  const [refusal] = await once(early, 'data')
  t.match(String(refusal), /^HTTP\/1\.1 403 /)
  // That it is at work is seen in the metrics; then it is asked to end.
  for (let inFlight = false; !inFlight; )
    inFlight = (await server.client.ask('GET /metrics')).text.includes('alcove_http_in_flight 1\n')
  server.kill('SIGTERM')
  while (!server.log().includes('finishing what was accepted')) await setTimeout(5)
  early.write('}')
  slow.write(body.slice(20))
  const answer = await textOf(slow)
  t.match(answer, /^HTTP\/1\.1 201 /)
  t.match(answer, /^connection: close/im)
  t.equal((await server.ended).status, 0)
  t.equal((await (await serve(t, env)).client.read('Patient', 'slow')).status, 200)
})

t.test('the log holds no patient data', async (t) => {
  const server = await start(t, { ALCOVE_LOG_LEVEL: 'trace' })
  const { client } = server
  const name = 'Xylophanes'
  const patient = { resourceType: 'Patient', id: name, name: [{ family: name }] } as const
  const headers = {
    ...JSON_TYPE,
    'if-none-exist': `name=${name}`,
    'if-match': `W/"${name}"`,
    prefer: `return=${name}`,
    authorization: `Bearer ${name}`,
    cookie: name,
    'user-agent': name,
  }
  const asked: [string, unknown?][] = [
    [`PUT Patient/${name}`, patient],
    ['POST Patient', patient],
    ['POST Patient', { ...patient, [name]: name, gender: name }],
    ['POST Patient', `{"name": ${name}`],
    [`POST ${name}`, patient],
    [`GET Patient/${name}`],
    [`GET Patient/${name}/_history/${name}`],
    [`GET Patient?name=${name}&_lastUpdated=${name}`],
    [`GET Patient?${name}=${name}`],
    [`GET ${name}/${name}`],
    [`GET Patient/%ZZ${name}`],
    [`PATCH Patient/${name}`, [{ op: 'replace', path: `/${name}`, value: name }]],
    [
      `POST `,
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ resource: patient, request: { method: 'POST', url: name } }],
      },
    ],
    [`DELETE Patient/${name}`],
  ]
  for (const [line, body] of asked)
    for (const more of [{}, headers]) {
      const { status } = await client.ask(
        line,
        body === undefined ? { headers: more } : { body, headers: more },
      )
      t.ok(status < 500, `${line.split(' ', 1)}: ${status}`)
    }
  await textOf(await open(server, `${name} /${name} HTTP/1.1\r\n${name}\r\n\r\n`))
  const { stderr, stdout } = await server.stop()
  t.equal(stdout, '')
  t.ok(stderr.split('\n').length > asked.length * 2, 'every request is logged')
  t.notMatch(stderr, new RegExp(name, 'i'))
})

t.test('HTTP: gzip both ways, HEAD, conditions, keep-alive', async (t) => {
  const server = await start(t)
  const patient = { resourceType: 'Patient', id: 'p', name: [{ text: 'a'.repeat(5000) }] }
  const sent = gzipSync(JSON.stringify(patient))
  const put = await ask(
    server,
    { method: 'PUT', path: '/fhir/Patient/p', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    sent,
  )
  t.equal(put.message.statusCode, 201)

  const path = '/fhir/Patient/p'
  const plain = await ask(server, { path })
  t.equal(plain.message.headers['content-encoding'], undefined)
  const zipped = await ask(server, { path, headers: { 'accept-encoding': 'gzip' } })
  t.equal(zipped.message.headers['content-encoding'], 'gzip')
  t.equal(zipped.message.headers['content-length'], String(zipped.body.length))
  t.ok(zipped.body.length < plain.body.length / 10)
  t.same(gunzipSync(zipped.body), plain.body)

  const head = await ask(server, { method: 'HEAD', path })
  t.equal(head.message.statusCode, 200)
  t.equal(head.body.length, 0)
  for (const name of ['etag', 'last-modified', 'content-type', 'content-length'])
    t.equal(head.message.headers[name], plain.message.headers[name], name)

  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const ports = new Set<number | undefined>()
  for (let i = 0; i < 5; i++) ports.add((await ask(server, { path, agent })).localPort)
  t.equal(ports.size, 1, 'one connection serves several requests')

  const pipelined = await open(
    server,
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
  )
  t.equal(
    (await textOf(pipelined)).split('HTTP/1.1 200 OK').length,
    3,
    'pipelined requests are both answered',
  )
})

t.test('HTTP: too large, malformed, and across origins', async (t) => {
  const server = await start(t, {
    ALCOVE_MAX_BODY_MB: '1',
    ALCOVE_CORS_ORIGINS: 'https://app.example.org',
  })
  const large = Buffer.from(
    JSON.stringify({ resourceType: 'Patient', name: [{ text: 'a'.repeat(2 ** 21) }] }),
  )
  const post = { method: 'POST', path: '/fhir/Patient', headers: JSON_TYPE }
  const tooLarge = await ask(server, post, large)
  t.equal(tooLarge.message.statusCode, 413)
  t.equal(JSON.parse(String(tooLarge.body)).resourceType, 'OperationOutcome')
  const bomb = await ask(
    server,
    { ...post, headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
    gzipSync(large),
  )
  t.equal(bomb.message.statusCode, 413, 'also when it is small until unpacked')

  for (const [name, request] of Object.entries({
    'no HTTP': 'BLAH\r\n\r\n',
    'a space in the URL': 'GET /fhir/a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    'two lengths':
      'POST /fhir/Patient HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    'length and chunks':
      'POST /fhir/Patient HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a NUL in a header': 'GET /fhir/metadata HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n',
  })) {
    const answer = await textOf(await open(server, request))
    t.match(answer, /^HTTP\/1\.1 400 /, name)
    t.match(answer, /"resourceType":"OperationOutcome"/, name)
  }
  t.equal((await server.client.ask('GET /healthz')).status, 200, 'it goes on')

  const preflight = (origin: string): Promise<Reply> =>
    ask(server, {
      method: 'OPTIONS',
      path: '/fhir/Patient/p',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'if-match',
      },
    })
  const { message } = await preflight('https://app.example.org')
  t.equal(message.statusCode, 204)
  t.equal(message.headers['access-control-allow-origin'], 'https://app.example.org')
  t.match(message.headers['access-control-allow-methods'], /PUT/)
  t.match(message.headers['access-control-allow-headers'], /If-Match/)
  const other = await preflight('https://elsewhere.example.org')
  t.equal(other.message.headers['access-control-allow-origin'], undefined)
  const read = await ask(server, { path: '/fhir/Patient', headers: { origin: 'https://app.example.org' } })
  t.equal(read.message.headers['access-control-allow-origin'], 'https://app.example.org')
  t.match(read.message.headers['access-control-expose-headers'], /ETag/)

  const query = await ask(server, { method: 'QUERY', path: '/fhir/Patient' })
  t.equal(query.message.statusCode, 405)
  t.match(query.message.headers.allow, /GET/)
})

t.test('100 clients race one conditional create', async (t) => {
  const { client } = await start(t)
  const patient: Resource = { resourceType: 'Patient', identifier: [{ system: 'urn:race', value: '1' }] }
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => client.create(patient, 'identifier=urn:race|1')),
  )
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  t.equal(answers.filter(({ status }) => status === 200).length, 99)
  t.equal(new Set(answers.map(({ json }) => json.id)).size, 1)
  t.equal((await client.search('Patient', { identifier: ['urn:race|1'] })).json.total, 1)

  const other: Resource = { resourceType: 'Patient', identifier: [{ system: 'urn:race', value: '2' }] }
  const updates = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      client.ask<Resource>('PUT Patient?identifier=urn:race|2', {
        body: { ...other, birthDate: `19${String(i).padStart(2, '0')}` },
      }),
    ),
  )
  t.equal(updates.filter(({ status }) => status === 201).length, 1)
  t.equal(updates.filter(({ status }) => status === 200).length, 99)
  t.equal((await client.search('Patient', { identifier: ['urn:race|2'] })).json.total, 1)
  t.equal(new Set(updates.map(({ json }) => json.meta?.versionId)).size, 100, 'each made a version')
})

t.test('100 clients race in transactions, and on one version', async (t) => {
  const { client } = await start(t)
  const patient: Resource = { resourceType: 'Patient', identifier: [{ system: 'urn:race', value: '1' }] }
  const observation: Resource = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'race' },
    subject: { reference: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7' },
  }
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      client.transaction([
        {
          fullUrl: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7',
          resource: patient,
          request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:race|1' },
        },
        { resource: observation, request: { method: 'POST', url: 'Observation' } },
      ]),
    ),
  )
  for (const { status, text } of answers) if (status !== 200) t.fail(`${status} ${text}`)
  const [one, ...others] = (await client.search('Patient', { _count: 10 })).json.entry ?? []
  t.same(others, [], 'one patient')
  const subject = [`Patient/${one?.resource?.id}`]
  t.equal((await client.search('Observation', { subject, _summary: 'count' })).json.total, 100)

  const id = one?.resource?.id as string
  const updates = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      client.update({ ...patient, id, birthDate: String(1900 + i) }, 'W/"1"'),
    ),
  )
  t.equal(updates.filter(({ status }) => status === 200).length, 1, 'one may change version 1')
  t.equal(updates.filter(({ status }) => status === 412).length, 99)
  t.equal((await client.history('Patient', id)).json.total, 2)
})

t.test('what was written comes back as it was written', async (t) => {
  const { client } = await start(t)
  const decimals = [
    '1.00',
    '0.10',
    '100.0',
    '-1.500',
    '0.000000000000000001',
    '12345678901234567890.12345',
    '1e2',
    '1.0E-5',
    '9007199254740993',
  ]
  for (const [i, decimal] of decimals.entries()) {
    const body = `{"resourceType":"Observation","id":"d${i}","status":"final","code":{"text":"weight"},"valueQuantity":{"value":${decimal}}}`
    t.equal((await client.ask(`PUT Observation/d${i}`, { body })).status, 201, decimal)
    t.ok(
      (await client.read('Observation', `d${i}`)).text.includes(`"valueQuantity":{"value":${decimal}}`),
      decimal,
    )
    t.ok((await client.ask(`GET Observation?_id=d${i}`)).text.includes(`"value":${decimal}}`), decimal)
    t.ok(
      (await client.ask(`GET Observation/d${i}?_elements=value&_pretty=true`)).text.includes(
        `"value": ${decimal}\n`,
      ),
      decimal,
    )
  }
  const text =
    '{"resourceType":"Patient","id":"p","name":[{"given":["Ann",null],"_given":[null,{"extension":[{"url":"urn:x","valueDecimal":2.50}]}]}],"_birthDate":{"extension":[{"url":"urn:y","valueString":"\u{1F600} ü"}]}}'
  await client.ask('PUT Patient/p', { body: text })
  const { meta: _, ...back } = (await client.read('Patient', 'p')).json as Resource & { meta: object }
  t.same(back, JSON.parse(text))
})
