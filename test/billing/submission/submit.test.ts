// Claims are sent once: in files that a receiver reads, under numbers that never repeat, whatever breaks meanwhile.
import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  BILLING_TASKS as SYSTEM,
  claimBundleOf,
  contentOf,
  X12_RECEIVER as RECEIVER,
  type OutgoingFile,
} from '../../../src/billing/index.ts'
import { parseJson, type Resource } from '../../../src/fhir/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { BASE, billingWorld, clinic, coverage, NOW, patient, payer } from '../practice.ts'
import { institutionalClaim, professionalClaim, replaced } from './claims.ts'
import { received, statusOf, submit } from './sending.ts'

const dayAt = (days: number) =>
  new Date(Date.parse('2026-02-02') + days * 86_400_000).toISOString().slice(0, 10)
const claimEdits = parseJson(
  readFileSync(new URL('../../../profiles/billing/code-system-claim-edits.json', import.meta.url)),
) as Resource

t.test('a draft is sent, and its Task says as what', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1'))
  const [one, ...more] = await submit(world, ['c1', 'c1'])
  t.same(more, [])
  t.equal(one?.outcome, 'sent')
  t.same(one?.issues, [])
  t.equal((await world.read('Claim', 'c1'))['status'], 'active')
  t.equal(world.sent.length, 1)
  const file = world.sent[0] as OutgoingFile
  t.equal(file.name, '837P-000000001.x12')
  const { envelope, group, set, claims, kind } = received(file)
  t.same(envelope, {
    sender: { qualifier: 'ZZ', id: 'HARBOR' },
    receiver: { qualifier: 'ZZ', id: 'CLEARING' },
    date: '20260305',
    time: '0900',
    controlNumber: 1,
    usage: 'T',
  })
  t.equal(kind, 'professional')
  const { resource } = (await world.view().read('Claim', 'c1')) ?? {}
  t.same(claims, [contentOf(await claimBundleOf(world.view(), resource as Resource, BASE))])
  const task = one?.task
  t.same(statusOf(task), ['in-progress', 'sent'])
  t.same(task, await world.read('Task', String(task?.['id'])))
  t.match(task, {
    focus: { reference: 'Claim/c1' },
    for: { reference: 'Patient/p1' },
    groupIdentifier: { value: String(group.controlNumber) },
    output: [
      { valueString: '000000001' },
      { valueString: '1' },
      { valueString: set.controlNumber },
      { valueString: file.name },
    ],
  })
})

t.test('a submitted claim is not sent again', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1'))
  const [first] = await submit(world, ['c1'])
  const [again] = await submit(world, ['c1'], { now: NOW + 86_400_000 })
  t.equal(again?.outcome, 'was-sent')
  t.same(again?.task, first?.task)
  await world.put({ ...(await world.read('Claim', 'c1')), status: 'draft' })
  t.equal((await submit(world, ['c1']))[0]?.outcome, 'was-sent', 'nor when it is changed')
  t.equal(world.sent.length, 1)
})

t.test('a claim that was active before is sent once', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1', { more: { status: 'active' } }))
  const results = await Promise.all(Array.from({ length: 32 }, () => submit(world, ['c1'])))
  t.equal(results.filter(([one]) => one?.outcome === 'sent').length, 1)
  t.equal(world.sent.length, 1)
})

t.test(
  'a claim that was rejected, or whose Task is cancelled, is sent anew under another number',
  async (t) => {
    const world = await billingWorld()
    await world.put(professionalClaim('c1'))
    const rejected = async (change: object) => {
      const [last] = await submit(world, ['c1'])
      const task = last?.task as Resource
      await world.put({ ...task, ...change } as Resource)
    }
    await rejected({ businessStatus: { coding: [{ system: SYSTEM, code: 'rejected' }] } })
    await rejected({ status: 'cancelled' })
    await world.put({ ...(await world.read('Claim', 'c1')), status: 'draft' })
    await rejected({})
    t.equal((await submit(world, ['c1']))[0]?.outcome, 'was-sent')
    t.same(
      world.sent.map((file) => [file.name, received(file).envelope.controlNumber]),
      [
        ['837P-000000001.x12', 1],
        ['837P-000000002.x12', 2],
        ['837P-000000003.x12', 3],
      ],
    )
  },
)

t.test('files: one for each receiver, kind and biller', async (t) => {
  const world = await billingWorld()
  const receiver = (id: string, name?: string) => ({
    extension: [
      {
        url: RECEIVER,
        extension: [
          { url: 'qualifier', valueCode: '30' },
          { url: 'id', valueString: id },
          ...(name === undefined ? [] : [{ url: 'name', valueString: name }]),
        ],
      },
    ],
  })
  await world.put(
    payer('payer2', receiver('DIRECT2', 'Direct Two')),
    payer('payer3', receiver('DIRECT3')),
    clinic({
      id: 'clinic2',
      name: 'Second Clinic',
      contact: [
        { name: { text: 'Front Desk' }, telecom: [{ system: 'phone', value: '217 555 0190' }] },
        {
          purpose: { coding: [{ code: 'BILL' }] },
          name: { given: ['Ann'], family: 'Biller' },
          telecom: [
            { system: 'fax', value: '1' },
            { system: 'phone', value: '(217) 555-0199 x12' },
          ],
        },
      ],
    }),
    professionalClaim('a1'),
    professionalClaim('a2', { more: { insurer: { reference: 'Organization/payer2' } } }),
    institutionalClaim('a3'),
    professionalClaim('a4', { more: { provider: { reference: 'Organization/clinic2' } } }),
    professionalClaim('a5'),
    professionalClaim('a6', { more: { insurer: { reference: 'Organization/payer3' } } }),
  )
  const results = await submit(world, ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'])
  t.same(
    results.map(({ outcome }) => outcome),
    Array.from({ length: 6 }, () => 'sent'),
  )
  const files = world.sent.map(received)
  t.same(
    files.map(({ kind, claims, envelope, group }) => [
      kind,
      envelope.receiver.id,
      envelope.controlNumber,
      group.controlNumber,
      claims.map(({ controlNumber }) => controlNumber),
    ]),
    [
      ['professional', 'CLEARING', 1, 1, ['CA1', 'CA5']],
      ['professional', 'DIRECT2', 2, 2, ['CA2']],
      ['institutional', 'CLEARING', 3, 3, ['CA3']],
      ['professional', 'CLEARING', 4, 4, ['CA4']],
      ['professional', 'DIRECT3', 5, 5, ['CA6']],
    ],
  )
  t.same(
    world.sent.map(({ name }) => name.slice(0, 4)),
    ['837P', '837P', '837I', '837P', '837P'],
  )
  t.same(
    world.sent.map((file) => /NM1\*40\*2\*([^*]*)/.exec(String(file.bytes))?.[1]),
    ['CLEARING', 'DIRECT TWO', 'CLEARING', 'CLEARING', 'HARBOR HEALTH PLAN'],
  )
  t.match(String(world.sent[0]?.bytes), 'PER*IC*HARBOR BEHAVIORAL HEALTH*TE*2175550100~')
  t.match(String(world.sent[3]?.bytes), 'PER*IC*ANN BILLER*TE*2175550199~')
})

t.test('what cannot be sent is refused with all that speaks against it, and others are sent', async (t) => {
  const world = await billingWorld()
  const warned = (id: string, made: object = {}) => replaced(professionalClaim(id, made), '90834', '90999')
  await world.put(
    claimEdits,
    professionalClaim('good1'),
    professionalClaim('gone2', { more: { status: 'cancelled', use: 'preauthorization' } }),
    professionalClaim('sum3', { more: { total: { value: 1, currency: 'USD' } } }),
    warned('warned4'),
    warned('checked5', { day: '2025-12-30' }),
  )
  const results = await submit(world, ['gone2', 'good1', 'nowhere', 'sum3', 'warned4', 'checked5'])
  t.same(
    results.map(({ claimId, outcome, code, issues }) => [
      claimId,
      outcome,
      code,
      issues.map(({ severity, expression, diagnostics }) => `${severity} ${expression ?? diagnostics}`),
    ]),
    [
      ['gone2', 'refused', 'business-rule', ['error Claim.status', 'error Claim.use']],
      ['good1', 'sent', undefined, []],
      ['nowhere', 'refused', 'not-found', ['error Claim/nowhere is not known here.']],
      ['sum3', 'refused', 'business-rule', ['error Claim.total']],
      ['warned4', 'sent', undefined, ['warning Claim.item[0].productOrService']],
      [
        'checked5',
        'refused',
        'business-rule',
        ['error Coverage.period.start', 'warning Claim.item[0].productOrService'],
      ],
    ],
  )
  t.equal(world.sent.length, 1)
  t.equal((await world.read('Claim', 'checked5'))['status'], 'draft', 'nothing is written of what is refused')
})

t.test('without a phone of the biller, and with a receiver that X12 cannot name', async (t) => {
  const world = await billingWorld()
  await world.put(
    clinic({ telecom: [{ system: 'phone', value: '555' }] }),
    payer('payer1', {
      extension: [
        {
          url: RECEIVER,
          extension: [{ url: 'id', valueString: 'a*b~' }],
        },
      ],
    }),
    professionalClaim('c1'),
  )
  const [one] = await submit(world, ['c1'])
  t.same(
    one?.issues.map(({ expression }) => expression),
    ['Organization.extension[0]', 'Organization.extension[0]', 'Organization.telecom'],
  )
})

t.test('32 at once make one file, and each is told of the same Task', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1'), professionalClaim('c2'))
  const results = await Promise.all(Array.from({ length: 32 }, () => submit(world, ['c1', 'c2'])))
  t.equal(world.sent.length, 1)
  const tasks = new Set(results.flatMap((all) => all.map(({ task }) => task?.['id'])))
  t.equal(tasks.size, 2)
  t.equal(results.filter(([one]) => one?.outcome === 'sent').length, 1)
})

t.test('overlapping batches at once: every claim in one file', async (t) => {
  const world = await billingWorld()
  const ids = Array.from({ length: 12 }, (_, at) => `c${at}`)
  await world.put(...ids.map((id) => professionalClaim(id)))
  const batches = Array.from({ length: 12 }, (_, at) => [0, 1, 2, 3, 4].map((step) => `c${(at + step) % 12}`))
  const results = await Promise.all(batches.map((batch) => submit(world, batch)))
  const sent = world.sent.flatMap((file) => received(file).claims.map(({ controlNumber }) => controlNumber))
  t.same(sent.toSorted(), ids.map((id) => id.toUpperCase().replace('C', 'CC')).toSorted())
  t.same(
    results.flat().filter(({ outcome }) => outcome === 'refused' || outcome === 'not-sent'),
    [],
  )
  const numbers = world.sent.map((file) => received(file).envelope.controlNumber)
  t.equal(new Set(numbers).size, numbers.length)
  t.equal(new Set(world.sent.map(({ name }) => name)).size, world.sent.length)
})

t.test('500 claims stand in one file, one more in the next', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', now: () => NOW })
  t.teardown(() => store.close())
  const world = await billingWorld(store)
  const ids = Array.from({ length: 501 }, (_, at) => `c${String(at).padStart(3, '0')}`)
  const people = Array.from({ length: 100 }, (_, at) => `many${at}`)
  await world.put(...people.flatMap((id) => [patient(id), coverage(`cov-${id}`, id)]))
  await world.put(
    ...ids.map((id, at) =>
      professionalClaim(id, {
        of: `many${at % 100}`,
        coverage: `cov-many${at % 100}`,
        day: dayAt(Math.floor(at / 100)),
      }),
    ),
  )
  const results = await submit(world, ids)
  t.ok(results.every(({ outcome }) => outcome === 'sent'))
  t.same(
    world.sent.map((file) => received(file).claims.length),
    [500, 1],
  )
  t.same(
    received(world.sent[0] as OutgoingFile).claims.map(({ controlNumber }) => controlNumber),
    ids.slice(0, 500).map((id) => id.toUpperCase().replace('C', 'CC')),
    'in the order in which they were asked for',
  )
})
