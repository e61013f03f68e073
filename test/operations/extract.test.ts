// QuestionnaireResponse/$extract: Observations and other resources from responses, stored and posted.
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { startServer, type Reply } from '../rest/server.ts'

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'
const LOINC = 'http://loinc.org'
const validator = createValidator(loadDefinitions())

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Any = any

function extension(tail: string, value: JsonObject): JsonObject {
  return { url: `${SDC}${tail}`, ...value }
}
const YES = extension('observationExtract', { valueBoolean: true })
const NO = extension('observationExtract', { valueBoolean: false })
const as = (valueCode: string): JsonObject => extension('observationExtract', { valueCode })

function loinc(code: string, ...more: readonly JsonObject[]): JsonObject {
  return { system: LOINC, code, ...(more.length === 0 ? {} : { extension: [...more] }) }
}

function form(item: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'Questionnaire',
    status: 'active',
    url: 'http://example.org/q',
    ...(item.length === 0 ? {} : { item: [...item] }),
    ...more,
  }
}

function response(item: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'http://example.org/q',
    authored: '2026-01-30T10:00:00Z',
    subject: { reference: 'Patient/p' },
    author: { reference: 'Practitioner/d' },
    item: [...item],
    ...more,
  }
}

function answered(linkId: string, ...answer: readonly JsonObject[]): JsonObject {
  return { linkId, answer: [...answer] }
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
    name: [{ family: 'Old', given: ['A', 'B'] }],
    gender: 'female',
  })
  await put({ resourceType: 'Practitioner', id: 'd' })
  return {
    ...server,
    put,
    extract: (questionnaire: JsonObject, posted: JsonObject) =>
      server.ask('POST QuestionnaireResponse/$extract', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'questionnaire-response', resource: posted },
          { name: 'questionnaire', resource: questionnaire },
        ],
      }),
  }
}

/** The entries of the transaction; throws unless the answer is as R4 has it. */
function entries(reply: Reply): Any[] {
  if (reply.status !== 200) throw new Error(reply.text)
  const faults = validator.validate(parseJson(Buffer.from(reply.text)) as Resource)
  const errors = faults.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  const bundle = part(reply, 'return')
  if (bundle !== undefined && bundle.type !== 'transaction') throw new Error(reply.text)
  return bundle?.entry ?? []
}

function resources(reply: Reply): Any[] {
  return entries(reply).map(({ resource }) => resource)
}

function part(reply: Reply, name: string): Any {
  return reply.json.parameter?.find((one: Any) => one.name === name)?.resource
}

function issues(reply: Reply): string[] {
  return (part(reply, 'issues')?.issue ?? []).map((one: Any) => `${one.severity} ${one.diagnostics}`)
}

t.test('an answer to a coded question is an Observation, of whom and when the response is', async (t) => {
  const { extract } = await practice(t)
  const category = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }],
  }
  const questionnaire = form(
    [
      {
        linkId: 'w',
        type: 'decimal',
        code: [loinc('29463-7'), loinc('3141-9')],
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit',
            valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg', display: 'kg' },
          },
        ],
      },
      { linkId: 'uncoded', type: 'string' },
    ],
    { extension: [YES, extension('observation-extract-category', { valueCodeableConcept: category })] },
  )
  const posted = response(
    [answered('w', { valueDecimal: 70.5 }), answered('uncoded', { valueString: 'x' })],
    {
      id: 'r1',
      encounter: { reference: 'Encounter/e' },
      basedOn: [{ reference: 'ServiceRequest/s' }],
      partOf: [{ reference: 'Procedure/x' }, { reference: 'Observation/y' }],
    },
  )
  const reply = await extract(questionnaire, posted)
  t.same(entries(reply), [
    {
      fullUrl: entries(reply)[0].fullUrl,
      resource: {
        resourceType: 'Observation',
        status: 'final',
        category: [category],
        code: { coding: [loinc('29463-7'), loinc('3141-9')] },
        basedOn: [{ reference: 'ServiceRequest/s' }],
        partOf: [{ reference: 'Procedure/x' }],
        subject: { reference: 'Patient/p' },
        encounter: { reference: 'Encounter/e' },
        effectiveDateTime: '2026-01-30T10:00:00Z',
        issued: '2026-01-30T10:00:00Z',
        performer: [{ reference: 'Practitioner/d' }],
        derivedFrom: [{ reference: 'QuestionnaireResponse/r1' }],
        valueQuantity: { value: 70.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      },
      request: { method: 'POST', url: 'Observation' },
    },
  ])
  t.match(entries(reply)[0].fullUrl, /^urn:uuid:[0-9a-f-]{36}$/)
  t.same((await extract(questionnaire, posted)).json, reply.json, 'and the same each time')
  t.same(issues(reply), [])
})

t.test('every type of answer that an Observation can have', async (t) => {
  const { extract } = await practice(t)
  const cases: readonly [string, JsonObject, JsonObject][] = [
    ['boolean', { valueBoolean: false }, { valueBoolean: false }],
    ['integer', { valueInteger: 3 }, { valueInteger: 3 }],
    ['decimal', { valueDecimal: 3.5 }, { valueQuantity: { value: 3.5 } }],
    ['string', { valueString: 'x' }, { valueString: 'x' }],
    ['url', { valueUri: 'http://x' }, { valueString: 'http://x' }],
    ['date', { valueDate: '2020-02' }, { valueDateTime: '2020-02' }],
    ['dateTime', { valueDateTime: '2020-02-01T10:00:00Z' }, { valueDateTime: '2020-02-01T10:00:00Z' }],
    ['time', { valueTime: '10:00:00' }, { valueTime: '10:00:00' }],
    [
      'choice',
      { valueCoding: { code: 'a', display: 'A' } },
      { valueCodeableConcept: { coding: [{ code: 'a', display: 'A' }] } },
    ],
    ['open-choice', { valueString: 'other' }, { valueString: 'other' }],
    ['quantity', { valueQuantity: { value: 2, unit: 'mg' } }, { valueQuantity: { value: 2, unit: 'mg' } }],
  ]
  for (const [type, answer, expected] of cases) {
    const [made] = resources(
      await extract(
        form([{ linkId: 'q', type, code: [loinc('1-8')], extension: [YES] }]),
        response([answered('q', answer)]),
      ),
    )
    t.match(made, expected, type)
  }
  const reply = await extract(
    form([{ linkId: 'q', type: 'reference', code: [loinc('1-8')], extension: [YES] }]),
    response([answered('q', { valueReference: { reference: 'Patient/p' } })]),
  )
  t.same(resources(reply), [])
  t.match(issues(reply), [/can have no value of this type/, /nothing to extract/])
})

t.test('which are asked for, and which not', async (t) => {
  const { extract } = await practice(t)
  const items: JsonObject[] = [
    {
      linkId: 'g',
      type: 'group',
      extension: [YES],
      item: [
        { linkId: 'in', type: 'integer', code: [loinc('in')] },
        { linkId: 'out', type: 'integer', code: [loinc('out')], extension: [NO] },
        {
          linkId: 'out-g',
          type: 'group',
          extension: [NO],
          item: [{ linkId: 'below', type: 'integer', code: [loinc('below')], extension: [YES] }],
        },
        { linkId: 'tagged', type: 'integer', code: [loinc('a'), loinc('b', YES), loinc('c')] },
      ],
    },
    { linkId: 'plain', type: 'integer', code: [loinc('plain')] },
    { linkId: 'twice', type: 'integer', repeats: true, code: [loinc('twice')], extension: [YES] },
    {
      linkId: 'skipped',
      type: 'integer',
      code: [loinc('skipped')],
      extension: [YES],
      enableWhen: [{ question: 'plain', operator: '=', answerInteger: 99 }],
    },
  ]
  const one = { valueInteger: 1 }
  const made = resources(
    await extract(
      form(items),
      response([
        {
          linkId: 'g',
          item: [
            answered('in', one),
            answered('out', one),
            { linkId: 'out-g', item: [answered('below', one)] },
            answered('tagged', one),
          ],
        },
        answered('plain', one),
        answered('twice', one, { valueInteger: 2 }),
        answered('skipped', one),
        answered('unknown', one),
      ]),
    ),
  )
  t.same(
    made.map((it) => it.code.coding.map(({ code }: Any) => code).join('+') + it.valueInteger),
    ['in1', 'b1', 'twice1', 'twice2'],
  )
  t.same(made[1].code.coding, [loinc('b')], 'without what marks it')
})

t.test('members, components and what is derived, of the item above', async (t) => {
  const { extract } = await practice(t)
  const panel: JsonObject = {
    linkId: 'panel',
    type: 'group',
    code: [loinc('panel')],
    extension: [YES],
    item: [
      { linkId: 'm', type: 'integer', code: [loinc('m')], extension: [as('member')] },
      { linkId: 'c', type: 'integer', code: [loinc('c')], extension: [as('component')] },
      { linkId: 'i', type: 'integer', code: [loinc('i')], extension: [as('independent')] },
      { linkId: 'd', type: 'integer', code: [loinc('d')], extension: [as('derived')] },
    ],
  }
  const given = response(
    [{ linkId: 'panel', item: ['m', 'c', 'i', 'd'].map((linkId) => answered(linkId, { valueInteger: 1 })) }],
    { id: 'r' },
  )
  const made = entries(await extract(form([panel]), given))
  t.same(
    made.map((it) => it.resource.code.coding[0].code),
    ['panel', 'm', 'i', 'd'],
  )
  const [whole, member, independent, derived] = made
  t.same(whole.resource.hasMember, [{ reference: member.fullUrl }])
  t.same(whole.resource.component, [{ code: { coding: [loinc('c')] }, valueInteger: 1 }])
  t.notOk(Object.keys(whole.resource).some((key) => key.startsWith('value')))
  t.same(independent.resource.derivedFrom, [{ reference: 'QuestionnaireResponse/r' }])
  t.same(derived.resource.derivedFrom, [
    { reference: 'QuestionnaireResponse/r' },
    { reference: whole.fullUrl },
  ])
  const empty = await extract(
    form([panel]),
    response([{ linkId: 'panel', item: [answered('i', { valueInteger: 1 })] }]),
  )
  t.same(
    resources(empty).map((it) => it.code.coding[0].code),
    ['i'],
    'a panel of nothing is none',
  )
})

t.test('by definition: elements of a resource, in the repetitions of their groups', async (t) => {
  const { extract } = await practice(t)
  const P = 'http://hl7.org/fhir/StructureDefinition/Patient#Patient'
  const R = 'http://hl7.org/fhir/StructureDefinition/RelatedPerson#RelatedPerson'
  const make = (type: string, ...more: readonly JsonObject[]): JsonObject =>
    extension('definitionExtract', {
      extension: [
        { url: 'definition', valueCanonical: `http://hl7.org/fhir/StructureDefinition/${type}` },
        ...more,
      ],
    })
  const system = (slice: string, valueCode: string): JsonObject =>
    extension('definitionExtractValue', {
      extension: [
        { url: 'definition', valueUri: `${P}.telecom:${slice}.system` },
        { url: 'fixed-value', valueCode },
      ],
    })
  const questionnaire = form(
    [
      { linkId: 'birth', type: 'date', definition: `${P}.birthDate` },
      { linkId: 'dead', type: 'boolean', definition: `${P}.deceased[x]` },
      { linkId: 'married', type: 'choice', definition: `${P}.maritalStatus` },
      {
        linkId: 'name',
        type: 'group',
        repeats: true,
        definition: `${P}.name`,
        item: [
          { linkId: 'family', type: 'string', definition: `${P}.name.family` },
          { linkId: 'given', type: 'string', repeats: true, definition: `${P}.name.given` },
        ],
      },
      {
        linkId: 'home',
        type: 'string',
        definition: `${P}.telecom:home.value`,
        extension: [system('home', 'phone')],
      },
      {
        linkId: 'mail',
        type: 'string',
        repeats: true,
        definition: `${P}.telecom:mail.value`,
        extension: [system('mail', 'email')],
      },
      {
        linkId: 'relative',
        type: 'group',
        repeats: true,
        extension: [
          make('RelatedPerson'),
          extension('definitionExtractValue', {
            extension: [
              { url: 'definition', valueUri: `${R}.patient` },
              {
                url: 'expression',
                valueExpression: { language: 'text/fhirpath', expression: '%resource.subject' },
              },
            ],
          }),
        ],
        item: [
          { linkId: 'relation', type: 'choice', definition: `${R}.relationship` },
          { linkId: 'first', type: 'string', definition: `${R}.name.given` },
          { linkId: 'last', type: 'string', definition: `${R}.name.family` },
        ],
      },
    ],
    {
      extension: [
        make('Patient'),
        extension('definitionExtractValue', {
          extension: [
            { url: 'definition', valueUri: `${P}.active` },
            { url: 'fixed-value', valueBoolean: true },
          ],
        }),
      ],
    },
  )
  const relative = (code: string, first: string): JsonObject => ({
    linkId: 'relative',
    item: [
      answered('relation', { valueCoding: { code } }),
      answered('first', { valueString: first }),
      answered('last', { valueString: 'Lee' }),
    ],
  })
  const reply = await extract(
    questionnaire,
    response([
      answered('birth', { valueDate: '1990-05-01' }),
      answered('dead', { valueBoolean: false }),
      answered('married', { valueCoding: { code: 'M' } }),
      {
        linkId: 'name',
        item: [
          answered('family', { valueString: 'Lee' }),
          answered('given', { valueString: 'Ann' }, { valueString: 'Bo' }),
        ],
      },
      { linkId: 'name', item: [answered('family', { valueString: 'Kim' })] },
      answered('home', { valueString: '1' }),
      answered('mail', { valueString: '2' }, { valueString: '3' }),
      relative('C', 'Cy'),
      relative('D', 'Di'),
    ]),
  )
  t.same(issues(reply), [])
  const [patient, cy, di] = resources(reply)
  t.same(patient, {
    resourceType: 'Patient',
    active: true,
    birthDate: '1990-05-01',
    deceasedBoolean: false,
    maritalStatus: { coding: [{ code: 'M' }] },
    name: [{ family: 'Lee', given: ['Ann', 'Bo'] }, { family: 'Kim' }],
    telecom: [
      { system: 'phone', value: '1' },
      { system: 'email', value: '2' },
      { system: 'email', value: '3' },
    ],
  })
  t.same(cy, {
    resourceType: 'RelatedPerson',
    patient: { reference: 'Patient/p' },
    relationship: [{ coding: [{ code: 'C' }] }],
    name: [{ given: ['Cy'], family: 'Lee' }],
  })
  t.match(di, { name: [{ given: ['Di'] }] })
  t.same(
    entries(reply).map((it) => it.request),
    [
      { method: 'POST', url: 'Patient' },
      { method: 'POST', url: 'RelatedPerson' },
      { method: 'POST', url: 'RelatedPerson' },
    ],
  )
})

t.test('a resource that has an id is updated from what it is now, and not over another change', async (t) => {
  const { extract, ask } = await practice(t)
  const P = 'http://hl7.org/fhir/StructureDefinition/Patient#Patient'
  const items = [
    { linkId: 'id', type: 'string', definition: `${P}.id` },
    { linkId: 'family', type: 'string', definition: `${P}.name.family` },
  ]
  const context = extension('definitionExtract', {
    extension: [{ url: 'definition', valueCanonical: 'http://hl7.org/fhir/StructureDefinition/Patient' }],
  })
  const given = response([answered('id', { valueString: 'p' }), answered('family', { valueString: 'New' })])
  const reply = await extract(form(items, { extension: [context] }), given)
  const [entry] = entries(reply)
  t.match(entry.resource, { id: 'p', gender: 'female', name: [{ family: 'New' }] })
  t.same(entry.resource.name, [{ family: 'New' }])
  t.same(entry.request, { method: 'PUT', url: 'Patient/p', ifMatch: 'W/"1"' })
  t.equal((await ask('POST /fhir', part(reply, 'return'))).status, 200, 'the transaction does as it says')
  t.equal((await ask('GET Patient/p')).json.name[0].family, 'New')
  t.equal((await ask('POST /fhir', part(reply, 'return'))).status, 412, 'and not twice')

  const legacy = extension('itemExtractionContext', {
    valueExpression: { language: 'application/x-fhir-query', expression: 'Patient?_id={{%patient.id}}' },
  })
  const [updated] = entries(
    await extract(
      form(items, { extension: [legacy] }),
      response([answered('family', { valueString: 'Newer' })]),
    ),
  )
  t.match(updated, {
    request: { method: 'PUT', url: 'Patient/p', ifMatch: 'W/"2"' },
    resource: { gender: 'female', name: [{ family: 'Newer' }] },
  })
  const [created] = entries(
    await extract(
      form(items, { extension: [extension('itemExtractionContext', { valueCode: 'Patient' })] }),
      response([answered('family', { valueString: 'Other' })]),
    ),
  )
  t.match(created, { request: { method: 'POST', url: 'Patient' }, resource: { name: [{ family: 'Other' }] } })
})

t.test('names are allocated by which what is extracted refers to one another', async (t) => {
  const { extract } = await practice(t)
  const context = (type: string, ...more: readonly JsonObject[]): JsonObject =>
    extension('definitionExtract', {
      extension: [
        { url: 'definition', valueCanonical: `http://hl7.org/fhir/StructureDefinition/${type}` },
        ...more,
      ],
    })
  const value = (definition: string, expression: string): JsonObject =>
    extension('definitionExtractValue', {
      extension: [
        { url: 'definition', valueUri: `http://hl7.org/fhir/StructureDefinition/${definition}` },
        { url: 'expression', valueExpression: { language: 'text/fhirpath', expression } },
      ],
    })
  const questionnaire = form(
    [
      {
        linkId: 'who',
        type: 'group',
        extension: [context('Patient', { url: 'fullUrl', valueString: '%newPatient' })],
        item: [
          {
            linkId: 'n',
            type: 'string',
            definition: 'http://hl7.org/fhir/StructureDefinition/Patient#Patient.name.text',
          },
        ],
      },
      {
        linkId: 'what',
        type: 'group',
        extension: [
          context('Observation', { url: 'ifNoneExist', valueString: "'code=' + %context.item.answer.value" }),
          value('Observation#Observation.subject', '%newPatient'),
          value('Observation#Observation.status', "'final'"),
        ],
        item: [
          {
            linkId: 'c',
            type: 'string',
            definition: 'http://hl7.org/fhir/StructureDefinition/Observation#Observation.code',
          },
        ],
      },
    ],
    { extension: [extension('extractAllocateId', { valueString: 'newPatient' })] },
  )
  const reply = await extract(
    questionnaire,
    response([
      { linkId: 'who', item: [answered('n', { valueString: 'Ann' })] },
      { linkId: 'what', item: [answered('c', { valueString: 'cold' })] },
    ]),
  )
  const [patient, observation] = entries(reply)
  t.same(issues(reply), [])
  t.same(observation.resource, {
    resourceType: 'Observation',
    subject: { reference: patient.fullUrl },
    status: 'final',
    code: { text: 'cold' },
  })
  t.equal(observation.request.ifNoneExist, 'code=cold')
})

t.test('a profile is named in what is made after it', async (t) => {
  const { extract } = await practice(t)
  const profile = 'http://example.org/StructureDefinition/mine'
  const questionnaire = form(
    [{ linkId: 'f', type: 'string', definition: `${profile}#Patient.name.family` }],
    {
      extension: [
        extension('definitionExtract', { extension: [{ url: 'definition', valueCanonical: profile }] }),
      ],
    },
  )
  t.same(resources(await extract(questionnaire, response([answered('f', { valueString: 'Lee' })]))), [
    { resourceType: 'Patient', name: [{ family: 'Lee' }], meta: { profile: [profile] } },
  ])
})

t.test('what a profile that is known fixes is there, where the form says nothing else', async (t) => {
  const { extract, put } = await practice(t)
  const profile = 'http://example.org/StructureDefinition/survey'
  const survey = { coding: [{ system: 'http://x', code: 'survey' }] }
  await put({
    resourceType: 'StructureDefinition',
    id: 'survey',
    url: profile,
    name: 'Survey',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Observation',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
    derivation: 'constraint',
    differential: {
      element: [
        { id: 'Observation.status', path: 'Observation.status', fixedCode: 'final' },
        {
          id: 'Observation.category:survey',
          path: 'Observation.category',
          sliceName: 'survey',
          min: 1,
          patternCodeableConcept: survey,
        },
        {
          id: 'Observation.category:other',
          path: 'Observation.category',
          sliceName: 'other',
          min: 0,
          patternCodeableConcept: { text: 'other' },
        },
        {
          id: 'Observation.code',
          path: 'Observation.code',
          patternCodeableConcept: { text: 'of the profile' },
        },
        { id: 'Observation.value[x]', path: 'Observation.value[x]', patternQuantity: { unit: 'kg' } },
        {
          id: 'Observation.component:a.code',
          path: 'Observation.component.code',
          patternCodeableConcept: { text: 'a' },
        },
        {
          id: 'Observation.extension:mood',
          path: 'Observation.extension',
          sliceName: 'mood',
          type: [{ code: 'Extension', profile: ['http://example.org/mood'] }],
        },
      ],
    },
  })
  const at = (id: string): string => `${profile}#Observation.${id}`
  const questionnaire = form(
    [
      { linkId: 'code', type: 'string', definition: at('code') },
      { linkId: 'a', type: 'integer', definition: at('component:a.value[x]') },
      { linkId: 'mood', type: 'string', definition: at('extension:mood.value[x]') },
    ],
    {
      extension: [
        extension('definitionExtract', { extension: [{ url: 'definition', valueCanonical: profile }] }),
      ],
    },
  )
  const all = [
    answered('code', { valueString: 'of the form' }),
    answered('a', { valueInteger: 1 }),
    answered('mood', { valueString: 'low' }),
  ]
  const shared = {
    resourceType: 'Observation',
    status: 'final',
    category: [survey],
    meta: { profile: [profile] },
  }
  t.same(resources(await extract(questionnaire, response(all))), [
    {
      ...shared,
      code: { text: 'of the form' },
      component: [{ valueInteger: 1, code: { text: 'a' } }],
      extension: [{ valueString: 'low', url: 'http://example.org/mood' }],
    },
  ])
  t.same(resources(await extract(questionnaire, response([answered('a', { valueInteger: 1 })]))), [
    { ...shared, code: { text: 'of the profile' }, component: [{ valueInteger: 1, code: { text: 'a' } }] },
  ])
})

t.test('what cannot be extracted is told, and all else is', async (t) => {
  const { extract } = await practice(t)
  const P = 'http://hl7.org/fhir/StructureDefinition/Patient#Patient'
  const questionnaire = form(
    [
      { linkId: 'a', type: 'string', definition: `${P}.name.family` },
      { linkId: 'b', type: 'string', definition: `${P}.name.familly` },
      { linkId: 'c', type: 'boolean', definition: `${P}.birthDate` },
      { linkId: 'd', type: 'string', definition: `${P}.gender` },
      { linkId: 'e', type: 'string', definition: `${P}.gender` },
      { linkId: 'f', type: 'string', definition: `${P}.__proto__.polluted` },
      { linkId: 'g', type: 'string', definition: `${P}.constructor` },
    ],
    { extension: [extension('itemExtractionContext', { valueCode: 'Patient' })] },
  )
  const reply = await extract(
    questionnaire,
    response(
      ['a', 'b', 'd', 'e', 'f', 'g']
        .map((linkId) => answered(linkId, { valueString: 'x' }))
        .toSpliced(2, 0, answered('c', { valueBoolean: true })),
    ),
  )
  t.same(part(reply, 'return').entry[0].resource, {
    resourceType: 'Patient',
    name: [{ family: 'x' }],
    gender: 'x',
  })
  t.match(issues(reply), [
    /Patient\.name\.familly is no element of R4/,
    /cannot be said as date, which Patient\.birthDate takes/,
    /Patient\.gender has a value already/,
    /__proto__ is no element/,
    /constructor is no element/,
    /not among the codes of AdministrativeGender/,
  ])
  t.equal(({} as Any).polluted, undefined)
})

t.test('of a stored response, by the Questionnaire that it names', async (t) => {
  const { ask, put } = await practice(t)
  const items = [{ linkId: 'q', type: 'integer', code: [loinc('1-8')], extension: [YES] }]
  await put({ id: 'r', ...response([answered('q', { valueInteger: 4 })]) })
  t.match((await ask('GET QuestionnaireResponse/r/$extract')).json, {
    resourceType: 'OperationOutcome',
    issue: [{ expression: ['QuestionnaireResponse.questionnaire'] }],
  })
  await put({ id: 'old', ...form([], { version: '1' }) })
  await put({ id: 'new', ...form(items, { version: '2' }) })
  for (const line of ['GET QuestionnaireResponse/r/$extract', 'POST QuestionnaireResponse/r/$extract'])
    t.match(resources(await ask(line)), [
      { valueInteger: 4, derivedFrom: [{ reference: 'QuestionnaireResponse/r' }] },
    ])
  await put({
    id: 'r1',
    ...response([answered('q', { valueInteger: 4 })], { questionnaire: 'http://example.org/q|1' }),
  })
  t.match(issues(await ask('GET QuestionnaireResponse/r1/$extract')), [/nothing to extract/])
  t.match(
    resources(
      await ask('POST QuestionnaireResponse/$extract', response([answered('q', { valueInteger: 5 })])),
    ),
    [{ valueInteger: 5 }],
    'posted without Parameters',
  )
  const contained = response([answered('q', { valueInteger: 6 })], {
    questionnaire: '#q',
    contained: [{ ...form(items), id: 'q' }],
  })
  t.match(resources(await ask('POST QuestionnaireResponse/$extract', contained)), [{ valueInteger: 6 }])
  t.equal((await ask('GET QuestionnaireResponse/none/$extract')).status, 404)
})

t.test('what is sent wrong is told at its element', async (t) => {
  const { ask, extract } = await practice(t)
  const cases: readonly [string, unknown, number][] = [
    ['nothing', undefined, 400],
    ['another type', { resourceType: 'Patient' }, 400],
    ['Parameters without a response', { resourceType: 'Parameters' }, 400],
    ['a response that is not valid', response([{ answer: [] }]), 400],
    [
      'a value where a resource belongs',
      {
        resourceType: 'Parameters',
        parameter: [{ name: 'questionnaire-response', valueIdentifier: { value: 'x' } }],
      },
      400,
    ],
    [
      'two',
      {
        resourceType: 'Parameters',
        parameter: [1, 2].map(() => ({
          name: 'questionnaire-response',
          resource: response([answered('q')]),
        })),
      },
      400,
    ],
    [
      'an unknown parameter',
      { resourceType: 'Parameters', parameter: [{ name: 'what', valueString: 'x' }] },
      400,
    ],
  ]
  for (const [name, body, status] of cases)
    t.equal((await ask('POST QuestionnaireResponse/$extract', body)).status, status, name)
  const wrong = await extract(
    form([]),
    response([answered('q', { valueInteger: 1 })], { status: 'entered-in-error' }),
  )
  t.match(wrong.json, { issue: [{ code: 'business-rule', expression: ['QuestionnaireResponse.status'] }] })
  t.equal(wrong.status, 422)
})

t.test('a hostile form takes no more than its share', async (t) => {
  const { extract } = await practice(t)
  const many = Array.from({ length: 6000 }, (_, i) => `q${i}`)
  const answers = response(many.map((linkId) => answered(linkId, { valueInteger: 1 })))
  const plenty = await extract(
    form(
      many.map((linkId) => ({ linkId, type: 'integer', code: [loinc('1-8')] })),
      { extension: [YES] },
    ),
    answers,
  )
  t.match([plenty.status, plenty.json], [422, { issue: [{ code: 'too-costly' }] }])
  const slow = '(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).repeat($this + 1).where($this < 100000).count()'
  const value = extension('definitionExtractValue', {
    extension: [
      { url: 'definition', valueUri: 'http://hl7.org/fhir/StructureDefinition/Patient#Patient.active' },
      { url: 'expression', valueExpression: { language: 'text/fhirpath', expression: slow } },
    ],
  })
  const costly = await extract(
    form(
      many.slice(0, 500).map((linkId) => ({ linkId, type: 'integer', extension: [value] })),
      { extension: [extension('itemExtractionContext', { valueCode: 'Patient' })] },
    ),
    response(many.slice(0, 500).map((linkId) => answered(linkId, { valueInteger: 1 }))),
  )
  t.match([costly.status, costly.json], [422, { issue: [{ code: 'too-costly' }] }])

  const large = await extract(
    form(
      many.slice(0, 100).map((linkId) => ({ linkId, type: 'string', code: [loinc('1-8')] })),
      { extension: [YES] },
    ),
    response(
      many.slice(0, 100).map((linkId) => answered(linkId, { valueString: 'x' })),
      { partOf: Array.from({ length: 10_000 }, (_, i) => ({ reference: `Procedure/${i}` })) },
    ),
  )
  t.match([large.status, large.json], [422, { issue: [{ code: 'too-costly' }] }])
})
