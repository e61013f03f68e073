// A server that starts sends what the process before left in the middle.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import { submitClaims, type BillingParts } from '../../../src/billing/index.ts'
import { readConfig } from '../../../src/config.ts'
import { callerView } from '../../../src/operations/index.ts'
import { openParts, startServer } from '../../../src/server.ts'
import { practice } from '../practice.ts'
import { professionalClaim } from './claims.ts'
import { received, statusOf } from './sending.ts'

const DAY_MS = 86_400_000

t.test('files whose sending was left in the middle', async (t) => {
  const folder = t.testdir()
  const config = readConfig({
    ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
    ALCOVE_PORT: '0',
    ALCOVE_LOG_LEVEL: 'silent',
  })
  const before = await openParts(config)
  const repository = before.repositoryFor(UNAUTHENTICATED)
  const now = Date.now()
  const day = new Date(now - 2 * DAY_MS).toISOString().slice(0, 10)
  await repository.transaction(
    [...practice, professionalClaim('c1', { day })].map((resource, entry) => ({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource['id']) },
      resource,
      entry,
    })),
  )
  // It never comes to its end, as in a process that is killed.
  const handedOver = Promise.withResolvers<void>()
  const send: BillingParts['transport']['send'] = () => {
    handedOver.resolve()
    return new Promise(() => {})
  }
  const parts = { ...before.billing, transport: { ...before.billing.transport, send } }
  const refused = submitClaims(repository, callerView(repository), parts, ['c1'], now).then((results) =>
    handedOver.reject(new Error(JSON.stringify(results))),
  )
  await Promise.race([handedOver.promise, refused])
  await handedOver.promise
  await before.close()

  const after = await openParts(config)
  const server = await startServer(config, after)
  await server.ready
  const task = async () => {
    const reply = await fetch(`${server.url}/fhir/Task?focus=Claim/c1&code=claim-submission`)
    return ((await reply.json()) as { entry: { resource: never }[] }).entry[0]?.resource
  }
  while (statusOf(await task())[0] === 'requested') await setTimeout(20)
  t.same(statusOf(await task()), ['in-progress', 'sent'])
  const out = path.join(folder, 'x12', 'out')
  t.same(readdirSync(out), ['837P-000000001.x12'])
  const bytes = readFileSync(path.join(out, '837P-000000001.x12'))
  t.equal(received({ name: '', bytes }).claims[0]?.controlNumber, 'CC1')
  await server.close()
  await after.close()
})
