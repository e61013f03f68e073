// Whoever sends claims sends and learns no more than he may see: what is hidden is as what is not there.
import t from 'tap'
import { madeName } from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { billingWorld, coverage, NOW, patient, resource } from '../practice.ts'
import { professionalClaim } from './claims.ts'
import { received, statusOf, submit } from './sending.ts'

const LABEL = { system: 'urn:test:labels', code: 'HIDDEN' }
const hidden = { meta: { security: [LABEL] } }
const HOUR = 3_600_000

t.test(
  'a hidden claim, and a claim of which something is hidden, are refused as if it were not there',
  async (t) => {
    const world = await billingWorld()
    await world.put(
      coverage('cov2', 'p1', hidden),
      professionalClaim('c1', { more: hidden }),
      professionalClaim('c2', { coverage: 'cov2' }),
      professionalClaim('c3'),
    )
    const repository = world.repository.leavingOut([LABEL])
    const [unseen, partly, seen, none] = await submit(world, ['c1', 'c2', 'c3', 'c0'], { repository })
    t.same({ ...unseen, claimId: '', issues: [] }, { ...none, claimId: '', issues: [] })
    t.equal(unseen?.issues[0]?.diagnostics.replace('c1', 'c0'), none?.issues[0]?.diagnostics)
    t.equal(partly?.outcome, 'refused')
    t.same(
      partly?.issues.map(({ expression, diagnostics }) => [expression, diagnostics]),
      [['Claim.insurance[0].coverage', 'Claim.insurance[0].coverage refers to what is not there.']],
    )
    t.equal(seen?.outcome, 'sent')
    t.equal(world.sent.length, 1)
    t.equal((await world.read('Claim', 'c1'))['status'], 'draft')
  },
)

t.test('half a file is not sent again by who sees only half of it', async (t) => {
  const world = await billingWorld()
  await world.put(patient('p2'), coverage('cov2', 'p2'), professionalClaim('c1'))
  await world.put(professionalClaim('c2', { of: 'p2', coverage: 'cov2' }))
  const down = {
    ...world.parts,
    transport: {
      ...world.parts.transport,
      send: async () => {
        throw new FhirError('storage-failed', 'The line is dead.')
      },
    },
  }
  const [first, second] = await submit(world, ['c1', 'c2'], { parts: down })
  const task = second?.task as Resource
  await world.put({ ...task, meta: { ...(task['meta'] as object), security: [LABEL] } })
  const repository = world.repository.leavingOut([LABEL])
  const [refused] = await submit(world, ['c1'], { repository, now: NOW + HOUR })
  t.equal(refused?.outcome, 'not-sent')
  t.equal(refused?.code, 'conflict')
  t.notMatch(JSON.stringify(refused), /c2|p2/)
  t.equal(world.sent.length, 0)
  t.same(await world.read('Task', String(first?.task?.['id'])), first?.task, 'nothing is written')
  const [whole] = await submit(world, ['c1'], { now: NOW + HOUR })
  t.equal(whole?.outcome, 'sent')
  t.same(
    world.sent.map((file) => received(file).claims.length),
    [2],
  )
  t.same(statusOf(await world.read('Task', String(task['id']))), ['in-progress', 'sent'])
})

t.test('a Task that cannot be written keeps no other claim from being sent', async (t) => {
  const world = await billingWorld()
  const ids = ['c1', 'c2', 'c3', 'c4', 'c5']
  await world.put(...ids.map((id) => professionalClaim(id)))
  const taken = madeName('submission', 'c2', '2')
  await world.put(resource({ resourceType: 'Task', id: taken, status: 'draft', intent: 'order', ...hidden }))
  const repository = world.repository.leavingOut([LABEL])
  const results = await submit(world, ids, { repository })
  t.same(
    results.map(({ claimId, outcome, code }) => [claimId, outcome, code]),
    ids.map((id) => (id === 'c2' ? [id, 'refused', 'not-found'] : [id, 'sent', undefined])),
  )
  const sent = world.sent.flatMap((file) => received(file).claims.map(({ controlNumber }) => controlNumber))
  t.same(sent.toSorted(), ['CC1', 'CC3', 'CC4', 'CC5'])
  t.equal((await world.read('Claim', 'c2'))['status'], 'draft')
  const [again] = await submit(world, ['c2'])
  t.equal(again?.outcome, 'sent', 'who sees that the id is taken uses another')
})
