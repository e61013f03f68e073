// Who does not see everything takes nothing from those who do: files that have come are read once, and claims sent once.
import t from 'tap'
import { importReceived, type IncomingFile } from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { describeFailure } from '../../../src/http/failures.ts'
import { IMPORT_X12 } from '../../../src/operations/import-x12.ts'
import type { OperationCall } from '../../../src/operations/index.ts'
import type { Repository } from '../../../src/repository/index.ts'
import { billingWorld, NOW } from '../practice.ts'
import { remittanceWorld, sentClaim } from '../remittance/claims.ts'
import { file, payment } from '../remittance/files.ts'
import { professionalClaim } from '../submission/claims.ts'
import { submit } from '../submission/sending.ts'

const HIDDEN = { system: 'urn:test:labels', code: 'HIDDEN' }

t.test('files that have come are not read by who would not know half of what they tell of', async (t) => {
  const claim = sentClaim('one', { cents: [10_000], more: { meta: { security: [HIDDEN] } } })
  const world = await remittanceWorld(claim.claim)
  const bytes = file([
    payment({ trace: 'E1', claims: [{ control: claim.control, charged: 10_000, paid: 10_000 }] }),
  ])
  const became: string[] = []
  const incoming: IncomingFile = {
    name: 'era.835',
    read: async () => bytes,
    done: async () => void became.push('done'),
    failed: async () => void became.push('failed'),
  }
  const transport = {
    ...world.parts.transport,
    received: async () => (became.length === 0 ? [incoming] : []),
  }
  const read = (repository: Repository) =>
    IMPORT_X12.run({
      repository,
      billing: { ...world.parts, transport },
      pairs: [],
      parts: new Map(),
      structures: new Map(),
      handling: 'strict',
      now: NOW,
    } as unknown as OperationCall)
  await t.rejects(read(world.repository.leavingOut([HIDDEN])), { code: 'forbidden' })
  t.same(became, [], 'the file is still there')
  t.same(await world.all('Task'), [])
  await read(world.repository)
  t.same(became, ['done'])
  t.equal((await world.all('ClaimResponse')).length, 1, 'and whoever sees the claim finds what was paid')
})

t.test('a claim whose sending is hidden is not sent a second time, changed or not', async (t) => {
  const world = await billingWorld()
  await world.put(professionalClaim('c1'), professionalClaim('c2'))
  const [first] = await submit(world, ['c1'])
  await world.put({ ...(first?.task as Resource), meta: { security: [{ ...HIDDEN }] } })
  const { meta: _, ...claim } = await world.read('Claim', 'c1')
  await world.put({ ...claim, created: '2026-03-03' } as unknown as Resource)
  const repository = world.repository.leavingOut([HIDDEN])
  const [again, draft] = await submit(world, ['c1', 'c2'], { repository })
  t.same([again?.outcome, again?.code], ['refused', 'conflict'])
  t.equal(draft?.outcome, 'sent', 'a draft was sent by nobody')
  t.equal(world.sent.length, 2)
  const [known] = await submit(world, ['c1'])
  t.equal(known?.outcome, 'was-sent')
})

t.test('a file that cannot be opened keeps no other from being read, and is told of', async (t) => {
  const claim = sentClaim('one', { cents: [10_000] })
  const world = await remittanceWorld(claim.claim)
  const bytes = file([
    payment({ trace: 'E1', claims: [{ control: claim.control, charged: 10_000, paid: 10_000 }] }),
  ])
  const became: string[] = []
  const incoming = (name: string, read: IncomingFile['read']): IncomingFile => ({
    name,
    read,
    done: async () => void became.push(`${name} done`),
    failed: async () => void became.push(`${name} failed`),
  })
  const closed = async () => {
    throw Object.assign(new Error("EACCES: permission denied, open '/in/SMITH JOHN.835'"), { code: 'EACCES' })
  }
  const received = async () => [incoming('a.835', closed), incoming('b.835', async () => bytes)]
  const parts = { ...world.parts, transport: { ...world.parts.transport, received } }
  const error = await importReceived(world.repository, world.view, parts, NOW).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const told = JSON.stringify(describeFailure(error))
  t.match(told, /EACCES/)
  t.notMatch(told, /SMITH/, 'the log has no name that somebody else gave')
  t.same(became, ['b.835 done'])
  t.equal((await world.all('ClaimResponse')).length, 1)
})
