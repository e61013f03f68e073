// The writer: commits share transactions, the queue has a bound, a full disk refuses and recovers, and each job stands for itself.
import { mkdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { FhirError } from '../../../src/fhir/errors.ts'
import { SEE_EVERYTHING, type Commit } from '../../../src/store/index.ts'
import { Batches } from '../../../src/store/sqlite/batches.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { GrowingDictionary } from '../../../src/store/sqlite/dictionary.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { Turn } from '../../../src/store/sqlite/turn.ts'
import { WriteQueue } from '../../../src/store/sqlite/write-queue.ts'
import { verify } from '../../../src/store/sqlite/verify.ts'
import { commit, put, tally, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

/** Transactions in a write-ahead log: frames that say how large the database is now (https://sqlite.org/walformat.html). */
function transactionsIn(log: string): number {
  const bytes = readFileSync(log)
  const frame = bytes.readUInt32BE(8) + 24
  let transactions = 0
  for (let at = 32; at + frame <= bytes.length; at += frame)
    if (bytes.readUInt32BE(at + 4) > 0) transactions++
  return transactions
}

t.test('what is committed at once shares transactions', async (t) => {
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('a.db') })
  await write(store, put('Patient', 'first'))
  const before = transactionsIn(at('a.db-wal'))
  const many = Array.from({ length: 300 }, (_, n) => store.commit(commit([put('Patient', `p${n}`)])))
  t.strictSame(tally(await Promise.all(many)), { committed: 300 })
  const shared = transactionsIn(at('a.db-wal')) - before
  t.ok(shared >= 1 && shared <= 3, `300 commits in ${shared} transactions`)
  for (let n = 0; n < 5; n++) await write(store, put('Patient', `q${n}`))
  t.equal(transactionsIn(at('a.db-wal')) - before - shared, 5, 'one after the other, each has its own')
  await store.close()
})

t.test(
  'who asks again once answered goes together, while the writer has those who came meanwhile',
  async (t) => {
    const file = testFolder(t)('a.db')
    const db = openConnection({ file, key: undefined })
    migrate(db)
    db.close()
    const batches: number[] = []
    const some = async (times: number) => {
      const one = async () => {
        for (let time = 0; time < times; time++) await queue.do({ kind: 'set', name: 'a', value: 'b' })
      }
      await Promise.all(Array.from({ length: 20 }, one))
    }
    let later: Promise<void> | undefined
    const queue = new WriteQueue({
      data: { role: 'writer', file, key: undefined, durable: true },
      maxQueued: 100,
      maxQueuedBytes: 1000,
      handed: (jobs) => {
        batches.push(jobs.length)
        later ??= some(3)
      },
    })
    await some(4)
    await later
    t.strictSame(batches, [20, 20, 20, 20, 20, 20, 20])
    await queue.close()
  },
)

t.test('many who ask again and again are two halves, few go together', async (t) => {
  const file = testFolder(t)('a.db')
  const db = openConnection({ file, key: undefined })
  migrate(db)
  db.close()
  for (const [askers, expected] of [
    [64, [64, 32, 32, 32, 32]],
    [6, [6, 6, 6]],
  ] as const) {
    const batches: number[] = []
    const queue = new WriteQueue({
      data: { role: 'writer', file, key: undefined, durable: true },
      maxQueued: 100,
      maxQueuedBytes: 1000,
      handed: (jobs) => batches.push(jobs.length),
    })
    const one = async () => {
      for (let time = 0; time < 3; time++) await queue.do({ kind: 'set', name: 'a', value: 'b' })
    }
    await Promise.all(Array.from({ length: askers }, one))
    t.strictSame(batches, expected, `${askers} askers`)
    await queue.close()
  }
})

t.test('beyond the bound writes are refused at once, and those accepted are done', async (t) => {
  const tight = await openSqliteStore({ file: ':memory:', maxQueued: 5 })
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => tight.commit(commit([put('Patient', `p${n}`)]))),
  )
  const done = results.filter(({ status }) => status === 'fulfilled').length
  t.ok(done >= 5 && done < 50, `${done} of 50 accepted`)
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    const error = result.reason as FhirError
    if (error.code !== 'overloaded' || !(error.retryAfterSeconds! > 0)) t.fail(`refused with ${error}`)
  }
  t.equal((await tight.maintenance.counts()).resources, done, 'the accepted are there, the others are not')
  await write(tight, put('Patient', 'later'))
  await tight.close()

  const small = await openSqliteStore({ file: ':memory:', maxQueuedBytes: 10_000 })
  const large = () => put('Patient', 'large', { text: `"note":"${'x'.repeat(20_000)}"` })
  const [first, second] = await Promise.allSettled([
    small.commit(commit([large()])),
    small.commit(commit([large()])),
  ])
  t.equal(first.status, 'fulfilled', 'one that is larger than the bound goes alone')
  t.match(second, { status: 'rejected', reason: { code: 'overloaded' } })
  await small.close()
})

t.test('a commit that cannot be sent to the writer fails alone', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  const odd = { ...commit([put('Patient', 'a')]), assertions: [() => 'no data'] } as unknown as Commit
  const outcomes = await Promise.allSettled(
    [commit([put('Patient', 'b')]), odd, commit([put('Patient', 'c')])].map((one) => store.commit(one)),
  )
  t.match(outcomes, [
    { value: { kind: 'committed' } },
    { reason: { name: 'FhirError', code: 'internal' } },
    { value: { kind: 'committed' } },
  ])
  await write(store, put('Patient', 'd'))
  t.strictSame(await store.maintenance.counts(), { resources: 3, versions: 3 })
  await store.close()
})

/** A writer without its thread, so that its connection can be hampered. */
function makeBatches(file: string) {
  const db = openConnection({ file, key: undefined })
  migrate(db)
  const statements = new Statements(db)
  const dictionary = new GrowingDictionary(statements)
  const reading = { statements, dictionary }
  return { db, statements, batches: new Batches(statements, dictionary, new Turn(reading, dictionary)) }
}

const job = (commit: Commit) => ({ kind: 'commit', commit, time: Date.UTC(2026, 0, 1) }) as const

t.test(
  'a full disk: nothing of the batch is kept, all that was before is, and with space it goes on',
  async (t) => {
    const at = testFolder(t)
    const { db, statements, batches } = makeBatches(at('a.db'))
    const token = (code: string) => [{ kind: 'token', param: 'code', system: 'http://a.test', code }] as const
    t.match(batches.run([job(commit([put('Patient', 'a', { entries: token('a') })]))]), [{ kind: 'commit' }])

    const pages = Number(db.pragma('page_count', { simple: true }))
    db.pragma(`max_page_count = ${pages + 10}`)
    const small = job(commit([put('Patient', 'b', { entries: token('b') })]))
    const large = job(
      commit([put('Patient', 'c', { text: `"note":"${'x'.repeat(500_000)}"`, entries: token('c') })]),
    )
    t.match(batches.run([small, large]), [
      { kind: 'failed', code: 'storage-failed' },
      { kind: 'failed', code: 'storage-failed' },
    ])
    t.equal(db.inTransaction, false)
    t.strictSame(statements.rows({ text: 'SELECT id FROM res', params: [] }), [['a']])
    t.strictSame(verify(statements), [], 'the file is sound')
    t.match(
      batches.run([small]),
      [{ kind: 'commit', result: { kind: 'committed' } }],
      'what fits is still taken',
    )

    db.pragma('max_page_count = 1000000')
    t.match(batches.run([large]), [{ kind: 'commit', result: { kind: 'committed' } }], 'with space all is')
    t.strictSame(verify(statements), [], 'codes learned in the failed batch were not relied on')
    db.close()
  },
)

t.test('within a batch each job stands for itself', async (t) => {
  const at = testFolder(t)
  const { db, statements, batches } = makeBatches(at('a.db'))
  const code = (id: string, text: string) =>
    put('Observation', id, {
      entries: [{ kind: 'token', param: 'code', system: '', code: text }],
      labels: [{ system: 's', code: text }],
    })
  const faulty = { ...code('x', 'new'), body: undefined } as unknown as ReturnType<typeof code>
  const answers = batches.run([
    job(commit([code('a', 'one')])),
    job(
      commit(
        [code('b', 'new'), code('missing', 'new')].map((one, n) =>
          n === 0 ? one : { ...one, expect: { kind: 'version', versionId: 9 } },
        ),
      ),
    ),
    job(commit([code('y', 'new'), faulty])),
    job(commit([code('c', 'new')])),
  ])
  t.match(answers, [
    { kind: 'commit', result: { kind: 'committed' } },
    { kind: 'commit', result: { kind: 'unexpected-version', write: 1 } },
    { kind: 'failed', code: 'internal' },
    { kind: 'commit', result: { kind: 'committed' } },
  ])
  t.strictSame(statements.rows({ text: 'SELECT id FROM res ORDER BY rid', params: [] }), [['a'], ['c']])
  t.strictSame(verify(statements), [])
  db.close()
  const store = await openSqliteStore({ file: at('a.db') })
  const read = await store.read(
    { type: 'Observation', id: 'c' },
    { anyOf: [{ types: '*', patients: '*', withoutLabels: [{ system: 's', code: 'new' }] }] },
  )
  t.equal(read, undefined, 'a label learned after the failure still hides')
  t.ok(await store.read({ type: 'Observation', id: 'c' }, SEE_EVERYTHING))
  await store.close()
})

t.test('when the writer is lost its commits are refused, and a new one takes over', async (t) => {
  const at = testFolder(t)
  const file = at('later/a.db')
  const queue = new WriteQueue({
    data: { role: 'writer', file, key: undefined, durable: true },
    maxQueued: 10,
    maxQueuedBytes: 1000,
  })
  const set = () => queue.do({ kind: 'set', name: 'a', value: 'b' })
  for (let n = 0; n < 3; n++) await t.rejects(set(), { code: 'storage-failed' }, 'its folder is not there')
  mkdirSync(at('later'))
  const db = openConnection({ file, key: undefined })
  migrate(db)
  db.close()
  t.strictSame(await set(), { kind: 'set' }, 'it is now')
  await queue.close()
  await t.rejects(set(), { code: 'storage-failed' }, 'closed')
})
