// $label: what labels and why, of what is stored and of what is posted; and nothing said of what is not to be seen.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { OPERATIONS } from '../../src/operations/index.ts'
import { ACT_CODE, CONFIDENTIALITY } from '../access/labels/rules.ts'
import type { Reply } from '../rest/server.ts'
import { labellingServer } from './labelling-server.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const validator = createValidator(loadDefinitions())

interface Part {
  readonly name: string
  readonly part?: readonly Part[]
  readonly [value: string]: unknown
}

/** What a part says, by its name. */
function said(parts: readonly Part[] = []): Record<string, unknown> {
  return Object.fromEntries(
    parts.map((part) => [part.name, Object.entries(part).find(([key]) => key.startsWith('value'))?.[1]]),
  )
}

/** The reasons of each label. */
function reasons(reply: Reply): Record<string, Record<string, unknown>[]> {
  const faults = validator.validate(parseJson(Buffer.from(reply.text)) as Resource)
  if (reply.json.resourceType !== 'Parameters' || faults.some(({ severity }) => severity === 'error'))
    throw new Error(reply.text)
  return Object.fromEntries(
    (reply.json.parameter as Part[]).map(({ name, part = [] }) => {
      if (name !== 'label') throw new Error(name)
      const security = said(part).security as { code: string }
      return [security.code, part.filter((one) => one.name === 'because').map((one) => said(one.part))]
    }),
  )
}

function condition(code: string, more: JsonObject = {}): JsonObject {
  return {
    resourceType: 'Condition',
    code: { coding: [{ system: ICD, code }] },
    subject: { reference: 'Patient/p' },
    ...more,
  }
}

async function practice(t: Parameters<typeof labellingServer>[0]) {
  const server = await labellingServer(t)
  const put = async (resource: JsonObject & { id: string }) => {
    const reply = await server.ask(`PUT ${String(resource.resourceType)}/${resource.id}`, resource)
    if (reply.status >= 300) throw new Error(reply.text)
  }
  await put({ resourceType: 'Patient', id: 'p' })
  await put({ id: 'drinks', ...condition('F10.20') })
  await put({ id: 'cold', ...condition('J00') })
  await put({
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { system: ACT_CODE, code: 'AMB' },
    subject: { reference: 'Patient/p' },
    reasonReference: [{ reference: 'Condition/drinks' }],
    meta: { security: [{ system: ACT_CODE, code: 'HIV' }] },
  })
  return { ...server, put }
}

t.test('of a stored resource, rule by rule, code by code, reference by reference', async (t) => {
  const { ask } = await practice(t)
  const drinks = reasons(await ask('GET Condition/drinks/$label'))
  t.same(Object.keys(drinks).toSorted(), ['ETHUD', 'R', 'SUD'])
  t.match(
    drinks.ETHUD?.find(({ kind }) => kind === 'rule'),
    {
      rule: 'alcohol-use',
      title: 'Alcohol use',
      path: 'Condition.code.coding[0]',
      coding: { system: ICD, code: 'F10.20' },
    },
  )
  t.ok(drinks.R?.some(({ kind, by }) => kind === 'implied' && (by as { code: string }).code === 'SUD'))
  t.same(
    (await ask('GET Condition/drinks/$label')).json.parameter.find(
      ({ part }: { part: Part[] }) => (said(part).security as { code: string }).code === 'R',
    ).part[0].valueCoding,
    { system: CONFIDENTIALITY, code: 'R', display: 'restricted' },
  )
  const encounter = reasons(await ask('GET Encounter/e/$label'))
  t.match(
    encounter.ETHUD?.find(({ kind }) => kind === 'reference'),
    { reference: { reference: 'Condition/drinks' }, link: 'inherits', path: 'Encounter.reasonReference[0]' },
  )
  t.same(encounter.HIV, [{ kind: 'sent', path: 'Encounter.meta.security[0]' }])

  const stored = (await ask('GET Encounter/e')).json.meta.security.map(({ code }: { code: string }) => code)
  t.same(Object.keys(encounter).toSorted(), stored.toSorted(), 'the labels that the resource has')
  const posted = await ask('POST Encounter/e/$label')
  t.same(posted.json, (await ask('GET Encounter/e/$label')).json)
  t.same((await ask('POST Encounter/e/$label', { resourceType: 'Parameters' })).json, posted.json)
})

t.test('of what an attachment keeps of a document that is deleted, or names another', async (t) => {
  const { ask, put } = await practice(t)
  const binary = { resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' }
  const document = (id: string, url: string, code: string) => ({
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    category: [{ coding: [{ system: ICD, code }] }],
    content: [{ attachment: { url } }],
  })
  for (const id of ['scan', 'photo', 'other']) await put({ ...binary, id })
  await put(document('one', 'Binary/scan', 'F10.20'))
  await put(document('two', 'Binary/photo', 'F10.20'))
  await put(document('two', 'Binary/other', 'B20'))
  t.equal((await ask('DELETE DocumentReference/one')).status, 204)
  const taken = { kind: 'reference', reference: { reference: 'DocumentReference/two' }, link: 'attachment' }
  for (const id of ['scan', 'photo']) {
    const kept = reasons(await ask(`GET Binary/${id}/$label`))
    t.same(Object.keys(kept).toSorted(), ['ETHUD', 'R', 'SUD'], id)
    t.same(kept.ETHUD, [{ kind: 'kept' }])
  }
  t.match(reasons(await ask('GET Binary/other/$label')).HIV, [taken])

  await put(document('two', 'Binary/scan', 'B20'))
  const scan = reasons(await ask('GET Binary/scan/$label'))
  t.same(Object.keys(scan).toSorted(), ['ETHUD', 'HIV', 'R', 'SUD'], 'beside what it takes from another')
  t.match(scan.HIV, [taken])
  await put(document('two', 'Binary/scan', 'I10'))
  await put({ ...binary, id: 'scan', data: 'eQ==' })
  const left = reasons(await ask('GET Binary/scan/$label'))
  t.same(Object.keys(left).toSorted(), ['ETHUD', 'R', 'SUD'], 'what a document stops saying is gone')
  t.ok(left.R?.every(({ kind }) => kind === 'kept' || kind === 'implied'))
})

t.test('where nothing is found it says so', async (t) => {
  const { ask } = await practice(t)
  for (const reply of [await ask('GET Condition/cold/$label'), await ask('POST $label', condition('J00'))])
    t.same(reasons(reply), { N: [{ kind: 'none' }] })
})

t.test('of what is posted, as a write would have it, and nothing is stored', async (t) => {
  const { ask, put, store } = await practice(t)
  const before = await store.maintenance.counts()
  const encounter = {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: ACT_CODE, code: 'AMB' },
    subject: { reference: 'Patient/p' },
    diagnosis: [{ condition: { reference: 'Condition/drinks' } }],
  }
  for (const resource of [condition('F11.20'), condition('J00'), encounter]) {
    const type = String(resource.resourceType)
    const bare = await ask('POST $label', resource)
    t.equal(bare.status, 200, bare.text)
    for (const reply of [
      await ask(`POST ${type}/$label`, resource),
      await ask(`POST ${type}/$label`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource }],
      }),
    ])
      t.equal(reply.text, bare.text)
    t.same(await store.maintenance.counts(), before)
  }
  const foreseen = Object.keys(reasons(await ask('POST $label', encounter)))
  await put({ ...encounter, id: 'later' })
  const written = (await ask('GET Encounter/later')).json.meta.security
  t.same(foreseen.toSorted(), written.map(({ code }: { code: string }) => code).toSorted())
})

t.test('in both formats, in batches', async (t) => {
  const { ask } = await practice(t)
  const xml = await ask('GET Condition/drinks/$label?_format=xml')
  t.equal(xml.headers['content-type'], 'application/fhir+xml; charset=utf-8')
  t.match(xml.text, /<Parameters xmlns="http:\/\/hl7.org\/fhir"><parameter><name value="label"\/>/)
  const sent = await ask(
    'POST $label',
    `<Condition xmlns="http://hl7.org/fhir"><code><coding><system value="${ICD}"/><code value="F10.20"/></coding></code><subject><reference value="Patient/p"/></subject></Condition>`,
    { 'content-type': 'application/fhir+xml', accept: 'application/fhir+json' },
  )
  t.same(Object.keys(reasons(sent)).toSorted(), ['ETHUD', 'R', 'SUD'])
  t.match((await ask('GET Condition/drinks/$label?_pretty=true')).text, /\n {2}"parameter"/)
  const batch = await ask('POST ', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: 'Condition/drinks/$label' } },
      { request: { method: 'POST', url: '$label' }, resource: condition('F10.20') },
    ],
  })
  t.same(
    batch.json.entry.map(({ resource }: { resource: { parameter: Part[] } }) => resource.parameter.length),
    [3, 3],
  )
})

t.test('what was never there or is deleted is answered as a read answers it', async (t) => {
  const { ask } = await practice(t)
  t.equal((await ask('DELETE Encounter/e')).status, 204)
  for (const path of ['Encounter/e', 'Encounter/never', 'Encounter/a_b']) {
    const read = await ask(`GET ${path}`)
    const label = await ask(`GET ${path}/$label`)
    t.ok(read.status >= 400)
    t.equal(label.status, read.status, path)
    t.equal(label.text, read.text, path)
  }
})

t.test('refusals', async (t) => {
  const { ask } = await practice(t)
  const parameters = (...parameter: readonly JsonObject[]) => ({ resourceType: 'Parameters', parameter })
  for (const [line, body, status, expression] of [
    ['POST $label', undefined, 400, undefined],
    ['POST $label', [], 400, 'Resource'],
    ['POST $label', { resourceType: 'Nonsense' }, 400, 'Resource.resourceType'],
    ['POST $label', { resourceType: 'Condition' }, 400, 'Condition.subject'],
    ['POST $label', parameters(), 400, 'Parameters.parameter'],
    ['POST $label', parameters({ name: 'resource' }), 400, 'Parameters.parameter[0].resource'],
    [
      'POST $label',
      parameters({ name: 'resource', resource: condition('F10') }, { name: 'x', valueString: 'y' }),
      400,
      'http.x',
    ],
    ['POST Patient/$label', condition('F10'), 400, 'Patient.resourceType'],
    ['GET Condition/drinks/$label?x=y', undefined, 400, 'http.x'],
    ['POST Condition/drinks/$label', condition('F10'), 415, undefined],
    ['POST Nonsense/$label', condition('F10'), 404, undefined],
  ] as const) {
    const reply = await ask(line, body)
    const what = `${line} ${JSON.stringify(body)}: ${reply.text}`
    t.equal(reply.status, status, what)
    t.equal(reply.json.resourceType, 'OperationOutcome', what)
    t.equal(reply.json.issue[0].expression?.[0], expression, what)
  }
  const form = await ask('POST $label', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })
  t.equal(form.status, 415)
  for (const [line, allow] of [
    ['GET $label', 'POST'],
    ['GET Condition/$label', 'POST'],
    ['PUT $label', 'POST'],
    ['DELETE Condition/drinks/$label', 'GET, HEAD, POST'],
    ['PUT $relabel', 'GET, HEAD, POST'],
  ] as const) {
    const reply = await ask(line)
    t.equal(reply.status, 405, line)
    t.equal(reply.headers.allow, allow, line)
  }
  for (const line of ['GET Patient/$relabel', 'GET $everything', 'POST $nothing'])
    t.equal((await ask(line)).status, 501, line)
})

t.test('the OperationDefinitions that ship say what there is', async (t) => {
  const folder = new URL('../../profiles/operations/', import.meta.url)
  const definitions = readdirSync(folder).map((file) =>
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
  )
  const own = OPERATIONS.filter(({ definition }) => definition.startsWith('https://alcove.health/'))
  t.same(definitions.map(({ url }) => url).toSorted(), own.map(({ definition }) => definition).toSorted())
  for (const definition of definitions) {
    const operation = own.find(({ name }) => name === definition.code)
    t.same(validator.validate(definition), [], definition.url)
    t.same(
      [definition.system, definition.type, definition.instance, definition.affectsState],
      [
        ...(['system', 'type', 'instance'] as const).map((level) => operation?.levels[level] !== undefined),
        operation?.affectsState,
      ],
    )
  }
})
