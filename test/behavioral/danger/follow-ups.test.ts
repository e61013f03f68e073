// What follows from a response: made with it, changed with it, taken back with it, and never made twice.
import t from 'tap'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { assessingServer, type AssessingServer } from './assessing-server.ts'
import { auditC, CALM, careTeam, DANGER, IN_DANGER, patient, phq9, SEVERE, TOTAL } from './responses.ts'

const RESPONSE = 'QuestionnaireResponse/r'
const MADE = ['Observation', 'Flag', 'Task']

async function withPatient(t: Parameters<typeof assessingServer>[0], options = {}): Promise<AssessingServer> {
  const server = await assessingServer(t, options)
  await server.put(patient())
  return server
}

async function made(server: AssessingServer): Promise<readonly JsonObject[]> {
  return (await Promise.all(MADE.map((type) => server.all(type)))).flat()
}

async function statuses(server: AssessingServer): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const { resourceType, status } of await made(server)) {
    const key = `${String(resourceType)} ${String(status)}`
    counted[key] = (counted[key] ?? 0) + 1
  }
  return counted
}

// Servers are started on machines of any speed.
t.setTimeout(120_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
const loose = (value: unknown): any => value

function codeOf(observation: JsonObject): string {
  const { code } = loose(observation)
  return code.coding[0].code
}

async function coded(server: AssessingServer, code: string) {
  return loose((await server.all('Observation')).find((it) => codeOf(it) === code))
}

const total = (server: AssessingServer) => coded(server, TOTAL)
const answer = (server: AssessingServer) => coded(server, '44250-9')

/** What the panel refers to. */
function membersIn(observations: readonly JsonObject[]): readonly string[] {
  return loose(observations.find((it) => 'hasMember' in it)).hasMember.map(
    ({ reference }: { reference: string }) => reference,
  )
}

t.test('a response that is done makes its scores, its answers and the panel of them', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(CALM))
  const observations = await server.all('Observation')
  t.equal(observations.length, 9 + 2 + 1)
  t.match(await total(server), {
    status: 'final',
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-01-30T09:00:00Z',
    valueQuantity: { value: 2, code: '{score}', system: 'http://unitsofmeasure.org' },
    interpretation: [{ coding: [{ code: 'NEG' }], text: 'None-minimal' }],
    derivedFrom: [{ reference: RESPONSE }],
  })
  t.same(
    (await total(server)).derivedFrom.slice(1).map(({ reference }: { reference: string }) => reference),
    membersIn(observations).slice(0, 9),
    'and from each answer that counts',
  )
  const panel = loose(observations.find((it) => codeOf(it) === '44249-1'))
  t.notOk(Object.keys(panel).some((key) => key.startsWith('value')))
  t.same(
    panel.hasMember.map(({ reference }: { reference: string }) => reference).toSorted(),
    observations.filter((it) => it !== panel).map(({ id }) => `Observation/${String(id)}`),
  )
  t.same(await statuses(server), { 'Observation final': 12 })
})

t.test('all of it in the commit of the response', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(SEVERE))
  const history = (await server.ask('GET _history?_count=1000')).json.entry as {
    resource: JsonObject & { meta: { lastUpdated: string } }
  }[]
  const { lastUpdated } = history.find(({ resource }) => resource.resourceType === 'QuestionnaireResponse')!
    .resource.meta
  server.tick(1000)
  t.equal((await made(server)).length, 12 + 1 + 2)
  for (const resource of await made(server)) t.equal(loose(resource).meta.lastUpdated, lastUpdated)
})

t.test('without an answer that is needed there is no score, and why', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9([1, 1, 1, undefined, 1, 1, 1, 1, 1]))
  const score = await total(server)
  t.notOk('valueQuantity' in score)
  t.match(score.dataAbsentReason, {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason' }],
    text: /\/44254-1/,
  })
  t.notOk('interpretation' in score)
  t.same(await statuses(server), { 'Observation final': 8 + 2 + 1, 'Flag active': 1, 'Task requested': 1 })
})

t.test('a danger raises a Flag and a Task for the care team', async (t) => {
  const server = await withPatient(t)
  await server.put(careTeam('team'))
  await server.put(phq9(IN_DANGER))
  const [flag, ...flags] = await server.all('Flag')
  t.same(flags, [])
  t.match(flag, {
    status: 'active',
    subject: { reference: 'Patient/p' },
    code: { text: DANGER },
    category: [{ coding: [{ code: 'safety' }] }],
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/flag-detail',
        valueReference: { reference: RESPONSE },
      },
    ],
  })
  const [task, ...tasks] = await server.all('Task')
  t.same(tasks, [])
  t.match(task, {
    status: 'requested',
    intent: 'order',
    priority: 'asap',
    focus: { reference: RESPONSE },
    for: { reference: 'Patient/p' },
    owner: { reference: 'CareTeam/team' },
    reasonReference: { reference: `Flag/${String(flag?.['id'])}` },
  })
})

t.test('the same response again changes nothing, and another raises its own', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(SEVERE))
  const before = await made(server)
  await server.put(phq9(SEVERE))
  await server.put(phq9(SEVERE, { identifier: { value: 'another version' } }))
  t.equal((await server.ask('GET QuestionnaireResponse/r')).json.meta.versionId, '2')
  const patched = await server.ask(
    'PATCH QuestionnaireResponse/r',
    '[{"op":"add","path":"/language","value":"en"}]',
    {
      'content-type': 'application/json-patch+json',
    },
  )
  t.equal(patched.status, 200, patched.text)
  t.same(await made(server), before)
  await server.put(phq9(SEVERE, { id: 's' }))
  t.equal((await made(server)).length, 2 * before.length)
  t.equal((await server.all('Flag')).length, 2)
})

t.test('one with an id of the server is followed as well', async (t) => {
  const server = await withPatient(t)
  const { id: _id, ...bare } = phq9(SEVERE)
  for (let created = 0; created < 2; created++)
    t.equal((await server.ask('POST QuestionnaireResponse', bare)).status, 201)
  t.equal((await server.all('Flag')).length, 2)
})

t.test('an amended response is scored again, and says so where something has changed', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(IN_DANGER))
  const { id, meta } = await total(server)
  await server.put({
    ...loose(await total(server)),
    note: [{ text: 'Spoken of with the patient.' }],
    meta: { ...meta, tag: [{ system: 'urn:x', code: 'seen' }] },
  })
  await server.put(phq9([1, 1, 0, 0, 0, 0, 0, 3, 1], { status: 'amended' }))
  t.same(await statuses(server), {
    'Observation amended': 2,
    'Observation final': 10,
    'Flag active': 1,
    'Task requested': 1,
  })
  t.match(
    await total(server),
    {
      id,
      status: 'amended',
      valueQuantity: { value: 6 },
      interpretation: [{ text: 'Mild' }],
      note: [{ text: 'Spoken of with the patient.' }],
      meta: { tag: [{ code: 'seen' }] },
    },
    'what others have added stays',
  )
  const before = await made(server)
  await server.put(phq9([1, 1, 0, 0, 0, 0, 0, 3, 1], { status: 'amended' }))
  t.same(await made(server), before)
})

t.test(
  'an answer that is there no more is taken back, and a score that cannot be told has no value',
  async (t) => {
    const server = await withPatient(t)
    await server.put(phq9(CALM))
    await server.put(phq9([undefined, 1, 0, 0, 0, 0, 0, 0, 0], { status: 'amended' }))
    const gone = loose((await server.all('Observation')).find((it) => codeOf(it) === '44250-9'))
    t.equal(gone.status, 'entered-in-error')
    const score = await total(server)
    t.equal(score.status, 'amended')
    t.notOk('valueQuantity' in score || 'interpretation' in score)
    t.ok(score.dataAbsentReason)
    const panel = loose((await server.all('Observation')).find((it) => codeOf(it) === '44249-1'))
    t.notOk(panel.hasMember.some(({ reference }: { reference: string }) => reference.endsWith(gone.id)))
    await server.put(phq9(CALM, { status: 'amended' }))
    t.equal(loose((await server.all('Observation')).find((it) => codeOf(it) === '44250-9')).status, 'amended')
    t.match(await total(server), { valueQuantity: { value: 2 } })
    t.notOk('dataAbsentReason' in (await total(server)))
  },
)

t.test('a danger that was told stays told, though the answers are changed', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(IN_DANGER))
  const raised = [...(await server.all('Flag')), ...(await server.all('Task'))]
  await server.put(phq9(CALM, { status: 'amended' }))
  t.same([...(await server.all('Flag')), ...(await server.all('Task'))], raised)
})

t.test('what is not done yet makes nothing', async (t) => {
  const server = await withPatient(t)
  for (const status of ['in-progress', 'stopped', 'entered-in-error']) {
    await server.put(phq9(SEVERE, { status }))
    t.same(await made(server), [], status)
  }
  await server.put(phq9(SEVERE))
  t.equal((await made(server)).length, 15)
})

for (const [name, withdraw, restore] of [
  ['entered in error', { status: 'entered-in-error' }, { status: 'completed' }],
  ['in progress again', { status: 'in-progress' }, { status: 'amended' }],
  ['stopped', { status: 'stopped' }, { status: 'completed' }],
  ['of another questionnaire', { questionnaire: 'urn:unknown' }, {}],
  ['deleted', undefined, { status: 'completed' }],
] as const)
  t.test(`a response ${name} takes its scores with it, and brings them back`, async (t) => {
    const server = await withPatient(t)
    await server.put(phq9(SEVERE))
    const before = await made(server)
    if (withdraw === undefined) t.equal((await server.ask(`DELETE ${RESPONSE}`)).status, 204)
    else await server.put(phq9(SEVERE, withdraw))
    const isStillDone = name === 'of another questionnaire'
    t.same(await statuses(server), {
      'Observation entered-in-error': 12,
      // Somebody answered something: who has seen the alert is to say that it is none.
      ...(isStillDone
        ? { 'Flag active': 1, 'Task requested': 2 }
        : { 'Flag entered-in-error': 1, 'Task entered-in-error': 2 }),
    })
    await server.put(phq9(SEVERE, restore))
    t.same(await statuses(server), { 'Observation amended': 12, 'Flag active': 1, 'Task requested': 2 })
    const bare = (resources: readonly JsonObject[]) =>
      resources.map(({ meta: _meta, status: _status, ...rest }) => rest)
    t.same(bare(await made(server)), bare(before))
  })

for (const status of ['entered-in-error', 'in-progress'])
  t.test(
    `what was told of no more before the response was ${status} waits for somebody when it is back`,
    async (t) => {
      const server = await withPatient(t)
      await server.put(phq9(SEVERE))
      await server.put(phq9(CALM, { status: 'amended' }))
      const before = await statuses(server)
      t.match(before, { 'Flag active': 1, 'Task requested': 2 })
      await server.put(phq9(CALM, { status }))
      t.match(await statuses(server), { 'Flag entered-in-error': 1, 'Task entered-in-error': 2 })
      await server.put(phq9(CALM, { status: 'amended' }))
      t.match(await statuses(server), { 'Flag active': 1, 'Task requested': 2 })
      t.notOk(JSON.stringify(await made(server)).includes('status-before-withdrawal'))
    },
  )

t.test('a form that was handed out before its questionnaire changed warns as it did then', async (t) => {
  const server = await withPatient(t)
  const questionnaire = (await server.ask('GET Questionnaire/phq-9')).json
  const version = String(questionnaire.version)
  const isAlert = ({ url }: JsonObject): boolean => String(url).endsWith('/assessment-alert')
  await server.put({
    ...questionnaire,
    version: `${version}-ours`,
    extension: questionnaire.extension.filter((it: JsonObject) => !isAlert(it)),
  })
  await server.put(phq9(SEVERE, { questionnaire: `${String(questionnaire.url)}|${version}` }))
  t.same(await statuses(server), { 'Observation final': 12, 'Flag active': 1, 'Task requested': 2 })
  await server.put(phq9(SEVERE, { id: 's', questionnaire: `${String(questionnaire.url)}|${version}-ours` }))
  t.same(await statuses(server), { 'Observation final': 24, 'Flag active': 1, 'Task requested': 2 })
})

t.test('what was being done about it goes on where it was', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(SEVERE))
  const [first, second] = await server.all('Task')
  const [flag] = await server.all('Flag')
  await server.put({ ...first!, status: 'in-progress' })
  await server.put({ ...second!, status: 'completed', note: [{ text: 'Seen on the ward.' }] })
  await server.put({
    ...flag!,
    status: 'inactive',
    extension: [
      ...loose(flag).extension,
      {
        url: 'https://alcove.health/fhir/StructureDefinition/dismissal-reason',
        valueString: 'Safety plan made.',
      },
    ],
  })
  const before = await statuses(server)
  await server.put(phq9(SEVERE, { status: 'entered-in-error' }))
  t.match(await statuses(server), { 'Flag entered-in-error': 1, 'Task entered-in-error': 2 })
  await server.put(phq9(SEVERE))
  const after = await statuses(server)
  t.match(after, { 'Flag inactive': 1, 'Task in-progress': 1, 'Task completed': 1 })
  t.equal(before['Task in-progress'], 1)
  t.notOk(JSON.stringify(await made(server)).includes('status-before-withdrawal'))
})

t.test('a response that turns out to be of somebody else takes all with it', async (t) => {
  const server = await withPatient(t)
  await server.put(patient('q'))
  await server.put(careTeam('of-q', { subject: { reference: 'Patient/q' } }))
  await server.put(phq9(SEVERE))
  const [flag] = await server.all('Flag')
  await server.put({
    ...flag!,
    status: 'inactive',
    extension: [
      ...loose(flag).extension,
      { url: 'https://alcove.health/fhir/StructureDefinition/dismissal-reason', valueString: 'Known.' },
    ],
  })
  await server.put(phq9(SEVERE, { subject: { reference: 'Patient/q' }, status: 'amended' }))
  const all = await made(server)
  t.equal(all.length, 15)
  for (const resource of all)
    t.equal(
      (loose(resource).subject ?? loose(resource).for).reference,
      'Patient/q',
      String(resource.resourceType),
    )
  t.match(await statuses(server), { 'Flag active': 1, 'Task requested': 2 })
  t.same(
    (await server.all('Task')).map((task) => loose(task).owner),
    [{ reference: 'CareTeam/of-q' }, { reference: 'CareTeam/of-q' }],
  )
  t.notOk(JSON.stringify(await server.all('Flag')).includes('Known.'), 'that one was about another')

  await server.put(phq9(CALM, { subject: { reference: 'Patient/p' }, status: 'amended' }))
  t.match(
    await statuses(server),
    { 'Flag entered-in-error': 1, 'Task entered-in-error': 2 },
    'of whom no danger is told at all',
  )
})

t.test('who the author is, and what R4 does not let others say of it', async (t) => {
  const server = await withPatient(t)
  await server.put({ resourceType: 'Practitioner', id: 'doctor' })
  await server.put({ resourceType: 'Device', id: 'phone' })
  await server.put({
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/p' },
  })
  const encounter = { reference: 'Encounter/e' }
  await server.put(phq9(SEVERE, { author: { reference: 'Practitioner/doctor' }, encounter }))
  t.match(await answer(server), { performer: [{ reference: 'Practitioner/doctor' }], encounter })
  t.match(await total(server), { encounter })
  t.notOk('performer' in (await total(server)), 'a score is said by nobody')
  for (const type of ['Flag', 'Task']) t.match((await server.all(type))[0], { encounter })

  await server.put(
    phq9(SEVERE, { author: { reference: 'Device/phone' }, source: { reference: 'Patient/p' } }),
  )
  t.match(await answer(server), { performer: [{ reference: 'Patient/p' }] })
  t.notOk('encounter' in (await answer(server)))
  await server.put(phq9(SEVERE, { author: { reference: 'Device/phone' } }))
  t.match(await answer(server), { device: { reference: 'Device/phone' } })
  t.notOk('performer' in (await answer(server)))
  await server.put(
    phq9(SEVERE, {
      id: 'contained',
      contained: [{ resourceType: 'Patient', id: 'in' }],
      subject: { reference: '#in', display: 'Somebody' },
      authored: undefined,
    }),
  )
  const [flag] = (await server.all('Flag')).filter((it) => loose(it).subject.reference === undefined)
  t.same(loose(flag).subject, { display: 'Somebody' }, 'nobody else can see what is contained')
  t.notOk('period' in flag!)
})

t.test('the profile is said of what fits it', async (t) => {
  const server = await withPatient(t)
  const profiles = async (more: JsonObject) => {
    await server.put(phq9(CALM, { id: 'x', ...more }))
    const found = (await server.all('Observation')).map((it) => loose(it).meta.profile?.[0] ?? 'none')
    await server.put(phq9(CALM, { id: 'x', status: 'in-progress' }))
    return [...new Set(found)]
  }
  const profile = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment'
  t.same(await profiles({ authored: '2026' }), ['none'], 'which asks for the day')
  t.same(await profiles({ authored: '2026-01-30' }), [profile])
})

t.test('a danger is told of whomever', async (t) => {
  const server = await withPatient(t)
  await server.put(phq9(SEVERE, { subject: undefined }))
  const [flag] = await server.all('Flag')
  t.same(loose(flag).subject, {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  })
  t.equal((await server.all('Task')).length, 2)
  t.notOk('subject' in (await total(server)))
})

t.test('the team that began last, and is active', async (t) => {
  const server = await withPatient(t)
  const owner = async (id: string) => {
    await server.put(phq9(IN_DANGER, { id }))
    const task = (await server.all('Task')).find((it) => loose(it).focus.reference.endsWith(`/${id}`))
    return loose(task).owner?.reference
  }
  t.equal(await owner('none'), undefined)
  await server.put(careTeam('b'))
  await server.put(careTeam('c'))
  t.equal(await owner('undated'), 'CareTeam/b')
  await server.put(careTeam('old', { period: { start: '2020' } }))
  t.equal(await owner('dated'), 'CareTeam/old')
  await server.put(careTeam('newer', { period: { start: '2024-05' } }))
  await server.put(careTeam('past', { period: { start: '2025', end: '2025-12-31' } }))
  await server.put(careTeam('inactive', { period: { start: '2025' }, status: 'inactive' }))
  await server.put(patient('q'))
  await server.put(careTeam('others', { period: { start: '2025' }, subject: { reference: 'Patient/q' } }))
  t.equal(await owner('several'), 'CareTeam/newer')
})

t.test('sexes differ where the instrument says so', async (t) => {
  const server = await withPatient(t)
  for (const [gender, code] of [
    ['female', 'POS'],
    ['male', 'NEG'],
  ] as const) {
    await server.put(patient(gender, { gender }))
    await server.put(auditC([3, 0, 0], { id: gender, subject: { reference: `Patient/${gender}` } }))
    const score = (await server.all('Observation')).find(
      (it) => codeOf(it) === '75626-2' && loose(it).subject.reference === `Patient/${gender}`,
    )
    t.equal(loose(score).interpretation[0].coding[0].code, code, gender)
  }
})

t.test('in a transaction the patient that comes with it counts', async (t) => {
  const server = await assessingServer(t)
  const entry = [
    patient('new', { gender: 'female' }),
    auditC([3, 0, 0], { subject: { reference: 'Patient/new' } }),
  ]
  const reply = await server.ask('POST ', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: entry.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${String(resource.resourceType)}/${String(resource['id'])}` },
    })),
  })
  t.equal(reply.status, 200, reply.text)
  const score = (await server.all('Observation')).find((it) => codeOf(it) === '75626-2')
  t.equal(loose(score).interpretation[0].coding[0].code, 'POS')
})

t.test('where saving does not score, what was asked for still follows', async (t) => {
  const server = await withPatient(t, { scoresResponses: false })
  await server.put(phq9(SEVERE))
  t.same(await made(server), [])
  const asked = await server.ask('POST QuestionnaireResponse/r/$score?persist=true')
  t.equal(asked.status, 200, asked.text)
  t.equal((await made(server)).length, 15)
  await server.put(phq9(CALM, { status: 'amended' }))
  t.match(await total(server), { status: 'amended', valueQuantity: { value: 2 } })
  await server.put(phq9(CALM, { status: 'entered-in-error' }))
  t.equal((await total(server)).status, 'entered-in-error')
})

t.test('what is made is labelled as the response is, and stays so', async (t) => {
  const server = await withPatient(t, { labelsByRules: true })
  const labels = async (resources: readonly JsonObject[]) => [
    ...new Set(
      resources.map((it) =>
        loose(it)
          .meta.security.map(({ code }: { code: string }) => code)
          .toSorted()
          .join(),
      ),
    ),
  ]
  await server.put(auditC([4, 4, 4]))
  await server.put(phq9(SEVERE, { id: 's' }))
  const alcohol = async () => (await made(server)).filter((it) => JSON.stringify(it).includes(RESPONSE))
  const before = await labels(await alcohol())
  t.equal(before.length, 1)
  t.match(before[0], /SUD/)
  t.same(await labels([(await server.ask(`GET ${RESPONSE}`)).json]), before)
  t.notMatch(
    (await labels((await made(server)).filter((it) => !JSON.stringify(it).includes(RESPONSE)))).join(),
    /SUD/,
  )
  await server.ask(`DELETE ${RESPONSE}`)
  t.same(await labels(await alcohol()), before, 'also when the response is gone')
})
