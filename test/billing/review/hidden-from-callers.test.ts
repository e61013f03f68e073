// Who does not see everything takes nothing from those who do: files that have come are read once.
import t from 'tap'
import type { IncomingFile } from '../../../src/billing/index.ts'
import { IMPORT_X12 } from '../../../src/operations/import-x12.ts'
import type { OperationCall } from '../../../src/operations/index.ts'
import type { Repository } from '../../../src/repository/index.ts'
import { NOW } from '../practice.ts'
import { remittanceWorld, sentClaim } from '../remittance/claims.ts'
import { file, payment } from '../remittance/files.ts'

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
