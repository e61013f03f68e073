// $import-x12 over HTTP: files as they are posted, what is refused and how, and what the answer tells.
import t from 'tap'
import type { Resource } from '../../../src/fhir/index.ts'
import { importX12 } from '../../../src/billing/index.ts'
import { searchQuery, tokenMatch } from '../../../src/store/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { billingServer, billingWorld, NOW } from '../practice.ts'
import { costSharing, sentClaim, sentTask } from './claims.ts'
import { acknowledgement, claimStatus, file, payment } from './files.ts'

t.setTimeout(600_000)

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

const one = sentClaim('one')
const lines = [
  {
    code: '90837',
    control: `${one.control}-1`,
    charged: 15_010,
    paid: 10_003,
    adjustments: [
      { group: 'CO', reason: '45', cents: 3007 },
      { group: 'PR', reason: '3', cents: 2000 },
    ],
  },
  {
    code: '90785',
    day: '2026-03-02',
    charged: 2000,
    paid: 0,
    adjustments: [{ group: 'CO', reason: '97', cents: 2000 }],
    remarks: ['N130'],
  },
]
const paid = payment({
  trace: 'E1',
  claims: [
    { control: one.control, number: 'ICN-1', lines },
    { control: 'NOBODY', charged: 500, paid: 500 },
  ],
  plb: [{ reason: 'WO', cents: 250 }],
})

async function practice(t: Parameters<typeof billingServer>[0]) {
  const server = await billingServer(t)
  await server.put(costSharing, one.claim, sentTask(one, 1))
  const found = async (type: string): Promise<Loose[]> =>
    ((await server.ask(`GET ${type}?_count=100`)).json.entry ?? []).map(({ resource }: Loose) => resource)
  const post = (bytes: Buffer) =>
    server.ask('POST $import-x12', bytes, { 'content-type': 'application/edi-x12' })
  return { ...server, found, post }
}

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })

t.test('an 835 becomes ClaimResponse, ExplanationOfBenefit, PaymentReconciliation and Tasks', async (t) => {
  const { ask, post, found } = await practice(t)
  const reply = await post(file([claimStatus('R', [{ control: one.control, accepted: true }]), paid]))
  t.equal(reply.status, 200, reply.text)
  t.match(reply.json.parameter, [
    { name: 'set', part: [{ valueCode: '277' }, { valueUnsignedInt: 1 }] },
    { name: 'set', part: [{ valueCode: '835' }, { valueUnsignedInt: 1 }] },
    { name: 'claims', part: [{ valueCode: 'accepted' }, { valueUnsignedInt: 1 }] },
    { name: 'claims', part: [{ valueCode: 'partly-paid' }, { valueUnsignedInt: 1 }] },
    { name: 'payment', valueReference: { reference: /^PaymentReconciliation\// } },
    { name: 'unmatched', part: [{ valueCode: '835' }, { valueString: 'NOBODY' }] },
  ])
  const [response] = (await found('ClaimResponse')).filter(({ outcome }) => outcome === 'complete')
  t.match(response, {
    request: { reference: `Claim/${one.id}` },
    use: 'claim',
    identifier: [{ value: 'ICN-1' }, {}],
    item: [{ itemSequence: 1 }, { itemSequence: 2, noteNumber: [1] }],
    payment: { date: '2026-03-20', identifier: { system: 'urn:trnorg:1512345678', value: 'E1' } },
    processNote: [{ text: 'N130' }],
  })
  const amounts = (of: Loose[]) =>
    of.map(({ category, reason, amount }) => [
      category.coding[0].code,
      ...(reason === undefined ? [] : [reason.coding[0].code]),
      amount.value,
    ])
  t.same(amounts(response.item[0].adjudication), [
    ['submitted', 150.1],
    ['eligible', 120.03],
    ['benefit', 100.03],
    ['copay', 20],
    ['CO', '45', 30.07],
    ['PR', '3', 20],
  ])
  t.same(amounts(response.total), [
    ['submitted', 170.1],
    ['eligible', 120.03],
    ['benefit', 100.03],
    ['copay', 20],
    ['CO', 50.07],
    ['PR', 20],
  ])
  const text = (await ask(`GET ClaimResponse/${response.id}`)).text
  t.match(text, /"value":150\.10,/, 'amounts have their cents')
  const [explanation] = await found('ExplanationOfBenefit')
  t.match(explanation, {
    claim: { reference: `Claim/${one.id}` },
    claimResponse: { reference: `ClaimResponse/${response.id}` },
    insurance: [{ coverage: { reference: 'Coverage/cov1' } }],
    item: [{ sequence: 1, productOrService: { coding: [{ code: '90837' }] } }, { sequence: 2 }],
  })
  t.same(amounts(explanation.item[0].adjudication), amounts(response.item[0].adjudication))
  const [reconciliation] = await found('PaymentReconciliation')
  t.match(reconciliation, { status: 'active', paymentAmount: { value: 102.53 }, paymentDate: '2026-03-20' })
  t.same(
    reconciliation.detail.map(({ type, amount, response: of }: Loose) => [
      type.coding[0].code,
      amount.value,
      of?.reference,
    ]),
    [
      ['payment', 100.03, `ClaimResponse/${response.id}`],
      ['payment', 5, undefined],
      ['adjustment', -2.5, undefined],
    ],
  )
  const tasks = await found('Task')
  const ofKind = (kind: string) => tasks.find(({ code }) => code.coding[0].code === kind)
  t.match(ofKind('claim-submission'), {
    status: 'completed',
    businessStatus: { coding: [{ code: 'partly-paid' }] },
  })
  t.match(ofKind('claim-denial'), {
    status: 'requested',
    focus: { reference: `Claim/${one.id}` },
    for: { reference: 'Patient/p1' },
    input: [
      { type: { coding: [{ code: '97' }] }, valueString: 'Line 2: CO 97, 20.00 of 20.00 not paid.' },
      { type: { coding: [{ code: 'N130' }] } },
    ],
  })
  t.match(ofKind('unmatched-answer'), { focus: { reference: `PaymentReconciliation/${reconciliation.id}` } })
})

t.test('a file is posted as it is, as base64, or in a Binary; twice is once', async (t) => {
  const { ask, post, found } = await practice(t)
  const bytes = file([paid])
  const data = bytes.toString('base64')
  const first = await post(bytes)
  const asBase64 = await ask('POST $import-x12', parameters({ name: 'file', valueBase64Binary: data }))
  const binary = { resourceType: 'Binary', contentType: 'application/edi-x12', data }
  const inBinary = await ask('POST $import-x12', parameters({ name: 'file', resource: binary }))
  t.same([first.status, asBase64.status, inBinary.status], [200, 200, 200])
  t.same(asBase64.json, first.json)
  t.same(inBinary.json, first.json)
  for (const type of ['ClaimResponse', 'ExplanationOfBenefit', 'PaymentReconciliation'])
    t.equal((await found(type)).length, 1)
})

t.test('a payment that does not add up is left out; alone it is refused, naming the sum', async (t) => {
  const { post, found } = await practice(t)
  const wrong = payment({ trace: 'E2', claims: [{ control: one.control, lines }], total: 10_004 })
  const [first] = lines
  const badLine = payment({
    trace: 'E3',
    claims: [
      {
        control: one.control,
        charged: 15_011,
        lines: [{ ...(first as (typeof lines)[0]), charged: 15_011 }],
      },
    ],
  })
  const alone = await post(file([wrong, badLine]))
  t.equal(alone.status, 422)
  t.match(alone.json.issue, [
    { severity: 'error', diagnostics: /set 835 .* the claims less the provider adjustments/ },
    { diagnostics: /SVC, the charge less the adjustments of the line/ },
    { diagnostics: /CLP, the charge less all adjustments of the claim/ },
  ])
  t.notMatch(alone.text, new RegExp(`${one.control}|100\\.04|SECRET`), 'of the file nothing is repeated')
  t.same(await found('ClaimResponse'), [])
  const beside = await post(file([wrong, paid]))
  t.equal(beside.status, 200)
  t.match(beside.json.parameter.at(-1), { name: 'faults', resource: { issue: [{ code: 'business-rule' }] } })
  t.equal((await found('PaymentReconciliation')).length, 1)
})

t.test('a payment of a known number that says something else is refused', async (t) => {
  const { post, found } = await practice(t)
  await post(file([paid]))
  const other = payment({ trace: 'E1', claims: [{ control: one.control, charged: 17_010, paid: 17_010 }] })
  const reply = await post(file([other]))
  t.equal(reply.status, 409)
  t.equal((await found('ClaimResponse')).length, 1)
})

t.test('what is no file of answers is refused with a 4xx', async (t) => {
  const { ask, post, found } = await practice(t)
  const bytes = file([paid])
  const cut = bytes.subarray(0, bytes.length - 30)
  for (const hostile of [
    Buffer.from('hello'),
    Buffer.from([0, 1, 2, 255]),
    cut,
    Buffer.from(bytes.toString().replace('SE*', 'XX*')),
    Buffer.from(bytes.toString().replace('CLP*', 'CLP**')),
    Buffer.from(bytes.toString().replace('100.03', '1e9')),
  ]) {
    const reply = await post(hostile)
    t.equal(reply.status, 400, reply.text)
    t.notMatch(reply.text, /SECRET/)
  }
  t.equal((await post(Buffer.from(bytes.toString().replaceAll('835', '276')))).status, 422)
  const bad = [
    parameters({ name: 'file', valueBase64Binary: '%%%' }),
    parameters({ name: 'file', valueString: bytes.toString() }),
    parameters({ name: 'fiel', valueString: 'x' }),
    parameters({ name: 'file', resource: { resourceType: 'Patient' } }),
    parameters({ name: 'file', valueString: 'aGk=' }, { name: 'file', valueString: 'aGk=' }),
    { resourceType: 'Patient' },
  ]
  for (const body of bad) {
    const { status } = await ask('POST $import-x12', body)
    t.ok(status >= 400 && status < 500, String(status))
  }
  t.equal((await ask('GET $import-x12')).status, 405)
  t.equal((await ask('POST Patient', bytes, { 'content-type': 'application/edi-x12' })).status, 415)
  t.same(await found('ClaimResponse'), [])
})

t.test('a 999 brings the claims of its file further, or makes them work', async (t) => {
  const { post, found } = await practice(t)
  const taskOf = async (kind: string): Promise<Loose> =>
    (await found('Task')).find(({ code }) => code.coding[0].code === kind)
  await post(file([acknowledgement(1, [{ number: '0001', accepted: true }])], '20260310'))
  t.match(await taskOf('claim-submission'), {
    status: 'in-progress',
    businessStatus: { coding: [{ code: 'acknowledged' }] },
  })
  await post(file([acknowledgement(1, [{ number: '0001', accepted: false }])], '20260311'))
  t.match(await taskOf('claim-submission'), { businessStatus: { coding: [{ code: 'rejected' }] } })
  t.match(await taskOf('claim-rejection'), {
    status: 'requested',
    input: [{ valueString: 'The file was refused (999): 5; CLM 22 2300: 8; CLM 22 2300 element 2: 1.' }],
  })
})

t.test('a Task that a person has put away stays so, until there is news', async (t) => {
  const { ask, post, found } = await practice(t)
  await post(file([paid]))
  const denial = (await found('Task')).find(({ code }: Loose) => code.coding[0].code === 'claim-denial')
  const done: Resource = { ...denial, status: 'cancelled', note: [{ text: 'Written off.' }] }
  await ask(`PUT Task/${denial.id}`, done)
  await post(file([paid]))
  t.match((await ask(`GET Task/${denial.id}`)).json, {
    status: 'cancelled',
    note: [{ text: 'Written off.' }],
  })
  const news = payment({
    trace: 'E9',
    date: '20260409',
    claims: [
      {
        control: one.control,
        charged: 100,
        paid: 0,
        adjustments: [{ group: 'CO', reason: '29', cents: 100 }],
      },
    ],
  })
  await post(file([news]))
  t.match((await ask(`GET Task/${denial.id}`)).json, {
    status: 'requested',
    note: [{ text: 'Written off.' }],
  })
})

t.test('a refusal that names no file is not said of a sending after it', async (t) => {
  const clock = { now: NOW }
  const { repository, put, view, parts } = await billingWorld(openNaiveStore({ now: () => clock.now }))
  await put(costSharing, one.claim, sentTask(one, 1))
  const read = (bytes: Buffer) => importX12(repository, view(), parts, bytes, clock.now)
  const states = async (): Promise<Loose[]> => {
    const where = tokenMatch('code', undefined, 'claim-submission')
    const tasks: Loose[] = (await view().search(searchQuery({ type: 'Task', where }))).map(
      (it) => it.resource,
    )
    return tasks
      .toSorted((a, b) => (a.authoredOn < b.authoredOn ? -1 : 1))
      .map(({ businessStatus }) => businessStatus.coding[0].code)
  }
  await read(file([claimStatus('R1', [{ control: one.control, accepted: false }])]))
  t.same(await states(), ['rejected'])
  // Sent again a minute later.
  clock.now += 60_000
  const again = new Date(clock.now).toISOString()
  await put({ ...sentTask(one, 2), authoredOn: again, lastModified: again } as Resource)
  await read(file([acknowledgement(2, [{ number: '0001', accepted: true }])]))
  t.same(await states(), ['rejected', 'acknowledged'])
  await read(file([claimStatus('R2', [{ control: one.control, accepted: true }], { date: '20260311' })]))
  t.same(await states(), ['rejected', 'accepted'])
})
