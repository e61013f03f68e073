// Questionnaire/$populate: responses filled in from what the form says, is sent, and the caller may see.
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { startServer, START, type Reply } from '../rest/server.ts'

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'
const UCUM = 'http://unitsofmeasure.org'
const LOINC = 'http://loinc.org'
const validator = createValidator(loadDefinitions())

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Any = any

const initial = (expression: string, language = 'text/fhirpath'): JsonObject => ({
  url: `${SDC}initialExpression`,
  valueExpression: { language, expression },
})
const contextOf = (name: string, expression: string, language = 'text/fhirpath'): JsonObject => ({
  url: `${SDC}itemPopulationContext`,
  valueExpression: { name, language, expression },
})
const variable = (name: string, expression: string, language = 'text/fhirpath'): JsonObject => ({
  url: 'http://hl7.org/fhir/StructureDefinition/variable',
  valueExpression: { name, language, expression },
})
const launch = (name: string, type: string): JsonObject => ({
  url: `${SDC}launchContext`,
  extension: [
    {
      url: 'name',
      valueCoding: { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext', code: name },
    },
    { url: 'type', valueCode: type },
  ],
})
const period = (value: number, code: string): JsonObject => ({
  url: `${SDC}observationLinkPeriod`,
  valueDuration: { value, unit: code, system: UCUM, code },
})
const QUERY = 'application/x-fhir-query'

function form(item: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'Questionnaire',
    status: 'active',
    url: 'http://example.org/q',
    version: '2',
    item: [...item],
    ...more,
  }
}

async function practice(t: Parameters<typeof startServer>[0]) {
  const server = startServer(t)
  const put = async (resource: JsonObject) => {
    const reply = await server.ask(`PUT ${String(resource.resourceType)}/${String(resource.id)}`, resource)
    if (reply.status >= 300) throw new Error(reply.text)
  }
  await put({
    resourceType: 'Patient',
    id: 'p',
    gender: 'female',
    birthDate: '1990-05-01',
    name: [
      { family: 'Lee', given: ['Ann', 'Bo'] },
      { family: 'Kim', given: ['Di'] },
    ],
    maritalStatus: {
      coding: [
        { system: 'http://x', code: 'other' },
        { system: 'http://m', code: 'M' },
      ],
    },
  })
  await put({ resourceType: 'Patient', id: 'q' })
  await put({
    resourceType: 'RelatedPerson',
    id: 'r1',
    patient: { reference: 'Patient/p' },
    name: [{ family: 'Cy' }],
  })
  await put({
    resourceType: 'RelatedPerson',
    id: 'r2',
    patient: { reference: 'Patient/p' },
    name: [{ family: 'Di' }],
  })
  return {
    ...server,
    put,
    populate: (questionnaire: JsonObject, ...parameter: readonly JsonObject[]) =>
      server.ask('POST Questionnaire/$populate', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'questionnaire', resource: questionnaire },
          { name: 'subject', valueReference: { reference: 'Patient/p' } },
          ...parameter,
        ],
      }),
  }
}

/** The response, when the answer is valid R4. */
function filled(reply: Reply): Any {
  if (reply.status !== 200) throw new Error(reply.text)
  const errors = validator
    .validate(parseJson(Buffer.from(reply.text)) as Resource)
    .filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return reply.json.parameter.find((one: Any) => one.name === 'response').resource
}

function issues(reply: Reply): string[] {
  const outcome = reply.json.parameter?.find((one: Any) => one.name === 'issues')?.resource
  return (outcome?.issue ?? []).map((one: Any) => `${one.severity} ${one.expression?.[0]} ${one.diagnostics}`)
}

/** `[linkId]: answers`, groups as what is in them, a list of those that repeat. */
function answers(items: Any[] = []): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (const item of items) {
    const value =
      item.answer === undefined
        ? item.item === undefined
          ? null
          : answers(item.item)
        : item.answer.map((one: Any) => Object.values(one)[0])
    all[item.linkId] = item.linkId in all ? [all[item.linkId], value].flat() : value
  }
  return all
}

t.test('every item of the form, with initial values', async (t) => {
  const { populate } = await practice(t)
  const reply = await populate(
    form([
      { linkId: 'd', type: 'display', text: 'Words' },
      {
        linkId: 'g',
        type: 'group',
        item: [{ linkId: 'a', type: 'string', text: 'A', definition: 'http://x#y' }],
      },
      {
        linkId: 'i',
        type: 'integer',
        initial: [{ valueInteger: 3 }],
        enableWhen: [{ question: 'a', operator: 'exists', answerBoolean: true }],
      },
      {
        linkId: 'many',
        type: 'string',
        repeats: true,
        initial: [{ valueString: 'x' }, { valueString: 'y' }],
      },
      {
        linkId: 'o',
        type: 'choice',
        answerOption: [{ valueCoding: { code: 'a' } }, { valueCoding: { code: 'b' }, initialSelected: true }],
      },
      {
        linkId: 'n',
        type: 'boolean',
        initial: [{ valueBoolean: false }],
        item: [{ linkId: 'below', type: 'string' }],
      },
    ]),
  )
  t.same(issues(reply), [])
  t.same(filled(reply), {
    resourceType: 'QuestionnaireResponse',
    questionnaire: 'http://example.org/q|2',
    status: 'in-progress',
    subject: { reference: 'Patient/p' },
    item: [
      { linkId: 'd', text: 'Words' },
      { linkId: 'g', item: [{ linkId: 'a', definition: 'http://x#y', text: 'A' }] },
      { linkId: 'i', answer: [{ valueInteger: 3 }] },
      { linkId: 'many', answer: [{ valueString: 'x' }, { valueString: 'y' }] },
      { linkId: 'o', answer: [{ valueCoding: { code: 'b' } }] },
      { linkId: 'n', answer: [{ valueBoolean: false, item: [{ linkId: 'below' }] }] },
    ],
  })
})

t.test('from expressions about the patient, groups as often as there is something for them', async (t) => {
  const { populate } = await practice(t)
  const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender'
  const reply = await populate(
    form(
      [
        { linkId: 'born', type: 'date', extension: [initial('%patient.birthDate')] },
        { linkId: 'gender', type: 'choice', answerValueSet: gender, extension: [initial('%patient.gender')] },
        {
          linkId: 'sex',
          type: 'choice',
          answerOption: [{ valueCoding: { system: 'http://s', code: 'F', display: 'Female' } }],
          extension: [initial('%patient.gender')],
        },
        {
          linkId: 'married',
          type: 'choice',
          answerOption: [{ valueCoding: { system: 'http://m', code: 'M' } }],
          extension: [initial('%patient.maritalStatus')],
        },
        { linkId: 'self', type: 'reference', extension: [initial('%patient')] },
        {
          linkId: 'name',
          type: 'group',
          repeats: true,
          extension: [contextOf('n', '%patient.name')],
          item: [
            { linkId: 'family', type: 'string', extension: [initial('%n.family')] },
            { linkId: 'given', type: 'string', repeats: true, extension: [initial('%n.given')] },
          ],
        },
        {
          linkId: 'relative',
          type: 'group',
          repeats: true,
          extension: [
            contextOf('r', 'RelatedPerson?patient={{%patient.id}}&_sort=_id', QUERY),
            variable('last', '%r.name.family'),
          ],
          item: [
            { linkId: 'id', type: 'string', extension: [initial('%r.id')] },
            { linkId: 'last', type: 'string', extension: [initial('%last')] },
          ],
        },
        { linkId: 'count', type: 'integer', extension: [initial('%relatives.entry.count()')] },
        {
          linkId: 'earlier',
          type: 'boolean',
          extension: [initial("%resource.item.where(linkId = 'born').answer.value < today()")],
        },
        { linkId: 'own', type: 'string', extension: [initial('%context.linkId')] },
      ],
      {
        extension: [
          launch('patient', 'Patient'),
          variable('relatives', 'RelatedPerson?patient={{%patient.id}}', QUERY),
        ],
      },
    ),
  )
  t.same(issues(reply), [])
  t.same(answers(filled(reply).item), {
    born: ['1990-05-01'],
    gender: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'female' }],
    sex: [{ system: 'http://s', code: 'F', display: 'Female' }],
    married: [{ system: 'http://m', code: 'M' }],
    self: [{ reference: 'Patient/p' }],
    name: [
      { family: ['Lee'], given: ['Ann', 'Bo'] },
      { family: ['Kim'], given: ['Di'] },
    ],
    relative: [
      { id: ['r1'], last: ['Cy'] },
      { id: ['r2'], last: ['Di'] },
    ],
    count: [2],
    earlier: [true],
    own: ['own'],
  })
})

t.test('what does not fit is left open, and told', async (t) => {
  const { populate } = await practice(t)
  const reply = await populate(
    form([
      { linkId: 'several', type: 'string', extension: [initial('%patient.name.family')] },
      { linkId: 'type', type: 'integer', extension: [initial('%patient.birthDate')] },
      {
        linkId: 'option',
        type: 'choice',
        answerOption: [{ valueCoding: { code: 'x' } }],
        extension: [initial('%patient.gender')],
      },
      { linkId: 'broken', type: 'string', extension: [initial('%patient.(')] },
      { linkId: 'unknown', type: 'string', extension: [initial('%nobody.name')] },
      { linkId: 'language', type: 'string', extension: [initial('Patient.name', 'text/cql')] },
      {
        linkId: 'query',
        type: 'group',
        extension: [contextOf('x', 'Patient?no-such=1', QUERY)],
        item: [{ linkId: 'in', type: 'string' }],
      },
      {
        linkId: 'wide',
        type: 'group',
        extension: [contextOf('x', 'RelatedPerson?patient={{%patient.deceased}}', QUERY)],
        item: [{ linkId: 'in2', type: 'string', extension: [initial('%x.id')] }],
      },
      { linkId: 'good', type: 'string', extension: [initial('%patient.name.first().family')] },
    ]),
  )
  t.same(answers(filled(reply).item), {
    several: null,
    type: null,
    option: null,
    broken: null,
    unknown: null,
    language: null,
    query: { in: null },
    wide: { in2: null },
    good: ['Lee'],
  })
  t.match(issues(reply), [
    /item\[0\] Several answers are known/,
    /item\[1\] What is known cannot answer a question of the type integer/,
    /item\[2\] What is known cannot answer/,
    /item\[3\]/,
    /item\[4\].*%nobody/,
    /item\[5\] Only expressions in text\/fhirpath/,
    /item\[6\] The query cannot be answered/,
  ])
})

t.test('from the most recent Observation of a code, within its period', async (t) => {
  const { populate, put } = await practice(t)
  const day = (ago: number): string => new Date(START - ago * 86_400_000).toISOString()
  const observe = (id: string, code: string, ago: number, more: JsonObject): Promise<void> =>
    put({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: LOINC, code }] },
      subject: { reference: 'Patient/p' },
      effectiveDateTime: day(ago),
      ...more,
    })
  const kg = (value: number): JsonObject => ({
    valueQuantity: { value, unit: 'kg', system: UCUM, code: 'kg' },
  })
  await observe('w-old', 'weight', 60, kg(60))
  await observe('w', 'weight', 20, kg(70.5))
  await observe('w-new', 'weight', 1, { ...kg(99), status: 'entered-in-error' })
  await observe('w-child', 'weight', 1, { ...kg(3), focus: [{ reference: 'Patient/q' }] })
  await observe('smokes', 'smoking', 10, {
    valueCodeableConcept: { coding: [{ system: 'http://s', code: 'no' }] },
  })
  await observe('ancient', 'height', 4000, {
    valueQuantity: { value: 180, unit: 'cm', system: UCUM, code: 'cm' },
  })
  await observe('bp', 'bp', 5, {
    component: [
      {
        code: { coding: [{ system: LOINC, code: 'sys' }] },
        valueQuantity: { value: 120, unit: 'mm[Hg]', system: UCUM, code: 'mm[Hg]' },
      },
    ],
  })
  await observe('sys-other', 'sys', 2, {
    valueQuantity: { value: 150, unit: 'mm[Hg]', system: UCUM, code: 'mm[Hg]' },
  })
  const coded = (code: string): JsonObject => ({ code: [{ system: LOINC, code }] })
  const unit = (code: string): JsonObject => ({
    url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit',
    valueCoding: { system: UCUM, code },
  })
  const items: JsonObject[] = [
    { linkId: 'weight', type: 'quantity', ...coded('weight'), extension: [period(3, 'mo')] },
    { linkId: 'kg', type: 'decimal', ...coded('weight'), extension: [period(3, 'mo'), unit('kg')] },
    { linkId: 'lb', type: 'decimal', ...coded('weight'), extension: [period(3, 'mo'), unit('[lb_av]')] },
    { linkId: 'week', type: 'quantity', ...coded('weight'), extension: [period(1, 'wk')] },
    { linkId: 'unasked', type: 'quantity', ...coded('weight') },
    {
      linkId: 'smokes',
      type: 'choice',
      ...coded('smoking'),
      answerOption: [{ valueCoding: { system: 'http://s', code: 'no' } }],
      extension: [period(1, 'a')],
    },
    { linkId: 'height', type: 'quantity', ...coded('height'), extension: [period(10, 'a')] },
    { linkId: 'ever', type: 'quantity', ...coded('height'), extension: [period(200, 'a')] },
    {
      linkId: 'bp',
      type: 'group',
      ...coded('bp'),
      extension: [period(1, 'mo')],
      item: [{ linkId: 'sys', type: 'quantity', ...coded('sys'), extension: [period(1, 'mo')] }],
    },
  ]
  const reply = await populate(form(items))
  t.same(issues(reply), [])
  const found = answers(filled(reply).item) as Any
  t.match(found, {
    weight: [{ value: 70.5, code: 'kg' }],
    kg: [70.5],
    lb: null,
    week: null,
    unasked: null,
    height: null,
  })
  t.match(found.smokes, [{ code: 'no' }])
  t.match(found.ever, [{ value: 180 }])
  t.match(found.bp.sys, [{ value: 120 }], 'of the panel that was found, not another of the same code')

  const alone = await populate(form(items), { name: 'local', valueBoolean: false })
  t.ok(
    Object.values({ ...answers(filled(alone).item), bp: null }).every((one) => one === null),
    'from nothing that is stored',
  )
})

t.test('from contexts that are sent, by resource or reference', async (t) => {
  const { populate } = await practice(t)
  const questionnaire = form(
    [
      { linkId: 'user', type: 'string', extension: [initial('%user.name.family')] },
      { linkId: 'who', type: 'string', extension: [initial('%patient.name.first().family')] },
      { linkId: 'n', type: 'integer', extension: [initial('%mine.entry.count()')] },
    ],
    {
      extension: [
        launch('patient', 'Patient'),
        launch('user', 'Practitioner'),
        variable('mine', 'Observation?code=x', QUERY),
      ],
    },
  )
  const send = (name: string, content: JsonObject): JsonObject => ({
    name: 'context',
    part: [
      { name: 'name', valueString: name },
      { name: 'content', ...content },
    ],
  })
  const none = await populate(questionnaire)
  t.same(answers(filled(none).item), { user: null, who: ['Lee'], n: [0] })
  t.same(issues(none), [])
  const reply = await populate(
    questionnaire,
    send('user', { resource: { resourceType: 'Practitioner', name: [{ family: 'Doe' }] } }),
    send('patient', { resource: { resourceType: 'Patient', id: 'x', name: [{ family: 'Sent' }] } }),
    send('mine', {
      resource: {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [{ resource: { resourceType: 'Basic', code: { text: 'x' } } }],
      },
    }),
  )
  t.same(answers(filled(reply).item), { user: ['Doe'], who: ['Sent'], n: [1] })
  const referred = await populate(
    questionnaire,
    send('user', { valueReference: { reference: 'Patient/p' } }),
    send('other', { valueReference: { reference: 'Patient/none' } }),
  )
  t.match(issues(referred), [
    /declares no context or variable of the name other/,
    /is not known here/,
    /Several answers/,
  ])
  const content = await populate(questionnaire, {
    name: 'content',
    resource: { resourceType: 'Practitioner', name: [{ family: 'Roe' }] },
  })
  t.match(answers(filled(content).item), { user: ['Roe'] })
  for (const context of [
    send('', {}),
    send('resource', {}),
    send('user', {}),
    { name: 'context', part: [] },
    { name: 'context', valueIdentifier: { value: 'x' } },
  ])
    t.equal((await populate(questionnaire, context)).status, 400, JSON.stringify(context))
})

t.test('the form by its id, canonical, identifier or reference', async (t) => {
  const { ask, put } = await practice(t)
  await put({ id: 'one', ...form([{ linkId: 'one', type: 'string' }], { version: '1' }) })
  await put({
    id: 'two',
    ...form([{ linkId: 'two', type: 'string' }], { identifier: [{ system: 'http://i', value: 'a,b' }] }),
  })
  const linkId = (reply: Reply): string => filled(reply).item[0].linkId
  t.equal(linkId(await ask('GET Questionnaire/one/$populate?subject=Patient/p')), 'one')
  t.equal(linkId(await ask('POST Questionnaire/one/$populate', { resourceType: 'Parameters' })), 'one')
  t.equal(
    linkId(await ask('GET Questionnaire/$populate?canonical=http://example.org/q')),
    'two',
    'the newest',
  )
  t.equal(linkId(await ask('GET Questionnaire/$populate?canonical=http://example.org/q%7C1')), 'one')
  t.equal(
    linkId(await ask(`GET Questionnaire/$populate?identifier=${encodeURIComponent('http://i|a\\,b')}`)),
    'two',
  )
  const post = (...parameter: readonly JsonObject[]) =>
    ask('POST Questionnaire/$populate', { resourceType: 'Parameters', parameter: [...parameter] })
  t.equal(
    linkId(await post({ name: 'identifier', valueIdentifier: { system: 'http://i', value: 'a,b' } })),
    'two',
  )
  t.equal(linkId(await post({ name: 'questionnaire', valueUri: 'http://example.org/q|1' })), 'one')
  t.equal(
    linkId(await post({ name: 'questionnaire', valueReference: { reference: 'Questionnaire/one' } })),
    'one',
  )
  t.equal(
    linkId(await post({ name: 'questionnaireRef', valueReference: { reference: 'Questionnaire/two' } })),
    'two',
  )
  t.equal(
    linkId(await ask('POST Questionnaire/$populate', form([{ linkId: 'bare', type: 'string' }]))),
    'bare',
  )

  t.equal((await ask('GET Questionnaire/none/$populate')).status, 404)
  t.equal((await ask('GET Questionnaire/$populate?canonical=http://none')).status, 404)
  for (const line of [
    'GET Questionnaire/$populate',
    'GET Questionnaire/one/$populate?subject=what',
    'GET Questionnaire/one/$populate?local=maybe',
    'GET Questionnaire/one/$populate?what=1',
    'GET Questionnaire/$populate?canonical=http://a&identifier=b',
  ])
    t.equal((await ask(line)).status, 400, line)
  t.equal((await post({ name: 'questionnaire', resource: { resourceType: 'Patient' } })).status, 400)
  t.equal((await ask('POST Questionnaire/$populate', form([{ type: 'string' }]))).status, 400)
  t.match(issues(await ask('GET Questionnaire/one/$populate?subject=Patient/none')), [/subject is not known/])
})

t.test('what is filled in, answered and extracted comes back where it was', async (t) => {
  const { populate, ask } = await practice(t)
  const context = (query: string): JsonObject => ({
    url: `${SDC}itemExtractionContext`,
    valueExpression: { language: QUERY, expression: query },
  })
  const relatives = 'RelatedPerson?patient={{%patient.id}}&_sort=_id'
  const questionnaire = form(
    [
      { linkId: 'id', type: 'string', definition: 'Patient.id', extension: [initial('%patient.id')] },
      {
        linkId: 'name',
        type: 'group',
        repeats: true,
        definition: 'Patient.name',
        extension: [contextOf('n', '%patient.name')],
        item: [
          {
            linkId: 'family',
            type: 'string',
            definition: 'Patient.name.family',
            extension: [initial('%n.family')],
          },
          {
            linkId: 'given',
            type: 'string',
            repeats: true,
            definition: 'Patient.name.given',
            extension: [initial('%n.given')],
          },
        ],
      },
      {
        linkId: 'relative',
        type: 'group',
        repeats: true,
        extension: [contextOf('r', relatives, QUERY), context(relatives)],
        item: [
          { linkId: 'r-id', type: 'string', definition: 'RelatedPerson.id', extension: [initial('%r.id')] },
          {
            linkId: 'r-family',
            type: 'string',
            definition: 'RelatedPerson.name.family',
            extension: [initial('%r.name.family')],
          },
        ],
      },
    ],
    { extension: [launch('patient', 'Patient'), context('Patient?_id={{%patient.id}}')] },
  )
  const before = (await ask('GET Patient/p')).json
  const response = filled(await populate(questionnaire))
  response.status = 'completed'
  response.item[1].item[0].answer[0].valueString = 'Changed'
  const extracted = await ask('POST QuestionnaireResponse/$extract', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'questionnaire-response', resource: response },
      { name: 'questionnaire', resource: questionnaire },
    ],
  })
  const transaction = extracted.json.parameter[0].resource
  t.same(
    transaction.entry.map((it: Any) => it.request.url),
    ['Patient/p', 'RelatedPerson/r1', 'RelatedPerson/r2'],
  )
  t.equal((await ask('POST /fhir', transaction)).status, 200)
  const after = (await ask('GET Patient/p')).json
  t.same(after.name, [
    { family: 'Changed', given: ['Ann', 'Bo'] },
    { family: 'Kim', given: ['Di'] },
  ])
  t.same({ ...after, meta: 0, name: 0 }, { ...before, meta: 0, name: 0 }, 'and all else is as it was')
})

t.test('a hostile form takes no more than its share', async (t) => {
  const { populate } = await practice(t)
  const many = Array.from({ length: 100_000 }, (_, i) => ({ linkId: `q${i}`, type: 'integer' }))
  const plenty = await populate(form(many))
  t.equal(filled(plenty).item.length, 100_000)
  const wide = (depth: number): JsonObject => ({
    linkId: `g${depth}`,
    type: 'group',
    repeats: true,
    extension: [contextOf(`x${depth}`, '1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10')],
    item: [depth === 0 ? { linkId: 'leaf', type: 'integer' } : wide(depth - 1)],
  })
  const grown = await populate(form([wide(8)]))
  t.match([grown.status, grown.json], [422, { issue: [{ code: 'too-costly' }] }])
  const asking = await populate(
    form(
      many
        .slice(0, 300)
        .map((item, i) => ({ ...item, code: [{ code: `c${i}` }], extension: [period(1, 'a')] })),
    ),
  )
  t.match([asking.status, asking.json], [422, { issue: [{ code: 'too-costly' }] }])

  const doubling = many.slice(0, 60).map(({ linkId }, i) => ({
    linkId,
    type: 'attachment',
    repeats: true,
    ...(i === 0
      ? { initial: [{ valueAttachment: { title: 'x'.repeat(1000) } }] }
      : { extension: [initial('%resource.item.answer.value')] }),
  }))
  const doubled = await populate(form(doubling))
  t.match([doubled.status, doubled.json], [422, { issue: [{ code: 'too-costly' }] }])
})

t.test('what is selected of the response itself is no part of itself', async (t) => {
  const { populate } = await practice(t)
  const reply = await populate(
    form([
      { linkId: 'a', type: 'attachment', repeats: true, initial: [{ valueAttachment: { title: 'x' } }] },
      { linkId: 'b', type: 'attachment', repeats: true, extension: [initial('%resource.item')] },
      { linkId: 'c', type: 'attachment', repeats: true, extension: [initial('%resource.item.answer.value')] },
    ]),
  )
  t.same(answers(filled(reply).item), { a: [{ title: 'x' }], b: null, c: [{ title: 'x' }] })
})
