// create, update, patch and delete over HTTP: statuses, headers, conditions and Prefer.
import t from 'tap'
import { BASE, startServer } from './server.ts'

const PATIENT = { resourceType: 'Patient', active: true, identifier: [{ system: 'urn:mrn', value: '1' }] }
const JSON_PATCH = { 'content-type': 'application/json-patch+json' }

t.test('create', async (t) => {
  const { ask } = startServer(t)
  const reply = await ask('POST Patient', {
    ...PATIENT,
    id: 'mine',
    meta: { versionId: '9', lastUpdated: '2001-01-01T00:00:00Z' },
  })
  t.equal(reply.status, 201)
  t.equal(reply.headers.location, `${BASE}/Patient/id-1/_history/1`)
  t.equal(reply.headers['content-location'], `${BASE}/Patient/id-1/_history/1`)
  t.equal(reply.headers.etag, 'W/"1"')
  t.equal(reply.headers['last-modified'], 'Sat, 31 Jan 2026 08:00:00 GMT')
  t.equal(reply.json.id, 'id-1', 'the server assigns the id')
  t.equal(reply.json.meta.versionId, '1')
  t.equal((await ask('GET Patient/mine')).status, 404)
})

t.test('bodies that are no resource of this type', async (t) => {
  const { ask } = startServer(t)
  for (const [line, body, status, expression] of [
    ['POST Patient', { resourceType: 'Observation' }, 400, 'Patient.resourceType'],
    ['POST Patient', {}, 400, 'Patient'],
    ['POST Patient', [], 400, 'Patient'],
    ['POST Patient', 'null', 400, 'Patient'],
    ['POST Patient', { resourceType: 'Patient', gender: 'x', birthDate: 'y' }, 400, 'Patient.gender'],
    ['PUT Patient/1', { resourceType: 'Patient' }, 400, 'Patient.id'],
    ['PUT Patient/1', { resourceType: 'Patient', id: '2' }, 400, 'Patient.id'],
    ['PUT Patient/1', { resourceType: 'Group', id: '1' }, 400, 'Patient.resourceType'],
  ] as const) {
    const reply = await ask(line, body)
    t.equal(reply.status, status, `${line} ${JSON.stringify(body)}`)
    t.equal(reply.json.issue[0].expression?.[0], expression, `${line} ${JSON.stringify(body)}: ${reply.text}`)
  }
  t.equal((await ask('POST Patient')).status, 400, 'no body')
  t.equal((await ask('PUT Patient/1')).status, 400, 'no body')
  const reference = await ask('POST Observation', {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/nobody' },
  })
  t.equal(reference.status, 422)
  t.equal(reference.json.issue[0].code, 'business-rule')
})

t.test('Prefer: return', async (t) => {
  const { ask } = startServer(t)
  for (const [prefer, kind] of [
    [undefined, 'resource'],
    ['return=representation', 'resource'],
    ['return=minimal', 'nothing'],
    ['return=OperationOutcome', 'outcome'],
    ['handling=lenient; return="minimal"', 'nothing'],
    ['respond-async, return=minimal', 'nothing'],
    ['return=everything', 'resource'],
  ] as const) {
    const headers: Record<string, string> = prefer === undefined ? {} : { prefer }
    const id = `p${(prefer ?? '').replaceAll(/\W/g, '')}`
    for (const [line, body, status] of [
      [`PUT Patient/${id}`, { ...PATIENT, id }, 201],
      [`PUT Patient/${id}`, { ...PATIENT, id, active: false }, 200],
      [`PATCH Patient/${id}`, [{ op: 'replace', path: '/active', value: true }], 200],
      ['POST Patient', PATIENT, 201],
    ] as const) {
      const reply = await ask(line, body, line.startsWith('PATCH') ? { ...headers, ...JSON_PATCH } : headers)
      t.equal(reply.status, status, `${line} ${prefer}: ${reply.text}`)
      t.match(reply.headers.location, /_history\/\d$/, 'Location stands in all')
      t.match(reply.headers.etag, /W\/"\d"/)
      if (kind === 'nothing') t.equal(reply.text, '', `${line} ${prefer}`)
      else
        t.equal(
          reply.json.resourceType,
          kind === 'resource' ? 'Patient' : 'OperationOutcome',
          `${line} ${prefer}`,
        )
      t.equal(reply.headers['content-location'] !== undefined, kind === 'resource')
    }
  }
  const deleted = await ask('DELETE Patient/p', undefined, { prefer: 'return=OperationOutcome' })
  t.equal(deleted.status, 200)
  t.equal(deleted.json.issue[0].severity, 'information')
})

t.test('warnings reach the client that asks for the outcome', async (t) => {
  const { ask } = startServer(t, { repository: { validation: 'warn' } })
  const reply = await ask(
    'POST Patient',
    { resourceType: 'Patient', gender: 'unheard-of' },
    { prefer: 'return=OperationOutcome' },
  )
  t.equal(reply.status, 201)
  t.same(
    reply.json.issue.map((issue: { severity: string }) => issue.severity),
    ['information', 'warning'],
  )
  t.equal(reply.json.issue[1].expression[0], 'Patient.gender')
})

t.test('conditional create', async (t) => {
  const { ask } = startServer(t)
  const header = { 'if-none-exist': 'identifier=urn:mrn|1' }
  t.equal((await ask('POST Patient', PATIENT, header)).status, 201)
  const again = await ask('POST Patient', PATIENT, header)
  t.equal(again.status, 200)
  t.equal(again.headers.location, `${BASE}/Patient/id-1/_history/1`)
  t.equal(again.headers.etag, 'W/"1"')
  t.equal(again.json.id, 'id-1')
  for (const criteria of ['?identifier=urn:mrn|1', 'Patient?identifier=urn%3Amrn%7C1'])
    t.equal((await ask('POST Patient', PATIENT, { 'if-none-exist': criteria })).status, 200, criteria)
  await ask('POST Patient', PATIENT)
  const several = await ask('POST Patient', PATIENT, header)
  t.equal(several.status, 412)
  t.equal(several.json.issue[0].code, 'multiple-matches')
  t.equal((await ask('POST Patient', PATIENT, { 'if-none-exist': 'nonsense=1' })).status, 400)
  t.equal((await ask('POST Patient', PATIENT, { 'if-none-exist': '' })).status, 400, 'no criteria')
})

t.test('a hundred clients racing the same conditional create make one resource', async (t) => {
  const { ask } = startServer(t)
  const replies = await Promise.all(
    Array.from({ length: 100 }, () =>
      ask('POST Patient', PATIENT, { 'if-none-exist': 'identifier=urn:mrn|1' }),
    ),
  )
  t.equal(replies.filter(({ status }) => status === 201).length, 1)
  t.equal(replies.filter(({ status }) => status === 200).length, 99)
  t.equal((await ask('GET Patient')).json.total, 1)
})

t.test('update', async (t) => {
  const { ask, tick } = startServer(t)
  const created = await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  t.equal(created.status, 201)
  t.equal(created.headers.location, `${BASE}/Patient/p/_history/1`)
  tick(1000)
  const same = await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  t.equal(same.status, 200)
  t.equal(same.headers.etag, 'W/"1"', 'an update that changes nothing makes no version')
  t.equal(same.headers['last-modified'], 'Sat, 31 Jan 2026 08:00:00 GMT')
  const changed = await ask('PUT Patient/p', { ...PATIENT, id: 'p', active: false })
  t.equal(changed.status, 200)
  t.equal(changed.headers.etag, 'W/"2"')
  await ask('DELETE Patient/p')
  const anew = await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  t.equal(anew.status, 201, 'a deleted resource is created anew')
  t.equal(anew.headers.etag, 'W/"4"')
})

t.test('If-Match', async (t) => {
  for (const [ifMatch, status] of [
    ['W/"1"', 200],
    ['"1"', 200],
    ['W/"8", W/"1"', 200],
    ['*', 200],
    ['W/"2"', 412],
    ['W/"abc"', 412],
    ['1', 400],
    ['W/1', 400],
    ['', 400],
    ['W/"1",', 400],
  ] as const)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const { ask } = startServer(t)
      await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
      const what = `${method} If-Match: ${ifMatch}`
      const body =
        method === 'PUT'
          ? { ...PATIENT, id: 'p', active: false }
          : method === 'PATCH'
            ? [{ op: 'remove', path: '/active' }]
            : undefined
      const reply = await ask(`${method} Patient/p`, body, {
        'if-match': ifMatch,
        ...(method === 'PATCH' ? JSON_PATCH : {}),
      })
      t.equal(reply.status, status === 200 && method === 'DELETE' ? 204 : status, `${what}: ${reply.text}`)
      if (status >= 400) {
        t.equal(reply.json.issue[0].expression[0], 'http.if-match', what)
        t.equal((await ask('GET Patient/p')).headers.etag, 'W/"1"', `${what} changes nothing`)
      }
    }
})

t.test('conditions on what is not there', async (t) => {
  const { ask } = startServer(t)
  const body = { ...PATIENT, id: 'p' }
  t.equal((await ask('PUT Patient/p', body, { 'if-match': 'W/"1"' })).status, 412)
  t.equal((await ask('PUT Patient/p', body, { 'if-match': '*' })).status, 412)
  t.equal((await ask('PUT Patient/p', body, { 'if-none-match': '*' })).status, 201)
  const there = await ask('PUT Patient/p', body, { 'if-none-match': '*' })
  t.equal(there.status, 412)
  t.equal(there.json.issue[0].expression[0], 'http.if-none-match')
  t.equal((await ask('PUT Patient/p', body, { 'if-none-match': 'W/"1"' })).status, 400)
})

t.test('conditional update', async (t) => {
  const { ask } = startServer(t)
  const at = 'PUT Patient?identifier=urn:mrn|1'
  const created = await ask(at, PATIENT)
  t.equal(created.status, 201)
  t.equal(created.headers.location, `${BASE}/Patient/id-1/_history/1`)
  const updated = await ask(`${at}&_format=json&_pretty=true`, { ...PATIENT, active: false })
  t.equal(updated.status, 200)
  t.equal(updated.json.id, 'id-1')
  t.equal(updated.headers.etag, 'W/"2"')
  t.equal((await ask(at, { ...PATIENT, id: 'other' })).status, 400, 'an id that is not the match')
  t.equal((await ask('PUT Patient', PATIENT)).status, 400, 'no criteria')
  t.equal((await ask('PUT Patient?_pretty=true', PATIENT)).status, 400, 'no criteria')
  t.equal((await ask('PUT Patient?foo=1', PATIENT)).status, 400, 'unknown parameter')
  await ask('POST Patient', PATIENT)
  t.equal((await ask(at, PATIENT)).status, 412, 'several')
  const own = await ask('PUT Patient?identifier=urn:mrn|2', { ...PATIENT, id: 'own' })
  t.equal(own.status, 201)
  t.equal(own.json.id, 'own', 'nothing matches: created under the id that the client chose')
})

t.test('patch', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  const json = await ask('PATCH Patient/p', [{ op: 'replace', path: '/active', value: false }], JSON_PATCH)
  t.equal(json.status, 200)
  t.equal(json.json.active, false)
  const fhirpath = await ask('PATCH Patient/p', {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'Patient.active' },
          { name: 'value', valueBoolean: true },
        ],
      },
    ],
  })
  t.equal(fhirpath.status, 200, fhirpath.text)
  t.equal(fhirpath.json.active, true)
  t.equal(fhirpath.headers.etag, 'W/"3"')
  const conditional = await ask(
    'PATCH Patient?identifier=urn:mrn|1',
    [{ op: 'remove', path: '/active' }],
    JSON_PATCH,
  )
  t.equal(conditional.status, 200)
  t.equal(conditional.json.active, undefined)
  for (const [line, body, headers, status] of [
    ['PATCH Patient/none', [], JSON_PATCH, 404],
    ['PATCH Patient?identifier=urn:mrn|9', [], JSON_PATCH, 404],
    ['PATCH Patient', [], JSON_PATCH, 400],
    ['PATCH Patient/p', { resourceType: 'Patient', id: 'p' }, {}, 415],
    ['PATCH Patient/p', [], {}, 415],
    ['PATCH Patient/p', [{ op: 'test', path: '/active', value: 7 }], JSON_PATCH, 422],
    ['PATCH Patient/p', [{ op: 'add', path: '/gender', value: 'x' }], JSON_PATCH, 400],
  ] as const) {
    const reply = await ask(line, body, headers)
    t.equal(reply.status, status, `${line} ${JSON.stringify(body)}: ${reply.text}`)
    t.equal(reply.json.resourceType, 'OperationOutcome')
  }
  t.equal((await ask('PATCH Patient/p')).status, 400, 'no body')
  await ask('DELETE Patient/p')
  t.equal((await ask('PATCH Patient/p', [], JSON_PATCH)).status, 410)
})

t.test('delete', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { ...PATIENT, id: 'p' })
  const first = await ask('DELETE Patient/p')
  t.equal(first.status, 204)
  t.equal(first.text, '')
  t.equal(first.headers.etag, 'W/"2"')
  t.equal((await ask('DELETE Patient/p')).status, 204, 'again')
  t.equal((await ask('DELETE Patient/never')).status, 204, 'what never was')
  t.equal((await ask('GET Patient/p/_history')).json.entry.length, 2, 'the second made no version')

  await ask('POST Patient', PATIENT)
  t.equal((await ask('DELETE Patient?identifier=urn:mrn|1')).status, 204)
  t.equal((await ask('GET Patient/id-1')).status, 410)
  t.equal((await ask('DELETE Patient?identifier=urn:mrn|1')).status, 204, 'no match')
  await ask('POST Patient', PATIENT)
  await ask('POST Patient', PATIENT)
  t.equal((await ask('DELETE Patient?identifier=urn:mrn|1')).status, 412, 'several')
  t.equal((await ask('DELETE Patient')).status, 400, 'never all of a type')
  t.equal((await ask('DELETE Patient?_format=json')).status, 400, 'never all of a type')
  t.equal((await ask('GET Patient')).json.total, 2)
})
