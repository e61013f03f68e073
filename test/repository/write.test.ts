// The write verbs, one resource at a time (https://hl7.org/fhir/R4/http.html).
import t from 'tap'
import type { ErrorCode, FhirError } from '../../src/fhir/index.ts'
import { bodyOf, identified, patient, world } from './world.ts'

const refused = (code: ErrorCode, says?: RegExp) => ({
  code,
  ...(says === undefined ? {} : { message: says }),
})

t.test('create assigns id, version and time, and keeps the rest as sent', async (t) => {
  const { repository } = world()
  const outcome = await repository.write({
    kind: 'create',
    type: 'Patient',
    resource: patient({
      id: 'mine',
      meta: { versionId: '77', lastUpdated: '1999-01-01T00:00:00Z', tag: [{ code: 'kept' }] },
      active: true,
    }),
  })
  t.equal(outcome.outcome, 'created')
  const body = bodyOf(outcome)
  t.equal(body.id, 'made-1')
  t.match(body.meta, { versionId: '1', tag: [{ code: 'kept' }] })
  t.not((body.meta as { lastUpdated: string }).lastUpdated, '1999-01-01T00:00:00Z')
  t.same(Object.keys(body), ['resourceType', 'id', 'meta', 'active'])
  t.same((await repository.read('Patient', 'made-1')).body, outcome.version?.body)
})

t.test(
  'update makes versions, changes nothing when nothing changes, and creates where nothing was',
  async (t) => {
    const { repository } = world()
    const update = (resource: object) =>
      repository.write({
        kind: 'update',
        target: { type: 'Patient', id: 'a' },
        resource: patient({ id: 'a', ...resource }),
      })
    t.match(await update({ gender: 'male', active: true }), { outcome: 'created', version: { versionId: 1 } })
    t.match(await update({ gender: 'male', active: true }), {
      outcome: 'unchanged',
      version: { versionId: 1 },
    })
    t.match(await update({ active: true, gender: 'male' }), { outcome: 'unchanged' }, 'whatever the order')
    t.match(await update({ gender: 'female' }), { outcome: 'updated', version: { versionId: 2 } })
    await repository.write({ kind: 'delete', target: { type: 'Patient', id: 'a' } })
    await t.rejects(repository.read('Patient', 'a'), refused('deleted'))
    t.match(await update({ gender: 'female' }), { outcome: 'created', version: { versionId: 4 } })
    await t.rejects(repository.readVersion('Patient', 'a', '3'), refused('deleted'))
    t.match(await repository.readVersion('Patient', 'a', '2'), { versionId: 2 })
    for (const version of ['5', '0', '-1', 'x', '01'])
      await t.rejects(repository.readVersion('Patient', 'a', version), refused('not-found'))
  },
)

t.test('the id and type of the body must be those of the URL', async (t) => {
  const { repository } = world()
  const target = { type: 'Patient', id: 'a' }
  await t.rejects(
    repository.write({ kind: 'update', target, resource: patient({ id: 'b' }) }),
    refused('invalid', /id of the URL, a/),
  )
  await t.rejects(
    repository.write({ kind: 'update', target, resource: patient() }),
    refused('invalid', /has none/),
  )
  await t.rejects(
    repository.write({ kind: 'create', type: 'Group', resource: patient() }),
    refused('invalid', /of type Patient, but was sent as Group/),
  )
})

t.test('If-Match and If-None-Match', async (t) => {
  const { repository } = world()
  const target = { type: 'Patient', id: 'a' }
  const update = (birthDate: string, conditions: object) =>
    repository.write({ kind: 'update', target, resource: patient({ id: 'a', birthDate }), ...conditions })
  await t.rejects(
    update('2000', { ifMatch: { versions: ['1'] } }),
    refused('precondition-failed', /no current version/),
  )
  await t.rejects(update('2000', { ifMatch: '*' }), refused('precondition-failed'))
  t.match(await update('2000', { ifNoneMatch: '*' }), { outcome: 'created' })
  await t.rejects(update('2001', { ifNoneMatch: '*' }), refused('precondition-failed', /If-None-Match/))
  t.match(await update('2001', { ifMatch: { versions: ['1'] } }), { version: { versionId: 2 } })
  await t.rejects(
    update('2002', { ifMatch: { versions: ['1'] } }),
    refused('precondition-failed', /current version is 2/),
  )
  await t.rejects(update('2002', { ifMatch: { versions: ['abc'] } }), refused('precondition-failed'))
  t.match(await update('2002', { ifMatch: { versions: ['9', '2'] } }), { version: { versionId: 3 } })
  t.match(await update('2003', { ifMatch: '*' }), { version: { versionId: 4 } })
  const remove = (versions: string[]) => repository.write({ kind: 'delete', target, ifMatch: { versions } })
  await t.rejects(remove(['3']), refused('precondition-failed'))
  t.match(await remove(['4']), { outcome: 'deleted', version: { versionId: 5 } })
  await t.rejects(remove(['5']), refused('precondition-failed'), 'a deletion is no current version')
})

t.test('conditional create', async (t) => {
  const { repository } = world()
  const create = (ifNoneExist: string) =>
    repository.write({ kind: 'create', type: 'Patient', resource: identified('1'), ifNoneExist })
  t.match(await create('identifier=urn:test|1'), { outcome: 'created' })
  t.match(await create('identifier=urn:test|1'), {
    outcome: 'existing',
    version: { id: 'made-1', versionId: 1 },
  })
  await repository.write({ kind: 'create', type: 'Patient', resource: identified('1') })
  await t.rejects(create('identifier=urn:test|1'), refused('multiple-matches'))
  await t.rejects(create('nonsense=1'), refused('invalid-search', /nonsense/))
  await t.rejects(create(''), refused('invalid-search'))
})

t.test('conditional update, delete and patch', async (t) => {
  const { repository } = world()
  const byIdentifier = { type: 'Patient', criteria: 'identifier=1' }
  const update = (more: object, conditions: object = {}) =>
    repository.write({ kind: 'update', target: byIdentifier, resource: identified('1', more), ...conditions })
  await t.rejects(update({}, { ifMatch: { versions: ['1'] } }), refused('precondition-failed'))
  t.match(await update({}), { outcome: 'created', version: { id: 'made-1' } })
  t.match(await update({ active: true }), { outcome: 'updated', version: { id: 'made-1', versionId: 2 } })
  t.match(await update({ id: 'made-1', active: false }), { version: { versionId: 3 } })
  await t.rejects(update({ id: 'other' }), refused('invalid', /made-1/))
  await t.rejects(update({ active: true }, { ifMatch: { versions: ['1'] } }), refused('precondition-failed'))
  t.match(
    await repository.write({
      kind: 'patch',
      target: byIdentifier,
      patch: { kind: 'json-patch', operations: [{ op: 'add', path: '/gender', value: 'other' }] },
    }),
    { outcome: 'updated', version: { versionId: 4 } },
  )

  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'twin' },
    resource: identified('1', { id: 'twin' }),
  })
  await t.rejects(update({}), refused('multiple-matches'))
  const remove = () => repository.write({ kind: 'delete', target: byIdentifier })
  await t.rejects(remove(), refused('multiple-matches'))
  await repository.write({ kind: 'delete', target: { type: 'Patient', id: 'twin' } })
  t.match(await remove(), { outcome: 'deleted', version: { id: 'made-1' } })
  t.match(await remove(), { outcome: 'absent' })
  await t.rejects(
    repository.write({ kind: 'patch', target: byIdentifier, patch: { kind: 'json-patch', operations: [] } }),
    refused('not-found'),
  )
  t.match(
    await update({ id: 'chosen' }),
    { outcome: 'created', version: { id: 'chosen' } },
    'update as create',
  )
  await t.rejects(
    repository.write({
      kind: 'update',
      target: { type: 'Patient', criteria: 'identifier=2' },
      resource: identified('2', { id: 'chosen' }),
    }),
    refused('conflict', /chosen exists already/),
  )
})

t.test('patch starts from the version it meets', async (t) => {
  const { repository } = world()
  const target = { type: 'Patient', id: 'a' }
  const patch = (operations: object[], conditions: object = {}) =>
    repository.write({
      kind: 'patch',
      target,
      patch: { kind: 'json-patch', operations: operations as never },
      ...conditions,
    })
  await t.rejects(patch([]), refused('not-found'))
  await repository
    .write({ kind: 'update', target, resource: patient({ id: 'a', identifier: [] as never, active: true }) })
    .catch(() => {})
  await repository.write({ kind: 'update', target, resource: identified('0', { id: 'a' }) })
  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      patch([{ op: 'add', path: '/identifier/-', value: { system: 'urn:test', value: `n${n}` } }]),
    ),
  )
  const body = bodyOf({ version: await repository.read('Patient', 'a') } as never)
  t.equal((body.identifier as object[]).length, 61, 'no patch is lost')
  t.match(body.meta, { versionId: '61' })
  await t.rejects(patch([{ op: 'replace', path: '/gender', value: 'odd' }]), {
    code: /invalid|business-rule/,
  })
  await t.rejects(
    patch([{ op: 'add', path: '/gender', value: 'odd' }]),
    refused('invalid', /AdministrativeGender/),
  )
  await t.rejects(
    patch([{ op: 'add', path: '/active', value: true }], { ifMatch: { versions: ['1'] } }),
    refused('precondition-failed'),
  )
  await repository.write({ kind: 'delete', target })
  await t.rejects(patch([]), refused('deleted'))
})

t.test('references must find their resource', async (t) => {
  const { repository } = world()
  const observe = (reference: string) =>
    repository.write({
      kind: 'create',
      type: 'Observation',
      resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference } },
    })
  await t.rejects(observe('Patient/a'), refused('business-rule', /Patient\/a points at nothing/))
  await repository.write({
    kind: 'update',
    target: { type: 'Patient', id: 'a' },
    resource: patient({ id: 'a' }),
  })
  t.match(await observe('Patient/a'), { outcome: 'created' })
  t.match(await observe('http://127.0.0.1:8080/fhir/Patient/a'), { outcome: 'created' })
  await t.rejects(observe('http://127.0.0.1:8080/fhir/Patient/b'), refused('business-rule'))
  t.match(await observe('http://elsewhere.example/fhir/Patient/b'), { outcome: 'created' })
  await t.rejects(
    observe('urn:uuid:5b8f2fa7-9a0c-4a26-9d2f-5c2c9d7c6f11'),
    refused('invalid', /fullUrl of no entry/),
  )
  await t.rejects(observe('Patient?identifier=1'), refused('invalid', /within a transaction/))
  await repository.write({ kind: 'delete', target: { type: 'Patient', id: 'a' } })
  await t.rejects(observe('Patient/a'), refused('business-rule'))
  const lax = world({ references: 'off' }).repository
  t.match(
    await lax.write({
      kind: 'create',
      type: 'Observation',
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'Patient/none' },
      },
    }),
    { outcome: 'created' },
  )
})

t.test('invalid resources are told every fault, or stored with warnings', async (t) => {
  const bad = patient({ gender: 'none', birthDate: '2020-02-30', nmae: 'x' })
  const error = (await world()
    .repository.write({ kind: 'create', type: 'Patient', resource: bad })
    .catch((thrown: unknown) => thrown)) as FhirError
  t.equal(error.code, 'invalid')
  t.same(error.issues.map(({ expression }) => expression).sort(), [
    'Patient.birthDate',
    'Patient.gender',
    'Patient.nmae',
  ])
  const outcome = await world({ validation: 'warn' }).repository.write({
    kind: 'create',
    type: 'Patient',
    resource: bad,
  })
  t.equal(outcome.outcome, 'created')
  t.equal(outcome.warnings.length, 3)
  t.ok(outcome.warnings.every(({ severity }) => severity === 'warning'))
})

t.test('a hundred clients race for one conditional create, and for one resource', async (t) => {
  const { repository } = world()
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () =>
      repository.write({
        kind: 'create',
        type: 'Patient',
        resource: identified('1'),
        ifNoneExist: 'identifier=1',
      }),
    ),
  )
  t.equal(outcomes.filter(({ outcome }) => outcome === 'created').length, 1)
  t.equal(outcomes.filter(({ outcome }) => outcome === 'existing').length, 99)
  t.equal(new Set(outcomes.map(({ version }) => version?.id)).size, 1)

  const updates = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      repository.write({
        kind: 'update',
        target: { type: 'Patient', id: 'a' },
        resource: identified(String(n), { id: 'a' }),
        ifMatch: undefined,
      }),
    ),
  )
  t.same(
    updates.map(({ version }) => version?.versionId).sort((a, b) => Number(a) - Number(b)),
    Array.from({ length: 100 }, (_, n) => n + 1),
  )

  const guarded = await Promise.allSettled(
    Array.from({ length: 100 }, (_, n) =>
      repository.write({
        kind: 'update',
        target: { type: 'Patient', id: 'a' },
        resource: identified(`again${n}`, { id: 'a' }),
        ifMatch: { versions: ['100'] },
      }),
    ),
  )
  t.equal(guarded.filter(({ status }) => status === 'fulfilled').length, 1, 'If-Match lets one pass')
})
