// Whoever wants an alert lost, doubled or laid at another's door; and whoever is not to see it.
import t from 'tap'
import type { JsonObject } from '../../../src/fhir/index.ts'
import type { AccessFilter } from '../../../src/store/index.ts'
import { idOf, partOf } from '../../../src/behavioral/assessments/made-from.ts'
import { assessingServer, type AssessingServer } from './assessing-server.ts'
import { auditC, CALM, careTeam, IN_DANGER, patient, phq9, SEVERE, TOTAL } from './responses.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const RESPONSE = 'QuestionnaireResponse/r'
const DISMISSED = {
  url: 'https://alcove.health/fhir/StructureDefinition/dismissal-reason',
  valueString: 'Nothing to see here.',
}

// Servers are started on machines of any speed.
t.setTimeout(120_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const without = (code: string): AccessFilter => ({
  anyOf: [{ types: '*', patients: '*', withoutLabels: [{ system: ACT_CODE, code }] }],
})

async function withPatients(
  t: Parameters<typeof assessingServer>[0],
  options = {},
): Promise<AssessingServer> {
  const server = await assessingServer(t, options)
  await server.put(patient())
  await server.put(patient('q'))
  return server
}

const flagId = partOf('Flag', 'r', 'item-9').name
const taskId = partOf('Task', 'r', 'item-9').name
const scoreId = partOf('Observation', 'r', `0 /${TOTAL}`).name

const flagOf = (who: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Flag',
  id: flagId,
  status: 'inactive',
  code: { text: 'Likes cats' },
  subject: { reference: `Patient/${who}` },
  ...more,
})

const observationOf = (who: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  id: scoreId,
  status: 'final',
  code: { text: 'Height' },
  subject: { reference: `Patient/${who}` },
  valueInteger: 180,
  ...more,
})

t.test(
  'what others have put where ours would stand stays theirs, and ours is made all the same',
  async (t) => {
    const server = await withPatients(t)
    const task = { resourceType: 'Task', id: taskId, status: 'completed', intent: 'order' }
    const theirs = [flagOf('q'), observationOf('q'), task]
    for (const resource of theirs) await server.put(resource)
    await server.put(phq9(IN_DANGER))
    for (const resource of theirs) {
      const { json } = await server.ask(`GET ${String(resource.resourceType)}/${String(resource['id'])}`)
      t.equal(json.meta.versionId, '1')
    }
    const flags = (await server.all('Flag')).filter(({ status }) => status === 'active')
    t.equal(flags.length, 1)
    t.match(flags, [{ subject: { reference: 'Patient/p' } }])
    const [made] = (await server.all('Task')).filter(({ status }) => status === 'requested')
    t.equal((made as Loose).reasonReference.reference, `Flag/${String(flags[0]?.['id'])}`)
    const panel = (await server.all('Observation')).find((it) => 'hasMember' in it) as Loose
    t.notOk(panel.hasMember.some(({ reference }: Loose) => reference === `Observation/${scoreId}`))

    const before = await server.all('Flag')
    await server.put(phq9(IN_DANGER, { language: 'en' }))
    t.same(await server.all('Flag'), before, 'and not twice')
    t.equal((await server.all('Observation')).length, 13)
    await server.put(phq9(CALM, { status: 'entered-in-error' }))
    t.equal((await server.ask(`GET Observation/${scoreId}`)).json.status, 'final')
    t.equal((await server.ask(`GET Flag/${flagId}`)).json.status, 'inactive')
  },
)

t.test('what is hidden there is neither told of nor touched', async (t) => {
  const server = await withPatients(t)
  const hidden = { meta: { security: [{ system: ACT_CODE, code: 'HIV' }] } }
  await server.put(flagOf('q', hidden))
  await server.put(observationOf('q', hidden))
  const blind = server.seenBy(without('HIV'))
  const answer = await blind.ask(`PUT ${RESPONSE}`, phq9(IN_DANGER))
  t.equal(answer.status, 201, answer.text)
  t.equal((await blind.ask('GET Flag?_summary=count')).json.total, 1)
  t.equal((await blind.ask('GET Observation?_summary=count')).json.total, 12)
  t.equal((await blind.ask(`GET Flag/${flagId}`)).status, 404)
  t.equal((await server.ask(`GET Flag/${flagId}`)).json.meta.versionId, '1')
})

t.test('every id taken is told, and nothing is saved without its alert', async (t) => {
  const server = await withPatients(t)
  for (let attempt = 0; attempt < 32; attempt++)
    await server.put(flagOf('q', { id: idOf(partOf('Flag', 'r', 'item-9'), attempt) }))
  const answer = await server.ask(`PUT ${RESPONSE}`, phq9(IN_DANGER))
  t.equal(answer.status, 409, answer.text)
  t.notMatch(answer.text, /Flag/)
  t.equal((await server.ask(`GET ${RESPONSE}`)).status, 404)
  t.equal((await server.ask(`PUT ${RESPONSE}`, phq9(CALM))).status, 201)
})

t.test('a forged alert does not stand for ours', async (t) => {
  const server = await withPatients(t)
  await server.put(phq9(IN_DANGER, { status: 'in-progress' }))
  const own = {
    identifier: [
      { system: 'https://alcove.health/fhir/NamingSystem/assessment-alert', value: flagId },
      { system: 'https://alcove.health/fhir/NamingSystem/assessment-response', value: 'r' },
    ],
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/flag-detail',
        valueReference: { reference: RESPONSE },
      },
    ],
  }
  t.equal((await server.ask(`PUT Flag/${flagId}`, flagOf('p', own))).status, 422)
  for (const forged of [
    flagOf('q', { ...own, extension: [...own.extension, DISMISSED] }),
    flagOf('q', { ...own, status: 'active', extension: undefined }),
  ]) {
    t.match(String((await server.ask(`PUT Flag/${flagId}`, forged)).status), /20[01]|422/)
    await server.put(phq9(IN_DANGER, { status: 'completed' }))
    const active = (await server.all('Flag')).filter(
      (it) => it['status'] === 'active' && (it as Loose).subject.reference === 'Patient/p',
    )
    t.equal(active.length, 1)
    await server.put(phq9(IN_DANGER, { status: 'in-progress' }))
  }
})

t.test('a transaction cannot answer for the server', async (t) => {
  const server = await withPatients(t)
  const send = (...resources: readonly JsonObject[]) =>
    server.ask('POST ', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: resources.map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${String(resource.resourceType)}/${String(resource['id'])}` },
      })),
    })
  const preview = await server.ask('POST QuestionnaireResponse/$score', phq9(IN_DANGER))
  const bundle = preview.json.parameter.find(({ name }: Loose) => name === 'resources').resource
  const written = bundle.entry.map(({ resource }: Loose) => resource)
  const flag = written.find(({ resourceType }: Loose) => resourceType === 'Flag')
  const score = written.find((it: Loose) => 'valueQuantity' in it)

  t.equal((await send(phq9(IN_DANGER), { ...flag, status: 'inactive' })).status, 422)
  const dismissed = { ...flag, status: 'inactive', extension: [...flag.extension, DISMISSED] }
  const wrong = { ...score, valueQuantity: { ...score.valueQuantity, value: 0 } }
  const lied = await send(phq9(IN_DANGER), wrong)
  t.equal(lied.status, 422, lied.text)
  t.match(lied.json.issue[0].diagnostics, /is written by this server/)
  t.equal((await server.ask(`GET ${RESPONSE}`)).status, 404)
  t.equal((await send(phq9(IN_DANGER), flagOf('q'))).status, 200, 'what happens to be there is theirs')
  t.equal((await server.all('Flag')).filter(({ status }) => status === 'active').length, 1)

  const again = await assessingServer(t)
  await again.put(patient())
  const whole = await again.ask('POST ', bundle)
  t.equal(whole.status, 200, whole.text)
  t.equal((await again.all('Observation')).length, 12)
  t.equal((await again.all('Flag')).length, 1)
  const third = await assessingServer(t)
  await third.put(patient())
  const moved = {
    ...bundle,
    entry: bundle.entry.map((it: Loose) => (it.resource === flag ? { ...it, resource: dismissed } : it)),
  }
  t.equal((await third.ask('POST ', moved)).status, 200, 'what was dismissed elsewhere is so with its reason')
  t.match(await third.all('Flag'), [{ status: 'inactive' }])
})

t.test('who may not see what alcohol did writes nothing of it, and scores without a trace', async (t) => {
  const server = await withPatients(t, { labelsByRules: true })
  const blind = server.seenBy(without('SUD'))
  const before = await server.store.maintenance.counts()
  t.equal((await blind.ask(`PUT ${RESPONSE}`, auditC([4, 4, 4]))).status, 403)
  t.equal((await blind.ask('POST QuestionnaireResponse/$score', auditC([4, 4, 4]))).status, 200)
  const persisted = await blind.ask('POST QuestionnaireResponse/$score', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'response', resource: auditC([4, 4, 4]) },
      { name: 'persist', valueBoolean: true },
    ],
  })
  t.equal(persisted.status, 403, persisted.text)
  t.same(await server.store.maintenance.counts(), before)
  await server.put(auditC([4, 4, 4]))
  for (const line of [`GET ${RESPONSE}/$score`, `POST ${RESPONSE}/$score?persist=true`]) {
    const [there, never] = [await blind.ask(line), await blind.ask(line.replace('/r/', '/never/'))]
    t.equal(there.status, 404)
    t.equal(there.text.replaceAll('/r', '/never'), never.text.replaceAll('/r', '/never'))
  }
  t.equal((await blind.ask('GET Observation?_summary=count')).json.total, 0)
})

t.test('no team is named that somebody may not see who sees the Task', async (t) => {
  const server = await withPatients(t)
  const secret = { meta: { security: [{ system: ACT_CODE, code: 'SUD' }] } }
  await server.put(careTeam('open'))
  await server.put(careTeam('secret', { ...secret, period: { start: '2025' } }))
  await server.put(phq9(IN_DANGER))
  t.equal(((await server.all('Task'))[0] as Loose).owner.reference, 'CareTeam/open')
  await server.put(phq9(IN_DANGER, { id: 'also', ...secret }))
  const [task] = (await server.all('Task')).filter((it) => (it as Loose).focus.reference.endsWith('/also'))
  t.equal((task as Loose).owner.reference, 'CareTeam/secret', 'where the response is as secret itself')
  const blind = server.seenBy(without('SUD'))
  t.equal((await blind.ask('GET Task?_summary=count')).json.total, 1)
})

t.test('many at once raise one alert', async (t) => {
  const server = await withPatients(t)
  const replies = await Promise.all(
    Array.from({ length: 32 }, (_, at) =>
      server.ask(`PUT ${RESPONSE}`, phq9(SEVERE, { identifier: { value: `${at}` } })),
    ),
  )
  t.same(replies.map(({ status }) => status).toSorted(), [...Array.from({ length: 31 }, () => 200), 201])
  t.equal((await server.all('Flag')).length, 1)
  t.equal((await server.all('Task')).length, 2)
  t.equal((await server.all('Observation')).length, 12)
  for (const type of ['Flag', 'Task', 'Observation'])
    for (const { meta } of await server.all(type)) t.equal((meta as Loose).versionId, '1')
})

t.test('whichever of two came last counts for all that follows', async (t) => {
  const server = await withPatients(t)
  for (let round = 0; round < 8; round++) {
    await Promise.all([
      server.ask(`PUT ${RESPONSE}`, phq9(SEVERE)),
      server.ask(`PUT ${RESPONSE}`, phq9(SEVERE, { status: 'entered-in-error' })),
      server.ask(`PUT ${RESPONSE}`, phq9(CALM, { status: 'amended' })),
    ])
    const { status } = (await server.ask(`GET ${RESPONSE}`)).json
    const isDone = status !== 'entered-in-error'
    const made = (await server.all('Observation')) as Loose[]
    for (const it of made) t.equal(it.status === 'entered-in-error', !isDone, `${round}: ${status}`)
    const score = made.find(({ id }) => id === scoreId)
    if (isDone) t.equal(score.valueQuantity.value, status === 'amended' ? 2 : 24)
  }
})

t.test('If-Match holds for the response, and nothing follows where it does not', async (t) => {
  const server = await withPatients(t)
  await server.put(phq9(CALM))
  const before = await server.store.maintenance.counts()
  const stale = await server.ask(`PUT ${RESPONSE}`, phq9(SEVERE), { 'if-match': 'W/"7"' })
  t.equal(stale.status, 412)
  t.same(await server.store.maintenance.counts(), before)
  t.equal((await server.ask(`PUT ${RESPONSE}`, phq9(SEVERE), { 'if-match': 'W/"1"' })).status, 200)
  t.equal((await server.all('Flag')).length, 1)
  const raced = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      server.ask(`PUT ${RESPONSE}`, phq9(CALM, { identifier: { value: `${at}` } }), { 'if-match': 'W/"2"' }),
    ),
  )
  t.equal(raced.filter(({ status }) => status === 200).length, 1)
  t.equal(raced.filter(({ status }) => status === 412).length, 7)
})

t.test('what has been made is made again when somebody has deleted it', async (t) => {
  const server = await withPatients(t)
  await server.put(phq9(CALM))
  t.equal((await server.ask(`DELETE Observation/${scoreId}`)).status, 204)
  await server.put(phq9(CALM))
  t.match((await server.ask(`GET Observation/${scoreId}`)).json, { valueQuantity: { value: 2 } })
})

t.test('what somebody has broken does not keep a response from being corrected', async (t) => {
  const server = await assessingServer(t, { parts: { validation: 'warn' } })
  await server.put(patient())
  await server.put(phq9(SEVERE))
  for (const type of ['Observation', 'Flag', 'Task'])
    for (const resource of await server.all(type)) await server.put({ ...resource, note: 'no Annotation' })
  await server.put(phq9(CALM, { status: 'amended' }))
  t.match((await server.ask(`GET Observation/${scoreId}`)).json, {
    status: 'amended',
    valueQuantity: { value: 2 },
  })
  await server.put(phq9(CALM, { status: 'entered-in-error' }))
  t.equal((await server.ask(`GET Flag/${flagId}`)).json.status, 'entered-in-error')
})

t.test('what is sent that is no response at all scores nothing, where that is stored', async (t) => {
  const server = await assessingServer(t, { parts: { validation: 'warn', references: 'off' } })
  for (const [at, more] of [
    { subject: { reference: 5 } },
    { subject: 'Patient/p', author: [], encounter: { reference: 'x y' } },
    { authored: 'yesterday' },
    { item: 'none' },
    { item: [{ linkId: '/44250-9', answer: [{ valueCoding: 'x' }] }, null, 7] },
    { questionnaire: 7 },
  ].entries())
    t.equal(
      (await server.ask(`PUT QuestionnaireResponse/x${at}`, phq9(SEVERE, { id: `x${at}`, ...more } as Loose)))
        .status,
      201,
    )
  for (const type of ['Observation', 'Flag', 'Task'])
    for (const resource of await server.all(type))
      t.same(
        server.repository.check(resource as Loose).filter(({ severity }) => severity === 'error'),
        [],
      )
})

t.test('answers without end stay in the response, and the score is told', async (t) => {
  const server = await withPatients(t)
  const { json } = await server.ask('GET Questionnaire/phq-9')
  const url = 'urn:many'
  const item = [
    { linkId: 'many', type: 'string', repeats: true, code: [{ system: 'urn:x', code: 'many' }] },
    ...json.item,
  ]
  await server.put({ ...json, id: 'many', url, item })
  const answer = Array.from({ length: 1001 }, (_, at) => ({ valueString: `${at}` }))
  const response = phq9(IN_DANGER, { questionnaire: url })
  await server.put({ ...response, item: [{ linkId: 'many', answer }, ...(response['item'] as Loose)] })
  t.equal((await server.all('Observation')).length, 2 + 1)
  t.equal((await server.all('Flag')).length, 1)
  await server.put({
    ...response,
    item: [{ linkId: 'many', answer: answer.slice(0, 3) }, ...(response['item'] as Loose)],
  })
  t.equal((await server.all('Observation')).length, 3 + 9 + 2 + 1)
})

t.test('a Questionnaire that is hidden tells nothing of itself by what it makes', async (t) => {
  const server = await withPatients(t)
  const { json } = await server.ask('GET Questionnaire/phq-9')
  const url = 'urn:hidden'
  await server.put({ ...json, id: 'hidden', url, meta: { security: [{ system: ACT_CODE, code: 'HIV' }] } })
  const blind = server.seenBy(without('HIV'))
  for (const [id, questionnaire] of [
    ['of-hidden', url],
    ['of-none', 'urn:never'],
  ] as const)
    for (const response of [
      phq9(SEVERE, { id, questionnaire }),
      phq9(CALM, { id, questionnaire, status: 'amended' }),
    ]) {
      const reply = await blind.ask(`PUT QuestionnaireResponse/${id}`, response)
      t.match(String(reply.status), /20[01]/)
      for (const type of ['Observation', 'Flag', 'Task'])
        t.equal((await blind.ask(`GET ${type}?_summary=count`)).json.total, 0, `${type} of ${questionnaire}`)
    }
  t.equal((await server.all('Observation')).length, 12)
  t.match(await server.all('Flag'), [{ status: 'active' }], 'who may see it is warned')
  const known = await blind.ask('GET QuestionnaireResponse/of-hidden/$score')
  const unknown = await blind.ask('GET QuestionnaireResponse/of-none/$score')
  t.equal(known.status, 422)
  t.equal(known.text.replaceAll(url, 'urn:never'), unknown.text)
})
