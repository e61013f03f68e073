// A response that is not as its Questionnaire asks is refused by element, or told of where that is the setting.
import t from 'tap'
import { assessingServer } from './assessing-server.ts'
import { patient, phq9 } from './responses.ts'

/** Of a reply: what it names, and how. */
const issuesOf = ({ json }: { json: unknown }): readonly (readonly [string, string])[] =>
  (
    json as {
      issue?: { severity: string; expression?: string[]; diagnostics?: string }[]
    }
  ).issue?.map(({ severity, expression }) => [severity, expression?.[0] ?? ''] as const) ?? []

const COMPLETE = [1, 1, 1, 1, 1, 1, 1, 1, 0]

t.test('an unknown item and an answer of another type refuse it, each by its element', async (t) => {
  const server = await assessingServer(t)
  await server.put(patient())
  const response = phq9(COMPLETE)
  const [first, second, ...rest] = response['item'] as object[]
  const reply = await server.ask('PUT QuestionnaireResponse/r', {
    ...response,
    id: 'r',
    item: [{ ...first, answer: [{ valueDate: '2026-01-01' }] }, { ...second, linkId: '/44255-88' }, ...rest],
  })
  t.equal(reply.status, 422, reply.text)
  t.same(
    issuesOf(reply).filter(([severity]) => severity === 'error'),
    [
      ['error', 'QuestionnaireResponse.item[0].answer[0].value'],
      ['error', 'QuestionnaireResponse.item[1].linkId'],
    ],
  )
  t.match(reply.text, /44255-8/, 'the nearest item is named')
  t.same(await server.all('Observation'), [])
  t.equal((await server.ask('GET QuestionnaireResponse/r')).status, 404)
})

t.test(
  'where invalid resources are stored it is stored, told of, and scored as far as it goes',
  async (t) => {
    const server = await assessingServer(t, { parts: { validation: 'warn' } })
    await server.put(patient())
    const response = phq9(COMPLETE)
    const items = [...(response['item'] as object[]), { linkId: 'more', answer: [{ valueString: 'x' }] }]
    const reply = await server.ask('PUT QuestionnaireResponse/r', { ...response, id: 'r', item: items })
    t.equal(reply.status, 201, reply.text)
    const totals = (await server.all('Observation')).filter((it) => 'valueQuantity' in it)
    t.ok(totals.some((it) => (it['valueQuantity'] as { value: number }).value === 8))
  },
)

t.test('a response to a Questionnaire that is not here, or that has faults itself, is stored', async (t) => {
  const server = await assessingServer(t)
  await server.put(patient())
  const broken = {
    resourceType: 'Questionnaire',
    id: 'broken',
    url: 'urn:broken',
    status: 'active',
    item: [
      {
        linkId: 'a',
        type: 'string',
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression',
            valueExpression: { language: 'text/fhirpath', expression: 'this is (not' },
          },
        ],
      },
    ],
  }
  await server.put(broken)
  for (const questionnaire of ['urn:broken', 'urn:elsewhere', 'urn:broken|7']) {
    const reply = await server.ask('POST QuestionnaireResponse', {
      resourceType: 'QuestionnaireResponse',
      questionnaire,
      status: 'completed',
      subject: { reference: 'Patient/p' },
      item: [{ linkId: 'a', answer: [{ valueString: 'x' }] }],
    })
    t.equal(reply.status, 201, reply.text)
  }
})

t.test('a version that nobody knows of an assessment is stored, and told of', async (t) => {
  const server = await assessingServer(t)
  await server.put(patient())
  const answered = async (questionnaire: string, status = 'completed') =>
    server.ask('PUT QuestionnaireResponse/r', phq9(COMPLETE, { id: 'r', questionnaire, status }), {
      prefer: 'return=OperationOutcome',
    })
  const phq = 'https://alcove.health/fhir/Questionnaire/phq-9'
  const warned = ['warning', 'QuestionnaireResponse.questionnaire']
  const reply = await answered(`${phq}|0.1`)
  t.equal(reply.status, 201, reply.text)
  t.same(issuesOf(reply).slice(1), [warned])
  t.match(reply.text, /phq-9\|0\.1/)
  t.same(await server.all('Observation'), [])
  for (const [questionnaire, status] of [
    [`${phq}|0.1`, 'in-progress'],
    [phq, 'completed'],
    [`${phq}|1.0.0`, 'completed'],
    ['http://elsewhere.example.org/q|1', 'completed'],
  ] as const)
    t.same(issuesOf(await answered(questionnaire, status)).slice(1), [], `${questionnaire} ${status}`)
})

t.test('whoever may not see the Questionnaire is told nothing of it', async (t) => {
  const server = await assessingServer(t)
  await server.put(patient())
  const limited = server.seenBy({
    anyOf: [{ types: ['Patient', 'QuestionnaireResponse'], patients: '*', withoutLabels: [] }],
  })
  const response = {
    ...phq9(COMPLETE),
    id: 'r',
    item: [{ linkId: 'nothing', answer: [{ valueString: 'x' }] }],
  }
  const reply = await limited.ask('PUT QuestionnaireResponse/r', response)
  t.equal(reply.status, 201, reply.text)
  t.match(reply.json, { resourceType: 'QuestionnaireResponse' }, 'and no OperationOutcome')
})
