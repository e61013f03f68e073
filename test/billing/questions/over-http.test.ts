// $request-authorization, $check-eligibility, $authorizations and the answers of payers, as clients call them.
import t, { type Test } from 'tap'
import type { OutgoingFile } from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions } from '../../../src/fhir/index.ts'
import { using } from '../authorizations/answers.ts'
import { ACT_CODE, billingServer, CLINIC_NPI, coded, coverage, resource } from '../practice.ts'
import {
  acknowledged,
  authorizationRequest,
  decided,
  eligibilityRequest,
  fileOf,
  received270,
  received278,
  told271,
} from './questions.ts'

t.setTimeout(120_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const validator = createValidator(loadDefinitions())

async function practice(t: Test) {
  const server = await billingServer(t)
  const found = async (query: string): Promise<Loose[]> =>
    ((await server.ask(`GET ${query}`)).json.entry ?? []).map(({ resource }: Loose) => resource)
  const post = (bytes: Buffer) =>
    server.ask('POST $import-x12', bytes, { 'content-type': 'application/edi-x12' })
  const states = async (work: string) =>
    (await found(`Task?code=${work}`)).map(({ status, businessStatus }) => [
      status,
      businessStatus?.coding[0].code,
    ])
  return { ...server, found, post, states }
}

const told = (reply: Loose, name: string) =>
  (reply.json.parameter as Loose[])
    .filter((one) => one.name === name)
    .map(({ part }: Loose) =>
      part.map((one: Loose) => Object.entries(one).find(([key]) => key !== 'name')?.[1]),
    )

/** `$authorizations` as a list. */
function ledgerOf(reply: Loose) {
  return (reply.json.parameter as Loose[])
    .filter(({ name }) => name === 'authorization')
    .map(({ part }) => ({
      number: part.find((one: Loose) => one.name === 'number')?.valueString,
      decided: part.find((one: Loose) => one.name === 'decided').valueBoolean,
      services: part
        .filter((one: Loose) => one.name === 'service')
        .map(({ part: parts }: Loose) =>
          parts.map((one: Loose) => one.valueCoding?.code ?? `${one.name} ${one.valueDecimal}`).join(', '),
        ),
    }))
}

t.test('a payer is asked to authorize once, decides, and its units are in the ledger', async (t) => {
  const { ask, put, sent, found, post, states } = await practice(t)
  await put(authorizationRequest('pa1'))
  const first = await ask('POST Claim/pa1/$request-authorization')
  t.equal(first.status, 201, first.text)
  t.match(first.headers['location'], /\/ClaimResponse\/[0-9a-f]{40}\/_history\/1$/)
  t.same(validator.validate(first.json), [])
  t.match(first.json, {
    resourceType: 'ClaimResponse',
    use: 'preauthorization',
    outcome: 'queued',
    request: { reference: 'Claim/pa1' },
    patient: { reference: 'Patient/p1' },
  })
  t.equal(sent.length, 1)
  t.equal(sent[0]?.name, '278-000000001.x12')
  const { envelope, header, request } = received278(sent[0] as OutgoingFile)
  t.match(envelope, { sender: { id: 'HARBOR' }, receiver: { id: 'CLEARING' }, controlNumber: 1, usage: 'T' })
  t.match(header, { purpose: '13', reference: '000000001', date: '2026-03-05' })
  t.equal(request.requester.id, CLINIC_NPI)
  t.same(
    request.services.map(({ code, quantity }) => [code, quantity?.value]),
    [
      ['90837', '12'],
      ['90847', '4'],
    ],
  )
  const claim = (await ask('GET Claim/pa1')).json
  t.equal(claim.status, 'active')
  t.equal(claim.identifier[0].value, request.trace.number, 'the number that the payer is told')
  t.same(await states('authorization-request'), [['in-progress', 'sent']])
  const [task] = await found('Task?code=authorization-request')
  t.same(validator.validate(task), [])
  t.equal(task.focus.reference, 'Claim/pa1')

  const again = await ask('POST Claim/pa1/$request-authorization')
  t.equal(again.status, 200)
  t.same(again.json, first.json)
  t.equal(sent.length, 1, 'and nothing is sent')
  t.same(ledgerOf(await ask('GET Patient/p1/$authorizations')), [
    { number: undefined, decided: false, services: ['90837, used 0', '90847, used 0'] },
  ])

  const trace = request.trace.number
  const pended = await post(fileOf([decided({ trace, reference: '000000001', decision: ['HCR*A4'] })]))
  t.equal(pended.status, 200, pended.text)
  t.same(told(pended, 'set'), [['278', 1]])
  t.same(await states('authorization-request'), [['in-progress', 'pended']])
  const decision = ['HCR*A1*AUTH-1', 'DTP*007*RD8*20260301-20260831']
  const reply = await post(fileOf([decided({ trace, reference: '000000001', date: '20260307', decision })]))
  t.equal(reply.status, 200, reply.text)
  t.same(await states('authorization-request'), [['completed', 'answered']])
  const [response, ...more] = await found('ClaimResponse')
  t.same(more, [], 'in place of the queued one')
  t.same(validator.validate(response), [])
  t.match(response, {
    id: first.json.id,
    outcome: 'complete',
    preAuthRef: 'AUTH-1',
    preAuthPeriod: { start: '2026-03-01', end: '2026-08-31' },
  })
  await put(using('c1', ['AUTH-1'], [{ code: '90837', units: 3 }]))
  t.same(ledgerOf(await ask('GET Patient/p1/$authorizations?date=2026-08-31&payer=payer1')), [
    {
      number: 'AUTH-1',
      decided: true,
      services: [
        '90837, approved 12, used 3, left 9, share 0.25',
        '90847, approved 4, used 0, left 4, share 0',
      ],
    },
  ])
  t.same(ledgerOf(await ask('GET Patient/p1/$authorizations?date=2026-09-01')), [])
  t.same(ledgerOf(await ask('GET Patient/p1/$authorizations?payer=payer2')), [])
  const version = (await ask(`GET ClaimResponse/${response.id}`)).json.meta.versionId
  await post(fileOf([decided({ trace, reference: '000000001', date: '20260307', decision })], 8))
  t.equal((await ask(`GET ClaimResponse/${response.id}`)).json.meta.versionId, version, 'the same again')
  t.equal((await ask('GET Task?code=unmatched-answer&_summary=count')).json.total, 0)
})

t.test('a payer is asked about coverage once, and its benefits take the place of none', async (t) => {
  const { ask, put, sent, found, post, states } = await practice(t)
  await put(eligibilityRequest('e1'))
  const first = await ask('POST CoverageEligibilityRequest/e1/$check-eligibility')
  t.equal(first.status, 201, first.text)
  t.same(validator.validate(first.json), [])
  t.match(first.json, { outcome: 'queued', request: { reference: 'CoverageEligibilityRequest/e1' } })
  t.equal(sent[0]?.name, '270-000000001.x12')
  const { header, inquiry } = received270(sent[0] as OutgoingFile)
  t.equal(header.reference, '000000001')
  t.same(inquiry.serviced, { start: '2026-03-05', end: '2026-03-05' })
  const trace = inquiry.trace?.number ?? ''
  t.match(trace, /^[A-Z0-9]{20}$/)
  const benefits = ['EB*1**30', 'EB*B**A6***27*25']
  const reply = await post(fileOf([told271({ trace, reference: '000000001', benefits })]))
  t.equal(reply.status, 200, reply.text)
  const [response, ...more] = await found('CoverageEligibilityResponse')
  t.same(more, [])
  t.same(validator.validate(response), [])
  t.match(response, { id: first.json.id, outcome: 'complete', insurance: [{ inforce: true }] })
  t.same(await states('eligibility-request'), [['completed', 'answered']])
  const again = await ask('POST CoverageEligibilityRequest/e1/$check-eligibility')
  t.equal(again.status, 200)
  t.equal(again.json.outcome, 'complete')
  t.equal(sent.length, 1)
})

t.test('what a payer does not take on is asked anew, under another number', async (t) => {
  const { ask, put, sent, found, post, states } = await practice(t)
  await put(eligibilityRequest('e1'))
  await ask('POST CoverageEligibilityRequest/e1/$check-eligibility')
  const trace = received270(sent[0] as OutgoingFile).inquiry.trace?.number ?? ''
  const refusal = fileOf([told271({ trace, reference: '000000001', benefits: ['AAA*N**75*C'] })])
  t.equal((await post(refusal)).status, 200)
  t.same(await states('eligibility-request'), [['failed', 'rejected']])
  t.match((await found('CoverageEligibilityResponse'))[0], { outcome: 'error' })
  const anew = await ask('POST CoverageEligibilityRequest/e1/$check-eligibility')
  t.equal(anew.status, 201, anew.text)
  t.match(anew.json, { outcome: 'queued' })
  t.equal(sent.length, 2)
  t.equal(sent[1]?.name, '270-000000002.x12')
  await post(refusal)
  t.match((await found('CoverageEligibilityResponse'))[0], { outcome: 'queued' }, 'that was of the first')
  t.same((await states('eligibility-request')).toSorted(), [
    ['failed', 'rejected'],
    ['in-progress', 'sent'],
  ])
  const answer = told271({ trace, reference: '000000002', benefits: ['EB*6**30'] })
  await post(fileOf([answer]))
  t.match((await found('CoverageEligibilityResponse'))[0], { insurance: [{ inforce: false }] })
  t.same((await states('eligibility-request')).toSorted(), [
    ['completed', 'answered'],
    ['failed', 'rejected'],
  ])

  await put(authorizationRequest('pa1'))
  await ask('POST Claim/pa1/$request-authorization')
  await post(fileOf([acknowledged('HI', 3, true)]))
  t.same(await states('authorization-request'), [['in-progress', 'acknowledged']])
  await put(authorizationRequest('pa2'))
  await ask('POST Claim/pa2/$request-authorization')
  const refused = await post(fileOf([acknowledged('HI', 4, false)]))
  t.equal(refused.status, 200, refused.text)
  t.same((await states('authorization-request')).toSorted(), [
    ['failed', 'rejected'],
    ['in-progress', 'acknowledged'],
  ])
  t.equal((await ask('POST Claim/pa2/$request-authorization')).status, 201)
  t.equal(sent.at(-1)?.name, '278-000000005.x12')
})

t.test(
  'an answer without our number is for the question of its file; one that fits nothing is work',
  async (t) => {
    const { ask, put, sent, found, post } = await practice(t)
    await put(authorizationRequest('pa1'), authorizationRequest('pa2'))
    await ask('POST Claim/pa1/$request-authorization')
    await ask('POST Claim/pa2/$request-authorization')
    await post(fileOf([decided({ reference: '000000002', rejected: 'AAA*N**42*Y' })]))
    const responses = await found('ClaimResponse')
    t.same(responses.map(({ request, outcome }) => [request.reference, outcome]).toSorted(), [
      ['Claim/pa1', 'queued'],
      ['Claim/pa2', 'error'],
    ])
    const stray = fileOf([
      decided({ trace: 'NOBODY', reference: '000000001', decision: ['HCR*A1*AUTH-9'] }),
      decided({ reference: '000000077', decision: ['HCR*A1*AUTH-8'] }),
      told271({ trace: 'NOBODY', reference: '000000001', benefits: ['EB*1**30'] }),
    ])
    const reply = await post(stray)
    t.equal(reply.status, 200, reply.text)
    t.equal(told(reply, 'unmatched').length, 3)
    await post(stray)
    const tasks = await found('Task?code=unmatched-answer')
    t.equal(tasks.length, 3)
    for (const task of tasks) t.same(validator.validate(task), [])
    t.notOk((await found('ClaimResponse')).some(({ preAuthRef }) => preAuthRef !== undefined))
    const { trace } = received278(sent[0] as OutgoingFile).request
    const copy = (await ask('GET Claim/pa1')).json
    await put({ ...copy, id: 'pa3', meta: undefined })
    const ambiguous = decided({ trace: trace.number, reference: 'X', decision: ['HCR*A1*AUTH-7'] })
    t.equal(told(await post(fileOf([ambiguous])), 'unmatched').length, 1, 'two have the number')
    const inFile = decided({ trace: trace.number, reference: '000000001', decision: ['HCR*A1*AUTH-7'] })
    t.equal(told(await post(fileOf([inFile])), 'unmatched').length, 0, 'the file says which of them')
  },
)

t.test('what cannot be asked is refused, naming the elements', async (t) => {
  const { ask, put, sent } = await practice(t)
  await put(
    authorizationRequest('used', { use: 'claim' }),
    authorizationRequest('over', { status: 'cancelled', insurer: undefined }),
    authorizationRequest('lone', { provider: { reference: 'Organization/payer1' } }),
    eligibilityRequest('who', { provider: undefined }),
    coverage('cov2', 'p1', { subscriberId: undefined }),
    eligibilityRequest('member', { insurance: [{ focal: true, coverage: { reference: 'Coverage/cov2' } }] }),
  )
  const refused = async (path: string) => {
    const reply = await ask(`POST ${path}`)
    t.equal(reply.status, 422, reply.text)
    return reply.json.issue.map(({ expression }: Loose) => expression[0])
  }
  t.same(await refused('Claim/used/$request-authorization'), ['Claim.use'])
  t.same(await refused('Claim/over/$request-authorization'), ['Claim.status', 'Claim.insurer'])
  t.same(await refused('Claim/lone/$request-authorization'), ['Claim.provider'])
  t.same(await refused('CoverageEligibilityRequest/who/$check-eligibility'), [
    'CoverageEligibilityRequest.provider',
  ])
  t.same(await refused('CoverageEligibilityRequest/member/$check-eligibility'), ['Coverage.subscriberId'])
  t.equal((await ask('POST Claim/nobody/$request-authorization')).status, 404)
  t.equal((await ask('GET Claim/used/$request-authorization')).status, 405)
  t.equal((await ask('POST Claim/used/$request-authorization?what=1')).status, 400)
  t.equal((await ask('GET Patient/p1/$authorizations?date=yesterday')).status, 400)
  t.equal((await ask('GET Patient/p1/$authorizations?date=2026')).status, 400)
  t.equal((await ask('GET Patient/p1/$authorizations?payer=Patient/p1')).status, 400)
  t.equal((await ask('GET Patient/nobody/$authorizations')).status, 404)
  t.equal(sent.length, 0)
  t.equal((await ask('GET Task?_summary=count')).json.total, 0)
  t.equal((await ask('GET ClaimResponse?_summary=count')).json.total, 0)
})

t.test('records of Part 2 origin are told to a payer with consent only', async (t) => {
  const { ask, put, sent } = await practice(t)
  const part2 = { security: [{ system: ACT_CODE, code: '42CFRPart2' }] }
  await put(authorizationRequest('pa1', { meta: part2 }))
  const refused = await ask('POST Claim/pa1/$request-authorization')
  t.equal(refused.status, 422, refused.text)
  t.equal(refused.json.issue[0].details.coding[0].code, 'consent-missing')
  t.equal(sent.length, 0)
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
    }),
  )
  const reply = await ask('POST Claim/pa1/$request-authorization')
  t.equal(reply.status, 201, reply.text)
  const { message } = received278(sent[0] as OutgoingFile).request
  t.equal(message, '42 CFR PART 2 PROHIBITS UNAUTHORIZED USE OR DISCLOSURE OF THESE RECORDS.')
  const isPart2 = ({ meta }: Loose) => meta.security.some(({ code }: Loose) => code === '42CFRPart2')
  t.ok(isPart2(reply.json), 'and so is the answer')
  const [task] = (await ask('GET Task?code=authorization-request')).json.entry
  t.ok(isPart2(task.resource))
})

t.test('thirty who ask at once ask once', async (t) => {
  const { ask, put, sent } = await practice(t)
  await put(authorizationRequest('pa1'), eligibilityRequest('e1'))
  const replies = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      ask(
        at % 2 === 0
          ? 'POST Claim/pa1/$request-authorization'
          : 'POST CoverageEligibilityRequest/e1/$check-eligibility',
      ),
    ),
  )
  t.notOk(replies.some(({ status }) => status !== 200 && status !== 201))
  t.equal(replies.filter(({ status }) => status === 201).length, 2)
  t.same(sent.map(({ name }) => name.slice(0, 3)).toSorted(), ['270', '278'])
})
