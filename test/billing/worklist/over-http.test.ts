// $billing-worklist over HTTP: what it counts, what it looks for, and for whom it does not.
import t from 'tap'
import { BILLING_WORKLIST } from '../../../src/operations/billing-worklist.ts'
import type { OperationCall } from '../../../src/operations/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { answering, asking } from '../authorizations/answers.ts'
import { billingServer, NOW, note, visit } from '../practice.ts'
import { DAY_MS, sweptWorld } from './sweeping.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- Parameters as they come
type Any = any

const open = ({ json }: { readonly json: Any }): Readonly<Record<string, number>> =>
  Object.fromEntries(
    json.parameter
      .filter(({ name }: Any) => name === 'open')
      .map(({ part }: Any) => [part[0].valueCode, part[1].valueUnsignedInt])
      .filter(([, count]: Any) => count > 0),
  )
const swept = ({ json }: { readonly json: Any }): unknown =>
  json.parameter
    .find(({ name }: Any) => name === 'swept')
    ?.part.map(({ name, valueUnsignedInt }: Any) => `${name} ${valueUnsignedInt}`)
    .join()

t.test('a GET counts, a POST looks first', async (t) => {
  const server = await billingServer(t)
  server.tick(DAY_MS)
  await server.put(
    visit('v1'),
    visit('v2'),
    note('v2'),
    asking('a1', [{ code: '90837', quantity: 10 }]),
    answering('r1', 'a1', 'AUTH-1', [{ units: 10 }], { preAuthPeriod: { end: '2026-03-15' } }),
  )
  const before = await server.ask('GET $billing-worklist')
  t.equal(before.status, 200)
  t.strictSame(open(before), {})
  t.equal(swept(before), undefined)
  t.equal(before.json.parameter.length, 8, 'every kind is told of')

  const first = await server.ask('POST $billing-worklist')
  t.equal(first.status, 200, first.text)
  t.equal(swept(first), 'made 2,opened 0,completed 0')
  t.strictSame(open(first), { 'authorization-expiring': 1, 'late-note': 1 })

  await server.put(note('v1'))
  t.strictSame(open(await server.ask('GET $billing-worklist')), open(first))
  const second = await server.ask('POST $billing-worklist')
  t.equal(swept(second), 'made 0,opened 0,completed 1')
  t.strictSame(open(second), { 'authorization-expiring': 1 })

  const tasks = await server.ask('GET Task?code=authorization-expiring')
  t.equal(tasks.json.entry.length, 1)
  t.equal((await server.ask('GET $billing-worklist?count=3')).status, 400)
  t.equal((await server.ask('DELETE $billing-worklist')).status, 405)
})

t.test('who does not see everything may count, and not look: hidden notes would be late', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'), note('v1'))
  const repository = world.repository.leavingOut([{ system: 'https://example.org', code: 'hidden' }])
  const call = (method: string) =>
    BILLING_WORKLIST.run({
      repository,
      billing: world.parts,
      method,
      pairs: [],
      handling: 'strict',
      now: NOW + DAY_MS,
    } as unknown as OperationCall)
  await t.rejects(call('POST'), { code: 'forbidden' })
  t.strictSame(await world.resources('Task'), [])
  const answer = (await call('GET')) as { readonly resource: Resource }
  t.equal(answer.resource.resourceType, 'Parameters')
})

t.test('a server that does not bill says so', async (t) => {
  const { repository } = await sweptWorld()
  const call = { repository, billing: undefined, method: 'GET', pairs: [], handling: 'strict' }
  await t.rejects(BILLING_WORKLIST.run(call as unknown as OperationCall), { code: 'not-implemented' })
})
