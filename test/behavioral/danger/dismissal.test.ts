// Nobody puts an alert away without a reason, by whatever way.
import t from 'tap'
import type { JsonObject } from '../../../src/fhir/index.ts'
import type { Reply } from '../../rest/server.ts'
import { assessingServer, type AssessingServer } from './assessing-server.ts'
import { patient, phq9, SEVERE } from './responses.ts'

const REASON = 'https://alcove.health/fhir/StructureDefinition/dismissal-reason'
const ALERT = 'https://alcove.health/fhir/NamingSystem/assessment-alert'

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

async function alarmed(
  t: Parameters<typeof assessingServer>[0],
  options: Parameters<typeof assessingServer>[1] = {},
): Promise<AssessingServer & { readonly flag: Loose; readonly task: Loose }> {
  const server = await assessingServer(t, options)
  await server.put(patient())
  await server.put(phq9(SEVERE))
  const [flag] = await server.all('Flag')
  const task = (await server.all('Task')).find((it) => (it as Loose).priority === 'asap')
  return { ...server, flag, task }
}

const put = ({ ask }: AssessingServer, resource: Loose): Promise<Reply> =>
  ask(`PUT ${resource.resourceType}/${resource.id}`, resource)

function refused(t: Loose, reply: Reply, expression: string, what: string): void {
  t.equal(reply.status, 422, `${what}: ${reply.text}`)
  t.equal(reply.json.issue[0].code, 'business-rule', what)
  t.equal(reply.json.issue[0].expression[0], expression, what)
}

const because = (flag: Loose, reason: JsonObject): Loose => ({
  ...flag,
  extension: [...flag.extension, { url: REASON, ...reason }],
})

t.test('a Flag leaves active with a reason alone', async (t) => {
  const server = await alarmed(t)
  const { flag } = server
  for (const status of ['inactive', 'entered-in-error']) {
    refused(t, await put(server, { ...flag, status }), 'Flag.status', status)
    for (const reason of [
      { valueString: ' \t ' },
      { valueCodeableConcept: { coding: [{ system: 'urn:x' }] } },
    ])
      refused(
        t,
        await put(server, because({ ...flag, status }, reason)),
        'Flag.status',
        JSON.stringify(reason),
      )
    const elsewhere = {
      ...flag,
      status,
      extension: [...flag.extension, { url: 'urn:other', valueString: 'x' }],
    }
    refused(t, await put(server, elsewhere), 'Flag.status', 'another extension')
  }
  refused(
    t,
    await put(server, { ...flag, period: { ...flag.period, end: '2026-01-31' } }),
    'Flag.period.end',
    'a Flag of the past is shown by nobody',
  )
  t.equal((await server.ask(`GET Flag/${flag.id}`)).json.meta.versionId, '1')
  for (const reason of [
    { valueString: 'Safety plan made.' },
    { valueCodeableConcept: { text: 'Safety plan made.' } },
    { valueCodeableConcept: { coding: [{ system: 'urn:x', code: 'plan' }] } },
  ]) {
    const dismissed = because({ ...flag, status: 'inactive' }, reason)
    t.equal((await put(server, dismissed)).status, 200, JSON.stringify(reason))
    refused(t, await put(server, { ...flag, status: 'inactive' }), 'Flag.status', 'the reason stays')
    t.equal((await put(server, { ...dismissed, language: 'en' })).status, 200, 'more may be said')
    t.equal((await put(server, flag)).status, 200, 'up again')
  }
})

t.test('a Task ends with a reason alone', async (t) => {
  const server = await alarmed(t)
  const { task } = server
  for (const status of ['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'])
    refused(t, await put(server, { ...task, status }), 'Task.status', status)
  refused(
    t,
    await put(server, { ...task, status: 'cancelled', note: [{ text: 'x' }] }),
    'Task.status',
    'a note',
  )
  for (const more of [{ note: [{ text: ' ' }] }, { statusReason: { text: ' ' } }])
    refused(
      t,
      await put(server, { ...task, status: 'completed', ...more }),
      'Task.status',
      JSON.stringify(more),
    )
  for (const status of ['received', 'accepted', 'in-progress', 'on-hold', 'requested'])
    t.equal((await put(server, { ...task, status })).status, 200, status)
  for (const more of [
    { status: 'completed', statusReason: { text: 'Seen.' } },
    { status: 'completed', note: [{ text: 'Seen.' }] },
    { status: 'completed', output: [{ type: { text: 'Plan' }, valueString: 'Safety plan' }] },
    { status: 'cancelled', statusReason: { coding: [{ system: 'urn:x', code: 'double' }] } },
    { status: 'entered-in-error', statusReason: { text: 'Wrong chart.' } },
  ]) {
    t.equal((await put(server, { ...task, ...more })).status, 200, JSON.stringify(more))
    refused(t, await put(server, { ...task, status: 'failed' }), 'Task.status', 'then another way')
    t.equal((await put(server, { ...task, owner: { reference: 'Patient/p' } })).status, 200, 'open again')
  }
})

t.test('what an alert says stays', async (t) => {
  const server = await alarmed(t)
  await server.put(patient('q'))
  await server.put(phq9(SEVERE, { id: 'other' }))
  const { flag, task } = server
  const others = { reference: 'QuestionnaireResponse/other' }
  const reason = { url: REASON, valueString: 'x' }
  for (const [what, element, changed] of [
    ['whose', 'subject', { ...flag, subject: { reference: 'Patient/q' } }],
    ['what', 'code', { ...flag, code: { text: 'Nothing' } }],
    ['of what', 'extension', { ...flag, extension: [{ ...flag.extension[0], valueReference: others }] }],
    ['of nothing', 'extension', { ...flag, extension: [reason] }],
    ['its name', 'identifier', { ...flag, identifier: [{ system: 'urn:x', value: 'x' }] }],
    ['half its name', 'identifier', { ...flag, identifier: [flag.identifier[1]] }],
    ['whose', 'for', { ...task, for: { reference: 'Patient/q' } }],
    ['of what', 'focus', { ...task, focus: others }],
    ['what', 'code', { ...task, code: { text: 'Nothing' } }],
    ['its name', 'identifier', { ...task, identifier: undefined }],
  ] as const) {
    refused(t, await put(server, changed), `${changed.resourceType}.${element}`, `${what} ${element}`)
    refused(
      t,
      await put(server, { ...changed, status: changed.resourceType === 'Flag' ? 'inactive' : 'failed' }),
      `${changed.resourceType}.${element}`,
      `${what} ${element}, told first`,
    )
  }
  for (const resource of [flag, task])
    t.equal(
      (await put(server, { ...resource, identifier: [...resource.identifier, { value: 'ours' }] })).status,
      200,
      'what is put beside it is the practice’s own',
    )
})

t.test('nor is it deleted', async (t) => {
  const server = await alarmed(t)
  for (const { resourceType, id, identifier } of [server.flag, server.task]) {
    const asked = `${resourceType}/${id}`
    refused(t, await server.ask(`DELETE ${asked}`), `${resourceType}.status`, asked)
    refused(
      t,
      await server.ask(`DELETE ${resourceType}?identifier=${ALERT}|${identifier[0].value}`),
      `${resourceType}.status`,
      'by criteria',
    )
    const batch = await server.ask('POST ', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'DELETE', url: asked } }],
    })
    t.match(batch.json.entry[0].response.status, /^422/)
    const transaction = await server.ask('POST ', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: asked } }],
    })
    t.equal(transaction.status, 422)
    t.match(transaction.json.issue[0].expression[0], /^Bundle\.entry\[0\]/)
    t.equal((await server.ask(`GET ${asked}`)).status, 200)
  }
})

t.test('by a patch as by an update', async (t) => {
  const server = await alarmed(t)
  const patch = (resource: Loose, operations: readonly JsonObject[]) =>
    server.ask(`PATCH ${resource.resourceType}/${resource.id}`, JSON.stringify(operations), {
      'content-type': 'application/json-patch+json',
    })
  const away = { op: 'replace', path: '/status', value: 'inactive' }
  refused(t, await patch(server.flag, [away]), 'Flag.status', 'bare')
  refused(
    t,
    await patch(server.flag, [{ op: 'remove', path: '/identifier' }, away]),
    'Flag.identifier',
    'with its name taken first',
  )
  const reason = { op: 'add', path: '/extension/-', value: { url: REASON, valueString: 'Seen.' } }
  t.equal((await patch(server.flag, [away, reason])).status, 200)
  refused(t, await patch(server.task, [{ ...away, value: 'completed' }]), 'Task.status', 'a Task')
})

t.test('also where faults are but warned of', async (t) => {
  const server = await alarmed(t, { parts: { validation: 'warn' } })
  refused(t, await put(server, { ...server.flag, status: 'inactive' }), 'Flag.status', 'warn')
})

t.test('nor does anybody make one that has been put away already', async (t) => {
  const server = await alarmed(t)
  const { id: _id, ...bare } = server.flag
  for (const [line, resource] of [
    ['POST Flag', { ...bare, status: 'inactive' }],
    ['PUT Flag/own', { ...bare, id: 'own', status: 'inactive' }],
  ] as const)
    refused(t, await server.ask(line, resource), 'Flag.status', line)
  const plain = {
    resourceType: 'Flag',
    id: 'own',
    status: 'inactive',
    code: { text: 'x' },
    subject: bare.subject,
  }
  t.equal((await put(server, plain)).status, 201, 'one of the practice’s own is none of this')
  refused(t, await put(server, { ...plain, identifier: bare.identifier }), 'Flag.status', 'later')
  t.equal((await server.ask('DELETE Flag/own')).status, 204)
  t.equal(
    (await server.ask('POST Flag', because({ ...bare, status: 'inactive' }, { valueString: 'Moved.' })))
      .status,
    201,
  )
})

t.test('one that was taken back with its response waits for that', async (t) => {
  const server = await alarmed(t)
  await server.put(phq9(SEVERE, { status: 'entered-in-error' }))
  const { json: flag } = await server.ask(`GET Flag/${server.flag.id}`)
  t.equal(flag.status, 'entered-in-error')
  t.equal((await put(server, { ...flag, language: 'en' })).status, 200, 'nothing is put away by that')
  refused(t, await put(server, { ...flag, status: 'inactive' }), 'Flag.status', 'inactive')
  refused(t, await server.ask(`DELETE Flag/${flag.id}`), 'Flag.status', 'deleted')
  const forged = flag.extension.map((it: Loose) =>
    'valueCode' in it ? { ...it, valueCode: 'inactive' } : it,
  )
  t.equal((await put(server, { ...flag, extension: forged })).status, 200)
  await server.put(phq9(SEVERE))
  t.equal((await server.ask(`GET Flag/${flag.id}`)).json.status, 'active', 'whatever it says that it was')
})

t.test('nor is one hidden softly, or put away again by an old reason', async (t) => {
  const server = await alarmed(t)
  const { flag, task } = server
  const reply = async (resource: Loose): Promise<Reply> => put(server, resource)
  for (const priority of ['routine', 'urgent', undefined])
    refused(t, await reply({ ...task, priority }), 'Task.priority', `priority ${priority}`)
  refused(t, await reply({ ...task, intent: 'proposal' }), 'Task.intent', 'another intent')
  refused(t, await reply({ ...task, status: 'draft' }), 'Task.status', 'a draft')
  t.equal(
    (await reply({ ...task, priority: 'stat', status: 'accepted' })).status,
    200,
    'more urgent, taken on',
  )
  refused(t, await reply({ ...flag, category: undefined }), 'Flag.category', 'no category')

  const reasoned = because(flag, { valueString: 'Seen, safety plan made.' })
  refused(t, await reply(reasoned), 'Flag.extension', 'active, with a reason')
  t.equal((await reply({ ...reasoned, status: 'inactive' })).status, 200)
  refused(t, await reply(reasoned), 'Flag.extension', 'reopened, and the old reason left')
  t.equal((await reply(flag)).status, 200, 'reopened')
  refused(t, await reply({ ...flag, status: 'inactive' }), 'Flag.status', 'put away again')
})
