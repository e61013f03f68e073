// $score: of what is stored and of what is posted, written on demand alone, and with words for what cannot be scored.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { assessingServer } from '../behavioral/danger/assessing-server.ts'
import { auditC, CALM, IN_DANGER, patient, phq9, SEVERE, TOTAL } from '../behavioral/danger/responses.ts'
import type { Reply } from '../rest/server.ts'

// Servers are started on machines of any speed.
t.setTimeout(120_000)

const RESPONSE = 'QuestionnaireResponse/r'
const POSTED = 'POST QuestionnaireResponse/$score'

const validator = createValidator(loadDefinitions())

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

interface Answer {
  readonly questionnaire: string
  readonly scores: readonly Loose[]
  readonly alerts: readonly Loose[]
  readonly issues: readonly Loose[]
  readonly resources: readonly Loose[]
  readonly requests: readonly Loose[]
}

function read(reply: Reply): Answer {
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`)
  const faults = validator.validate(parseJson(Buffer.from(reply.text)) as Resource)
  if (faults.some(({ severity }) => severity === 'error')) throw new Error(JSON.stringify(faults))
  const named = (name: string): Loose[] => reply.json.parameter.filter((it: Loose) => it.name === name)
  const groups = (name: string) =>
    named(name).map(({ part }) => {
      const said: Record<string, unknown[]> = {}
      for (const { name: key, ...value } of part) (said[key] ??= []).push(Object.values(value)[0])
      return Object.fromEntries(
        Object.entries(said).map(([key, values]) => [key, key === 'missing' ? values : values[0]]),
      )
    })
  const entries = named('resources')[0]?.resource.entry ?? []
  return {
    questionnaire: named('questionnaire')[0].valueCanonical,
    scores: groups('score'),
    alerts: groups('alert'),
    issues: named('issues')[0]?.resource.issue ?? [],
    resources: entries.map(({ resource }: Loose) => resource),
    requests: entries.map(({ request }: Loose) => request),
  }
}

async function practice(t: Parameters<typeof assessingServer>[0], options = {}) {
  const server = await assessingServer(t, options)
  await server.put(patient())
  await server.put(patient('f', { gender: 'female' }))
  const counted = async () => server.store.maintenance.counts()
  return { ...server, counted }
}

const parameters = (...parameter: readonly JsonObject[]) => ({ resourceType: 'Parameters', parameter })

t.test('of a stored response: scores, bands, alerts, and what was written with it', async (t) => {
  const { ask, put, counted, all } = await practice(t)
  await put(phq9(SEVERE))
  const before = await counted()
  const answer = read(await ask(`GET ${RESPONSE}/$score`))
  t.equal(answer.questionnaire, 'https://alcove.health/fhir/Questionnaire/phq-9|1.0.0')
  t.match(answer.scores, [
    {
      linkId: `/${TOTAL}`,
      code: { system: 'http://loinc.org', code: TOTAL },
      value: 24,
      band: 'Severe',
      severity: 'severe',
      interpretation: { code: 'POS' },
      lowest: 0,
      highest: 27,
    },
    { linkId: 'diagnostic-algorithm', value: { code: 'phq-9-major-depressive-syndrome' } },
  ])
  t.match(answer.alerts, [
    { id: 'item-9', level: 'safety', flag: true, priority: 'asap' },
    { id: 'severe', level: 'severe', flag: false, priority: 'urgent' },
  ])
  t.same(answer.issues, [])
  const stored = (await Promise.all(['Observation', 'Flag', 'Task'].map(all))).flat()
  const bare = ({ meta, ...rest }: Loose) => ({ ...rest, profile: meta?.profile })
  t.same(
    answer.resources.map(bare).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    stored.map(bare).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  )
  t.same(
    answer.requests,
    answer.resources.map(({ resourceType, id }) => ({ method: 'PUT', url: `${resourceType}/${id}` })),
  )
  t.same((await ask(`POST ${RESPONSE}/$score`)).json, (await ask(`GET ${RESPONSE}/$score`)).json)
  t.same(await counted(), before, 'and nothing is written')
})

t.test('of a posted one, with or without Parameters around it', async (t) => {
  const { ask, counted } = await practice(t)
  const before = await counted()
  const { id: _id, ...unnamed } = phq9(IN_DANGER)
  const bare = await ask(POSTED, phq9(IN_DANGER))
  const answer = read(bare)
  t.equal(answer.scores[0].value, 3)
  t.equal(answer.scores[0].interpretation.code, 'NEG')
  t.equal(answer.resources.length, 1 + 12 + 2, 'the response too, as nothing else is there')
  for (const resource of answer.resources) t.same(validator.validate(resource), [], resource.resourceType)
  for (const name of ['response', 'resource'])
    t.equal((await ask(POSTED, parameters({ name, resource: phq9(IN_DANGER) as Resource }))).text, bare.text)
  const first = read(await ask(POSTED, unnamed))
  t.same(first, read(await ask(POSTED, unnamed)), 'the same ids for the same')
  t.match(first.resources[0].id, /^[0-9a-f]{40}$/)
  t.match(first.resources.at(-1).focus, { reference: `QuestionnaireResponse/${first.resources[0].id}` })
  t.same(await counted(), before)
})

t.test('the transaction that it answers is one that can be sent', async (t) => {
  for (const scoresResponses of [true, false]) {
    const { ask, all } = await practice(t, { scoresResponses })
    const { json } = await ask(POSTED, phq9(SEVERE))
    const bundle = json.parameter.find(({ name }: Loose) => name === 'resources').resource
    const sent = await ask('POST ', bundle)
    t.equal(sent.status, 200, sent.text)
    t.equal((await all('Observation')).length, 12)
    t.equal((await all('Flag')).length, 1)
    t.equal((await all('Task')).length, 2)
  }
})

t.test('without a score, why; and what is amiss', async (t) => {
  const { ask } = await practice(t)
  const answers = [...(phq9(CALM).item as Loose[])]
  answers[3] = {
    linkId: '/44254-1',
    answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA33-6' } }],
  }
  const { scores, issues } = read(await ask(POSTED, phq9(CALM, { item: answers })))
  t.notOk('value' in scores[0] || 'band' in scores[0])
  t.ok(scores[0].dataAbsentReason)
  t.same(scores[0].missing, ['/44254-1'])
  t.equal(issues.length, 1)
  t.match(issues[0].expression[0], /^QuestionnaireResponse\.item\[3\]/)
})

t.test('what the patient is counts, as far as the caller may see it', async (t) => {
  const { ask, seenBy } = await practice(t)
  const response = auditC([3, 0, 0], { subject: { reference: 'Patient/f' } })
  t.equal(read(await ask(POSTED, response)).scores[0].interpretation.code, 'POS')
  const blind = seenBy({ anyOf: [{ types: ['Questionnaire'], patients: '*', withoutLabels: [] }] })
  t.notOk('interpretation' in read(await blind.ask(POSTED, response)).scores[0])
})

t.test('persist writes the response and what follows, once', async (t) => {
  for (const scoresResponses of [true, false]) {
    const { ask, all, put } = await practice(t, { scoresResponses })
    const { id: _id, ...unnamed } = phq9(SEVERE)
    const made = read(await ask(`${POSTED}?persist=true`, unnamed))
    const [response] = made.resources
    t.equal(response.meta.versionId, '1')
    t.equal((await ask(`GET QuestionnaireResponse/${response.id}`)).status, 200)
    t.equal((await all('Observation')).length, 12)
    t.equal((await all('Flag')).length, 1)
    for (const { resourceType, id } of made.resources)
      t.equal((await ask(`GET ${resourceType}/${id}`)).status, 200)
    t.equal(made.resources.length, 1 + 12 + 1 + 2)

    const named = parameters(
      { name: 'response', resource: phq9(SEVERE) as Resource },
      { name: 'persist', valueBoolean: true },
    )
    for (let again = 0; again < 2; again++) t.equal(read(await ask(POSTED, named)).resources[0].id, 'r')
    t.equal((await all('Flag')).length, 2)
    await put(phq9(CALM, { id: 'stored' }))
    for (let again = 0; again < 2; again++) {
      const stored = read(await ask('POST QuestionnaireResponse/stored/$score?persist=true'))
      t.equal(stored.resources.length, 1 + 12)
      t.equal(stored.resources[0].meta.versionId, '1', 'the response itself is as it was')
    }
    t.equal((await all('Observation')).length, 36)
  }
})

t.test('persist beside those who change the response', async (t) => {
  const { ask, all, put } = await practice(t, { scoresResponses: false })
  await put(phq9(CALM))
  const replies = await Promise.all(
    Array.from({ length: 16 }, (_, at) =>
      at % 2 === 0
        ? ask(`POST ${RESPONSE}/$score?persist=true`)
        : ask(`PUT ${RESPONSE}`, phq9(SEVERE, { identifier: { value: `${at}` }, status: 'amended' })),
    ),
  )
  for (const reply of replies) t.equal(reply.status, 200, reply.text)
  const score = (await all('Observation')).find((it: Loose) => it.code.coding[0].code === TOTAL)
  t.match(score, { valueQuantity: { value: 24 } })
})

t.test('what is not done is scored, and nothing follows', async (t) => {
  const { ask, put, counted } = await practice(t)
  for (const status of ['in-progress', 'stopped', 'entered-in-error']) {
    await put(phq9(SEVERE, { status }))
    const { scores, resources } = read(await ask(`GET ${RESPONSE}/$score`))
    t.equal(scores[0].value, 24)
    t.same(resources, [])
    const before = await counted()
    for (const refused of [
      await ask(`POST ${RESPONSE}/$score?persist=true`),
      await ask(`${POSTED}?persist=true`, phq9(SEVERE, { status })),
    ]) {
      t.equal(refused.status, 422)
      t.equal(refused.json.issue[0].expression[0], 'QuestionnaireResponse.status')
    }
    t.same(await counted(), before)
  }
})

t.test('by another canonical that the instrument answers to', async (t) => {
  const { ask } = await practice(t)
  for (const questionnaire of [
    'https://alcove.health/fhir/Questionnaire/phq-9|1.0.0',
    'http://hl7.org/fhir/us/core/Questionnaire/phq-9-example',
    'http://loinc.org/q/44249-1',
    'http://alcove.test/fhir/Questionnaire/phq-9',
  ])
    t.equal(read(await ask(POSTED, phq9(CALM, { questionnaire }))).scores[0].value, 2, questionnaire)
})

t.test('what cannot be scored names what it lacks', async (t) => {
  const { ask, put } = await practice(t)
  await put({ resourceType: 'Questionnaire', id: 'plain', url: 'urn:plain', status: 'active' })
  for (const [questionnaire, says] of [
    ['urn:nowhere', /Questionnaire urn:nowhere /],
    ['https://alcove.health/fhir/Questionnaire/phq-9|9.9', /phq-9\|9\.9/],
    ['urn:plain', /Questionnaire urn:plain /],
    [undefined, /names no Questionnaire/],
  ] as const)
    for (const persist of ['', '?persist=true']) {
      const reply = await ask(`${POSTED}${persist}`, phq9(CALM, { questionnaire }))
      t.equal(reply.status, 422, reply.text)
      t.match(reply.json.issue[0].diagnostics, says)
      t.equal(reply.json.issue[0].expression[0], 'QuestionnaireResponse.questionnaire')
    }
  const hidden = await practice(t)
  const blind = hidden.seenBy({ anyOf: [{ types: ['Patient'], patients: '*', withoutLabels: [] }] })
  const known = await blind.ask(POSTED, phq9(CALM))
  const unknown = await blind.ask(POSTED, phq9(CALM, { questionnaire: 'urn:nowhere' }))
  t.equal(known.status, 422)
  t.equal(
    known.text.replaceAll('https://alcove.health/fhir/Questionnaire/phq-9', 'urn:nowhere'),
    unknown.text,
    'what is hidden is as what never was',
  )
})

t.test('a broken instrument is refused when it is written, and no fault of who answers it', async (t) => {
  const phq = JSON.parse(
    readFileSync(new URL('../../profiles/questionnaires/phq-9.json', import.meta.url), 'utf8'),
  )
  const broken = {
    ...phq,
    id: 'broken',
    url: 'urn:broken',
    item: phq.item.map((item: Loose) =>
      item.linkId === `/${TOTAL}`
        ? {
            ...item,
            extension: item.extension.map((it: Loose) =>
              it.url.endsWith('calculatedExpression')
                ? { ...it, valueExpression: { ...it.valueExpression, expression: '%weights.(' } }
                : it,
            ),
          }
        : item,
    ),
  }
  const strict = await practice(t)
  const refused = await strict.ask('PUT Questionnaire/broken', broken)
  t.equal(refused.status, 422)
  t.match(refused.json.issue[0].expression[0], /^Questionnaire\.item\[10\]\.extension/)

  const { ask, put, all } = await practice(t, { parts: { validation: 'warn' } })
  await put(broken)
  const saved = await ask(`PUT ${RESPONSE}`, phq9(SEVERE, { questionnaire: 'urn:broken' }), {
    prefer: 'return=OperationOutcome',
  })
  t.equal(saved.status, 201)
  t.match(saved.text, /not scored/)
  t.same(await all('Observation'), [])
  t.equal((await ask(`GET ${RESPONSE}/$score`)).status, 400)
})

t.test('refusals', async (t) => {
  const { ask, put, counted } = await practice(t)
  await put(phq9(CALM))
  const before = await counted()
  const { json } = await ask(`GET ${RESPONSE}`)
  for (const [line, body, status] of [
    [`GET ${RESPONSE}/$score?persist=true`, undefined, 400],
    [`POST ${RESPONSE}/$score?persist=yes`, undefined, 400],
    [`POST ${RESPONSE}/$score?x=y`, undefined, 400],
    [`GET ${RESPONSE}/$score?persist=false`, undefined, 200],
    [POSTED, undefined, 400],
    [POSTED, parameters(), 400],
    [POSTED, patient(), 400],
    [POSTED, parameters({ name: 'response', resource: patient() as Resource }), 400],
    [POSTED, phq9(CALM, { status: undefined }), 400],
    [
      POSTED,
      parameters(
        { name: 'response', resource: phq9(CALM) as Resource },
        { name: 'resource', resource: phq9(CALM) as Resource },
      ),
      400,
    ],
    ['GET QuestionnaireResponse/$score', undefined, 405],
    ['GET QuestionnaireResponse/never/$score', undefined, 404],
    ['POST QuestionnaireResponse/never/$score?persist=true', undefined, 404],
    ['GET Patient/p/$score', undefined, 501],
  ] as const) {
    const reply = await ask(line, body)
    t.equal(reply.status, status, `${line}: ${reply.text}`)
  }
  t.same(await counted(), before)
  t.equal((await ask(`DELETE ${RESPONSE}`)).status, 204)
  t.equal((await ask(`GET ${RESPONSE}/$score`)).text, (await ask(`GET ${RESPONSE}`)).text)
  t.equal(json.meta.versionId, '1')
})

t.test('in both formats', async (t) => {
  const { ask } = await practice(t)
  const xml = await ask(`${POSTED}?_format=xml`, phq9(SEVERE))
  t.equal(xml.headers['content-type'], 'application/fhir+xml; charset=utf-8')
  t.match(xml.text, /<name value="band"\/><valueString value="Severe"\/>/)
})
