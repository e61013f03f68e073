// $submit, $x12 and $void as clients call them.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { readClaimSet, readInterchanges, type OutgoingFile } from '../../../src/billing/index.ts'
import { loadDefinitions, parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { ACT_CODE, BASE, billingServer, coded, patient, payer, resource } from '../practice.ts'
import { institutionalClaim, professionalClaim } from './claims.ts'
import { received, statusOf } from './sending.ts'

const X12 = 'application/edi-x12'
const validator = createValidator(loadDefinitions())
const PART_TWO = { system: ACT_CODE, code: '42CFRPart2' }
const NOTICE = 'NTE*ADD*42 CFR PART 2 PROHIBITS UNAUTHORIZED USE OR DISCLOSURE OF THESE RECORDS.~'

const asked = (...values: readonly JsonObject[]) => ({
  resourceType: 'Parameters',
  parameter: values.map((value) => ({ name: 'claim', ...value })),
})

function shown(text: string) {
  const [interchange] = readInterchanges(text)
  const set = interchange?.groups[0]?.sets[0]
  if (interchange === undefined || set === undefined) throw new Error('there is no set')
  return { envelope: interchange.header, ...readClaimSet(set) }
}

t.test('$x12 shows what would be sent, and changes nothing', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(professionalClaim('c1'), institutionalClaim('c2'))
  for (const [id, kind] of [
    ['c1', 'professional'],
    ['c2', 'institutional'],
  ] as const) {
    const binary = await ask(`GET Claim/${id}/$x12`)
    t.equal(binary.status, 200)
    t.equal(binary.json.resourceType, 'Binary')
    t.equal(binary.json.contentType, X12)
    t.same(validator.validate(binary.json), [])
    const text = await ask(`POST Claim/${id}/$x12`, undefined, { accept: X12 })
    t.match(text.headers['content-type'], X12)
    t.equal(text.text, Buffer.from(binary.json.data, 'base64').toString('latin1'))
    const { envelope, claims, ...set } = shown(text.text)
    t.equal(set.kind, kind)
    t.equal(envelope.controlNumber, 1)
    t.equal(envelope.usage, 'T')
    t.equal(claims[0]?.controlNumber, `C${id.toUpperCase()}`)
    t.equal((await ask(`GET Claim/${id}`)).json.meta.versionId, '1')
  }
  t.same(sent, [])
  t.equal((await ask('GET Task?_summary=count')).json.total, 0)
  const submitted = await ask('POST Claim/c1/$submit')
  t.equal(submitted.status, 200, submitted.text)
  t.equal(received(sent[0] as OutgoingFile).envelope.controlNumber, 1, 'no number was used up')
})

t.test('$x12 refuses what cannot be written, and what is not there', async (t) => {
  const { ask, put } = await billingServer(t)
  await put(professionalClaim('c1', { more: { payee: undefined, identifier: [{ value: 'x' }] } }))
  const refused = await ask('GET Claim/c1/$x12')
  t.equal(refused.status, 422)
  t.same(refused.json.issue[0].expression, ['Claim.identifier'])
  t.equal((await ask('GET Claim/nobody/$x12')).status, 404)
  t.equal((await ask('GET Claim/c1/$x12?what=1')).status, 400)
  t.equal((await ask('GET Claim/c1/$x12', undefined, { accept: 'text/plain' })).status, 406)
})

t.test('$submit of one claim answers with its Task; again with the same', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(professionalClaim('c1'))
  const first = await ask('POST Claim/c1/$submit')
  t.equal(first.status, 200, first.text)
  t.same(validator.validate(first.json), [])
  t.equal(first.json.type, 'batch-response')
  const [entry, ...more] = first.json.entry
  t.same(more, [])
  t.equal(entry.response.status, '201')
  t.equal(
    entry.response.location,
    `${BASE}/Task/${entry.resource.id}/_history/${entry.resource.meta.versionId}`,
  )
  t.equal(entry.fullUrl, `${BASE}/Task/${entry.resource.id}`)
  t.same(statusOf(entry.resource), ['in-progress', 'sent'])
  const again = await ask('POST Claim/c1/$submit', {})
  t.equal(again.status, 415, 'a body that says nothing')
  const same = await ask('POST Claim/c1/$submit')
  t.same(same.json.entry[0].resource, entry.resource)
  t.equal(same.json.entry[0].response.status, '200')
  t.match(same.json.entry[0].response.outcome.issue[0].diagnostics, /was sent before/)
  t.equal(sent.length, 1)
  const found = await ask('GET Task?focus=Claim/c1&code=claim-submission&business-status=sent')
  t.same(
    found.json.entry.map((one: { resource: Resource }) => one.resource['id']),
    [entry.resource.id],
  )
  const group = entry.resource.groupIdentifier
  const byGroup = await ask(`GET Task?group-identifier=${group.system}|${group.value}`)
  t.equal(byGroup.json.entry.length, 1)
})

t.test('$submit of several: each is told of in its order', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(
    professionalClaim('c1'),
    professionalClaim('c2'),
    professionalClaim('c3', { more: { status: 'cancelled' } }),
    institutionalClaim('c4'),
  )
  const body = asked(
    { valueReference: { reference: 'Claim/c3' } },
    { valueReference: { reference: `${BASE}/Claim/c1` } },
    { valueString: 'c2' },
    { valueId: 'c4' },
    { valueReference: { reference: 'Claim/c1' } },
    { valueString: 'none' },
  )
  const reply = await ask('POST Claim/$submit', body)
  t.equal(reply.status, 200, reply.text)
  t.same(validator.validate(reply.json), [])
  t.same(
    reply.json.entry.map((one: { resource?: Resource; response: JsonObject }) => [
      (one.resource?.['focus'] as JsonObject | undefined)?.['reference'],
      one.response['status'],
    ]),
    [
      [undefined, '422'],
      ['Claim/c1', '201'],
      ['Claim/c2', '201'],
      ['Claim/c4', '201'],
      [undefined, '404'],
    ],
  )
  t.match(reply.json.entry[0].response.outcome.issue[0].diagnostics, /^Claim\/c3: Claim.status/)
  t.equal(sent.length, 2)
  const form = await ask('POST Claim/$submit?claim=c1&claim=c2')
  t.same(
    form.json.entry.map((one: { response: JsonObject }) => one.response['status']),
    ['200', '200'],
  )
})

t.test('what is asked wrongly is refused, and sends nothing', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(professionalClaim('c1', { more: { status: 'cancelled' } }))
  const status = async (line: string, body?: unknown) => (await ask(line, body)).status
  t.equal(await status('POST Claim/c1/$submit'), 422)
  t.equal(await status('POST Claim/$submit'), 400)
  t.equal(await status('POST Claim/c1/$submit?claim=c1'), 400)
  t.equal(await status('POST Claim/nobody/$submit'), 404)
  t.equal(await status('GET Claim/c1/$submit'), 405)
  t.equal(await status('POST Claim/$submit', asked({ valueString: 'c1' })), 422)
  for (const hostile of [
    '',
    'Patient/p1',
    'Claim/c1/_history/1',
    'https://elsewhere.example/Claim/c1',
    '#c1',
    '../Claim/c1',
    'c1\u0000',
    'Claim?patient=p1',
    'urn:uuid:5ed9a5a0-0d4c-4b0c-9f5a-1f1d1b1f9a11',
    'x'.repeat(65),
    "c1'; drop table",
  ]) {
    const reply = await ask('POST Claim/$submit', asked({ valueString: hostile }))
    t.ok(reply.status === 400 || reply.status === 404, `${hostile}: ${reply.status}`)
  }
  t.equal(await status('POST Claim/$submit', asked({ valuePeriod: {} })), 400)
  const many = Array.from({ length: 1001 }, (_, at) => ({ valueString: `m${at}` }))
  const reply = await ask('POST Claim/$submit', asked(...many))
  t.equal(reply.status, 422)
  t.equal(reply.json.issue[0].code, 'too-costly')
  t.same(sent, [])
})

t.test(
  'records of a substance use program go with their notice, and their Tasks carry the label',
  async (t) => {
    const { ask, put, sent } = await billingServer(t)
    await put(
      resource({
        resourceType: 'Consent',
        id: 'consent1',
        status: 'active',
        scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
        category: [coded(ACT_CODE, '42CFRPart2CD')],
        patient: { reference: 'Patient/p1' },
        dateTime: '2026-01-01',
        policyRule: coded(ACT_CODE, '42CFRPart2CD'),
        provision: {
          type: 'permit',
          purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HPAYMT' }],
        },
      }),
    )
    await put(
      professionalClaim('c1', { more: { meta: { security: [PART_TWO] } } }),
      professionalClaim('c2', {
        more: {
          meta: { security: [PART_TWO] },
          supportingInfo: [
            {
              sequence: 1,
              category: {
                coding: [
                  { system: 'http://terminology.hl7.org/CodeSystem/claiminformationcategory', code: 'info' },
                ],
              },
              code: { coding: [{ system: 'https://codesystem.x12.org/005010/363', code: 'ADD' }] },
              valueString: 'A note of the practice',
            },
          ],
        },
      }),
      professionalClaim('c3'),
    )
    t.match((await ask('GET Claim/c1/$x12', undefined, { accept: X12 })).text, NOTICE)
    const reply = await ask('POST Claim/$submit?claim=c1&claim=c2&claim=c3')
    const [labelled, refused, plain] = reply.json.entry
    t.equal(refused.response.status, '422')
    t.same(refused.response.outcome.issue[0].expression, ['Claim.supportingInfo'])
    const text = String(sent[0]?.bytes)
    t.equal(text.split(NOTICE).length, 2, 'once')
    t.ok(text.indexOf('CLM*CC1*') < text.indexOf(NOTICE) && text.indexOf(NOTICE) < text.indexOf('CLM*CC3*'))
    const codes = (task: Resource): unknown[] =>
      (((task['meta'] as JsonObject)['security'] ?? []) as JsonObject[]).map(({ code }) => code)
    t.ok(codes(labelled.resource).includes(PART_TWO.code))
    t.notOk(codes(plain.resource).includes(PART_TWO.code))
    t.notOk((await ask('GET Claim/c1')).text.includes('prohibits'), 'the notice is no part of the claim')
  },
)

const answered = (id: string, claimId: string, more: object = {}) =>
  resource({
    resourceType: 'ClaimResponse',
    id,
    identifier: [{ value: 'ICN77' }],
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    use: 'claim',
    patient: { reference: 'Patient/p1' },
    created: '2026-03-06',
    insurer: { reference: 'Organization/payer1' },
    request: { reference: `Claim/${claimId}` },
    outcome: 'complete',
    ...more,
  })

t.test('$void makes the claim that takes back one which the payer has taken on', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(professionalClaim('c1'), institutionalClaim('c2'), professionalClaim('c3'))
  const early = await ask('POST Claim/c1/$void')
  t.equal(early.status, 422)
  t.same(early.json.issue[0].expression, ['ClaimResponse.identifier'])
  await ask('POST Claim/$submit?claim=c1&claim=c2')
  await put(answered('r1', 'c1'), answered('r2', 'c2', { identifier: [{ value: 'ICN88' }] }))
  const made = await ask('POST Claim/c1/$void')
  t.equal(made.status, 201, made.text)
  t.match(made.headers['location'], `/Claim/${made.json.id}/_history/1`)
  t.same(validator.validate(made.json), [])
  t.match(made.json, {
    status: 'draft',
    related: [{ claim: { reference: 'Claim/c1' }, reference: { value: 'ICN77' } }],
    supportingInfo: [{ code: { coding: [{ code: '8' }] } }],
    total: { value: 131.07 },
  })
  const number = made.json.identifier[0].value
  t.match(number, /^[A-Z0-9]{20}$/)
  t.not(number, 'CC1')
  const again = await ask('POST Claim/c1/$void')
  t.equal(again.status, 200)
  t.equal(again.json.id, made.json.id)
  const stay = await ask('POST Claim/c2/$void')
  t.match(stay.json.supportingInfo[0].code.coding, [{ code: '0868' }])
  const submitted = await ask(`POST Claim/$submit?claim=${made.json.id}&claim=${stay.json.id}`)
  t.same(
    submitted.json.entry.map((one: { response: JsonObject }) => one.response['status']),
    ['201', '201'],
    submitted.text,
  )
  const [professional, institutional] = sent.slice(-2).map((file) => received(file).claims[0])
  t.match(professional, { frequency: '8', original: 'ICN77', controlNumber: number })
  t.match(institutional, { frequency: '8', original: 'ICN88', place: '86' })
  t.equal((await ask('GET Claim/c1')).json.status, 'active', 'until the payer has taken the void on')
  t.equal((await ask('POST Claim/c3/$void')).status, 422, 'a draft is mended or deleted')
  t.equal((await ask('POST Claim/nobody/$void')).status, 404)
  t.equal((await ask('GET Claim/c1/$void')).status, 405)
  t.equal((await ask('POST Claim/c1/$void?reason=x')).status, 400)
})

t.test('what is replaced, refused or cancelled is not voided; 16 at once make one void', async (t) => {
  const { ask, put } = await billingServer(t)
  const related = (claimId: string) => ({
    related: [
      {
        claim: { reference: `Claim/${claimId}` },
        relationship: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' },
          ],
        },
        reference: { value: 'ICN77' },
      },
    ],
  })
  const active = { more: { status: 'active' } }
  await put(
    professionalClaim('c1', active),
    professionalClaim('c2', active),
    professionalClaim('c3', active),
    professionalClaim('c4', { more: { status: 'cancelled' } }),
    answered('r1', 'c1'),
    answered('r2', 'c2', { outcome: 'error' }),
    answered('r3', 'c3'),
    answered('r4', 'c4'),
    professionalClaim('c9', { frequency: '7', more: related('c1') }),
  )
  const replaced = await ask('POST Claim/c1/$void')
  t.equal(replaced.status, 422)
  t.match(replaced.json.issue[0].diagnostics, /^Claim\/c9 replaces/)
  await put(professionalClaim('c9', { frequency: '7', more: { ...related('c1'), status: 'cancelled' } }))
  t.equal((await ask('POST Claim/c1/$void')).status, 201)
  t.equal((await ask('POST Claim/c2/$void')).status, 422)
  t.equal((await ask('POST Claim/c4/$void')).status, 422)
  const all = await Promise.all(Array.from({ length: 16 }, () => ask('POST Claim/c3/$void')))
  t.equal(all.filter(({ status }) => status === 201).length, 1)
  t.equal(new Set(all.map(({ json }) => json.id)).size, 1)
})

t.test('the receiver of a payer, and terms, are told as practices put them', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  for (const id of ['claim-terms', 'x12-receiver']) {
    const file = new URL(`../../../profiles/billing/structure-definition-${id}.json`, import.meta.url)
    const definition = parseJson(readFileSync(file)) as Resource
    t.same(validator.validate(definition), [])
  }
  await put(
    payer('payer1', {
      extension: [
        {
          url: 'https://alcove.health/fhir/StructureDefinition/claim-terms',
          extension: [{ url: 'assignment', valueCode: 'C' }],
        },
        {
          url: 'https://alcove.health/fhir/StructureDefinition/x12-receiver',
          extension: [
            { url: 'qualifier', valueCode: '30' },
            { url: 'id', valueString: 'PAYER1' },
          ],
        },
      ],
    }),
    patient('p1', { name: [{ family: 'Núñez~*:', given: ['<b>'] }] }),
    professionalClaim('c1'),
  )
  t.equal((await ask('POST Claim/c1/$submit')).status, 200)
  const { envelope, claims } = received(sent[0] as OutgoingFile)
  t.same(envelope.receiver, { qualifier: '30', id: 'PAYER1' })
  t.equal(claims[0]?.assignment, 'C')
  t.equal(claims[0]?.subscriber.name, 'NUNEZ')
})

t.test('the OperationDefinitions that ship are valid and say what there is', async (t) => {
  const { ask } = await billingServer(t)
  const statement = (await ask('GET metadata')).json
  const claim = statement.rest[0].resource.find((one: JsonObject) => one['type'] === 'Claim')
  for (const name of ['submit', 'x12', 'void']) {
    const file = new URL(`../../../profiles/operations/operation-definition-${name}.json`, import.meta.url)
    const definition = parseJson(readFileSync(file)) as Resource
    t.same(validator.validate(definition), [])
    t.ok(
      claim.operation.some(
        (one: JsonObject) => one['name'] === name && one['definition'] === definition['url'],
      ),
    )
  }
})
