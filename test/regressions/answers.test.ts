// Answers that could once not be given, or were given to the wrong request.
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { startServer } from '../rest/server.ts'

t.test('the deepest of resources in a Bundle, with _pretty', async (t) => {
  const { ask } = startServer(t)
  const nested = (levels: number): object =>
    levels === 0
      ? { url: 'http://x.test', valueBoolean: true }
      : { url: 'http://x.test', extension: [nested(levels - 1)] }
  const patient = { resourceType: 'Patient', id: 'deep', extension: [nested(98)] }
  t.equal((await ask('PUT Patient/deep?_pretty=true', patient)).status, 201)
  t.equal(
    (await ask('PUT Patient/deeper', { ...patient, id: 'deeper', extension: [nested(99)] })).status,
    400,
  )
  for (const path of ['Patient/deep', 'Patient?_id=deep', 'Patient/deep/_history']) {
    const reply = await ask(`GET ${path}${path.includes('?') ? '&' : '?'}_pretty=true`)
    t.equal(reply.status, 200, path)
    t.strictSame((reply.json.entry?.[0].resource ?? reply.json).extension, patient.extension, path)
  }
  const batch = await ask('POST ?_pretty=true', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: 'Patient?_id=deep' } },
      { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
    ],
  })
  t.equal(batch.status, 200, 'what was written is told')
  t.equal(batch.json.entry[0].resource.entry[0].resource.id, 'deep')
})

t.test('a request whose target is a whole URL (RFC 9112 section 3.2.2)', async (t) => {
  const { app, ask } = startServer(t, { http: { allowedHosts: ['127.0.0.1'] } })
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p' }, { host: '127.0.0.1' })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const raw = (target: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = ''
      connect(port, '127.0.0.1')
        .on('data', (chunk) => {
          answer += String(chunk)
        })
        .on('error', reject)
        .on('close', () => resolve(answer))
        .write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
    })
  for (const target of [
    `http://127.0.0.1:${port}/fhir/Patient/p`,
    `HTTP://127.0.0.1:${port}/fhir/Patient/p?_pretty=false`,
  ])
    t.match(await raw(target), /^HTTP\/1\.1 200 OK[^]*"id":"p"/, target)
  t.match(await raw(`http://127.0.0.1:${port}`), /^HTTP\/1\.1 200 OK[^]*<html/, 'the root')
  t.match(await raw('http://evil.test/fhir/Patient/p'), /^HTTP\/1\.1 403 /, 'the host of the target counts')
})
