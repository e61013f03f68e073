// Many who write one resource, each starting from what the one before made: what is tried grows with their number, not
// with its square; all are done, and none waits for who waits for it.
import t from 'tap'
import { FhirError, parseJson, type Resource } from '../../src/fhir/index.ts'
import type { PatchRequest, Repository, TransactionRequest } from '../../src/repository/index.ts'
import { linesOf, mayWait } from '../../src/repository/lines-of.ts'
import { SEE_EVERYTHING, type AccessFilter, type CommitResult, type Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { condition, labelledRun, patient, plan, type LabelledRun } from './labelled-run.ts'
import { identified, world } from './world.ts'

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** A store of which each commit takes its turn, as of one that is a thread away. */
function countedStore(): {
  readonly store: Store
  readonly count: { commits: number; done: number }
  /** Called before each commit. */
  before: () => unknown
} {
  const naive = openNaiveStore()
  const count = { commits: 0, done: 0 }
  const counted = {
    count,
    before: (): unknown => undefined,
    store: {
      ...naive,
      async commit(commit): Promise<CommitResult> {
        count.commits++
        await counted.before()
        await new Promise((resolve) => setImmediate(resolve))
        const result = await naive.commit(commit)
        if (result.kind === 'committed') count.done++
        return result
      },
    } satisfies Store,
  }
  return counted
}

function adding(name: string, value: string): TransactionRequest & PatchRequest {
  const [type = '', id = ''] = name.split('/')
  const operations = [{ op: 'add', path: '/identifier/-', value: { system: 'urn:test', value } }] as const
  return {
    kind: 'patch',
    target: { type, id },
    patch: { kind: 'json-patch', operations: operations as never },
    entry: 0,
  }
}

async function valuesOf(repository: Repository, id: string): Promise<readonly string[]> {
  const { body } = await repository.read('Patient', id)
  const { identifier } = parseJson(body as Buffer) as { identifier: { value: string }[] }
  return identifier.map(({ value }) => value)
}

function put(repository: Repository, resource: Resource) {
  const target = { type: resource.resourceType, id: String(resource['id']) }
  return repository.write({ kind: 'update', target, resource })
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

t.test('all at once', async (t) => {
  const { store, count } = countedStore()
  const { repository, parts } = world({ store })
  await put(repository, identified('first', { id: 'a' }))
  count.commits = 0
  await Promise.all(numbers(60).map((n) => repository.write(adding('Patient/a', `n${n}`))))
  t.same(
    (await valuesOf(repository, 'a')).toSorted(),
    ['first', ...numbers(60).map((n) => `n${n}`)].toSorted(),
  )
  t.ok(count.commits < 2 * 60, `${count.commits} commits for 60 patches`)
  t.ok(parts.lines.areEmpty)
})

t.test('those who come while others wait', async (t) => {
  const { store, count } = countedStore()
  const { repository, parts } = world({ store })
  await put(repository, identified('first', { id: 'a' }))
  count.commits = 0
  await Promise.all(
    numbers(12).map(async (client) => {
      for (const n of numbers(8)) await repository.write(adding('Patient/a', `${client}-${n}`))
    }),
  )
  t.equal(new Set(await valuesOf(repository, 'a')).size, 1 + 12 * 8)
  t.ok(count.commits < 2 * 12 * 8, `${count.commits} commits for ${12 * 8} patches`)
  t.ok(parts.lines.areEmpty)
})

t.test('they wait in the order in which they lost', async (t) => {
  const { store } = countedStore()
  const { repository } = world({ store })
  await put(repository, identified('first', { id: 'a' }))
  await Promise.all(numbers(20).map((n) => repository.write(adding('Patient/a', `n${n}`))))
  t.same(await valuesOf(repository, 'a'), ['first', ...numbers(20).map((n) => `n${n}`)])
})

/** What is labelled with what was sent is told from what was found by the version that is replaced. */
async function labelled(store: Store): Promise<LabelledRun> {
  const run = await labelledRun(store)
  await run.put(plan('mine', [{ name: 'r', type: 'Condition', label: 'SUD', codes: ['a'] }]))
  return run
}

t.test('blind updates that send labels', async (t) => {
  const { store, count } = countedStore()
  const run = await labelled(store)
  t.teardown(() => run.stop())
  const security = (n: number) => [{ system: ACT_CODE, code: n % 2 === 0 ? 'HIV' : 'PSY' }]
  const saying = (n: number) => identified(`n${n}`, { id: 'a', meta: { security: security(n) } })
  await run.put(saying(0))
  count.commits = 0
  const outcomes = await Promise.all(numbers(60).map((n) => run.put(saying(n + 1))))
  t.same(
    outcomes.map(({ version }) => version?.versionId).toSorted((a, b) => Number(a) - Number(b)),
    numbers(60).map((n) => n + 2),
  )
  t.match(await run.labels('Patient', 'a'), /HIV.*PSY/)
  t.ok(count.commits < 2 * 60, `${count.commits} commits for 60 updates`)
})

t.test('transactions that each write several, in whatever order', async (t) => {
  const { store, count } = countedStore()
  const { repository, parts } = world({ store })
  const ids = ['a', 'b', 'c', 'd']
  for (const id of ids) await put(repository, identified('first', { id }))
  count.commits = 0
  const TRANSACTIONS = 40
  await Promise.all(
    numbers(TRANSACTIONS).map((n) => {
      const [one, two] = [ids[n % 4] as string, ids[(n + 1 + (n >> 2)) % 4] as string]
      const requests = [...new Set([one, two])].map((id, entry) => ({
        ...adding(`Patient/${id}`, `n${n}`),
        entry,
      }))
      return repository.transaction(n % 3 === 0 ? requests.toReversed() : requests)
    }),
  )
  const all = await Promise.all(ids.map((id) => valuesOf(repository, id)))
  for (const n of numbers(TRANSACTIONS)) {
    const [one, two] = [n % 4, (n + 1 + (n >> 2)) % 4]
    t.same(
      numbers(4).filter((at) => all[at]?.includes(`n${n}`)),
      [...new Set([one, two])].toSorted(),
      `transaction ${n}`,
    )
  }
  t.ok(count.commits < 3 * TRANSACTIONS, `${count.commits} commits for ${TRANSACTIONS} transactions`)
  t.ok(parts.lines.areEmpty)
})

t.test('whoever fails lets the next one in', async (t) => {
  const counted = countedStore()
  const { repository, parts } = world({ store: counted.store })
  await put(repository, identified('first', { id: 'a' }))
  let commits = 0
  counted.before = () => {
    if (++commits > 30 && commits % 3 === 0) throw new FhirError('storage-failed', 'The disk is full.')
  }
  const ended = await Promise.allSettled(
    numbers(30).map((n) => repository.write(adding('Patient/a', `n${n}`))),
  )
  const done = ended.flatMap(({ status }, n) => (status === 'fulfilled' ? [`n${n}`] : []))
  t.ok(done.length > 15 && done.length < 25, `${done.length} done`)
  t.same(await valuesOf(repository, 'a'), ['first', ...done])
  t.ok(parts.lines.areEmpty)
})

t.test('a version that the client names is refused at once', async (t) => {
  const counted = countedStore()
  const { repository } = world({ store: counted.store })
  await put(repository, identified('first', { id: 'a' }))
  const standing = await standInLine(repository, counted, 'Patient/a')
  await t.rejects(repository.write({ ...adding('Patient/a', 'late'), ifMatch: { versions: ['7'] } }), {
    code: 'precondition-failed',
  })
  standing.letGo()
  await standing.done
})

t.test('whoever may not see it is answered as ever while others wait', async (t) => {
  const counted = countedStore()
  const run = await labelled(counted.store)
  t.teardown(() => run.stop())
  await run.put(patient)
  await run.put(condition('c', 'a', { identifier: [{ system: 'urn:test', value: 'first' }] }))
  const standing = await standInLine(run.repository, counted, 'Condition/c')
  // Held, by the label that is sent, to the version that tells what had been sent before.
  const meta = { security: [{ system: ACT_CODE, code: 'PSY' }] }
  const blind = run.repository.leavingOut([{ system: ACT_CODE, code: 'SUD' }])
  await t.rejects(put(blind, condition('c', 'b', { meta })), { code: 'not-found' })
  standing.letGo()
  await standing.done
  t.equal(await run.labels('Condition', 'c'), 'N,SUD')
})

t.test('nor does anybody wait for what is hidden of what a plan rests on', async (t) => {
  const { store } = countedStore()
  const run = await labelled(store)
  t.teardown(() => run.stop())
  await run.put(patient)
  await run.put(condition('hidden', 'a'))
  await run.put(condition('seen', 'x'))
  const versionId = 1
  const restingOn = (...ids: string[]) => ({
    writes: [],
    commit: {
      writes: [],
      labels: ids.map((id) => ({ key: { type: 'Condition', id }, labels: undefined, versionId })),
    },
  })
  const access: AccessFilter = {
    anyOf: [{ types: '*', patients: '*', withoutLabels: [{ system: ACT_CODE, code: 'SUD' }] }],
  }
  t.equal(await mayWait(store, access, restingOn('seen')), true)
  t.equal(await mayWait(store, access, restingOn('seen', 'hidden')), false)
  t.equal(await mayWait(store, SEE_EVERYTHING, restingOn('seen', 'hidden')), true)
  t.same(linesOf(restingOn('seen', 'hidden')), ['Condition/seen', 'Condition/hidden'])
})

/** Two patches, of which the second holds the line and is not let through yet. */
async function standInLine(
  repository: Repository,
  counted: ReturnType<typeof countedStore>,
  name: string,
): Promise<{ readonly letGo: () => void; readonly done: Promise<unknown> }> {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: stands, resolve: isThere } = Promise.withResolvers<void>()
  let commits = 0
  counted.before = () => {
    if (++commits !== 3) return undefined
    isThere()
    return gate
  }
  const done = Promise.all(['x', 'y'].map((value) => repository.write(adding(name, value))))
  await stands
  return { letGo, done }
}
