// Threads that end by themselves: it is told, what they had in hand is answered, and others take their place.
import { mkdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import {
  SEE_EVERYTHING,
  searchQuery,
  and,
  not,
  stringMatch,
  type StoreReports,
} from '../../../src/store/index.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { WriteQueue } from '../../../src/store/sqlite/write-queue.ts'
import { commit, put, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

t.setTimeout(120_000)

function heard(): StoreReports & { readonly told: string[] } {
  const told: string[] = []
  return {
    told,
    failed: (job, error) => told.push(`${job}: ${error.code}`),
    worked: (job) => told.push(`${job} works`),
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** The threads that something is sent to while this goes on. */
async function threadsOf(work: () => Promise<unknown>): Promise<readonly Worker[]> {
  const { postMessage } = Worker.prototype
  const threads: Worker[] = []
  Worker.prototype.postMessage = function (this: Worker, ...sent) {
    threads.push(this)
    return postMessage.apply(this, sent)
  }
  try {
    await work()
  } finally {
    Worker.prototype.postMessage = postMessage
  }
  return threads
}

t.test('a writer that cannot open its database takes over by itself when it can', async (t) => {
  const at = testFolder(t)
  const file = at('later/a.db')
  const reports = heard()
  const queue = new WriteQueue({
    data: { role: 'writer', file, key: undefined, durable: true },
    maxQueued: 10,
    maxQueuedBytes: 1000,
    reports,
  })
  await until(() => reports.told.length > 0)
  t.equal(reports.told[0], 'writer: storage-failed')
  mkdirSync(at('later'))
  const db = openConnection({ file, key: undefined })
  migrate(db)
  db.close()
  // Nothing is written meanwhile: only what keeps the test going.
  await until(() => reports.told.at(-1) === 'writer works')
  t.strictSame(await queue.do({ kind: 'set', name: 'a', value: 'b' }), { kind: 'set' })
  await queue.close()
  t.equal(reports.told.at(-1), 'writes works', 'its orderly end is no failure')
})

t.test('a writer that is lost with commits in hand', async (t) => {
  const reports = heard()
  const store = await openSqliteStore({ file: testFolder(t)('a.db'), reports })
  const [writer] = await threadsOf(() => write(store, put('Patient', 'before')))
  const lost = Array.from({ length: 50 }, (_, n) => store.commit(commit([put('Patient', `p${n}`)])))
  await new Promise((resolve) => setImmediate(resolve))
  void writer?.terminate()
  let unknown = 0
  for (const outcome of await Promise.allSettled(lost)) {
    if (outcome.status === 'fulfilled') continue
    unknown++
    t.match(outcome.reason, { code: 'storage-failed', message: /not known/, retryAfterSeconds: 5 })
  }
  await until(() => reports.told.includes('writer: storage-failed'))
  await write(store, put('Patient', 'after'))
  t.ok(reports.told.lastIndexOf('writer works') > reports.told.indexOf('writer: storage-failed'))
  const { resources } = await store.maintenance.counts()
  t.ok([52, 52 - unknown].includes(resources), `all of the batch of ${unknown} or none: ${resources}`)
  for (const id of ['before', 'after']) t.ok(await store.read({ type: 'Patient', id }, SEE_EVERYTHING), id)
  t.same(await store.maintenance.verify(), [])
  await store.close()
})

t.test('a reader that is lost with a search in hand', async (t) => {
  const reports = heard()
  const store = await openSqliteStore({ file: ':memory:', reports })
  for (let n = 0; n < 12_000; n += 500)
    await write(
      store,
      ...Array.from({ length: 500 }, (_, at) => {
        const name = `name ${n + at} end`
        return put('Observation', `o${n + at}`, {
          entries: [{ kind: 'string', param: 'name', folded: name, exact: name }],
        })
      }),
    )
  const long = searchQuery({
    type: 'Observation',
    where: and([not(stringMatch('name', 'x')), not(not(stringMatch('name', '777 end', 'ends')))]),
  })
  let lost: Promise<unknown> = Promise.resolve()
  const [reader] = await threadsOf(async () => {
    lost = store.search(long, SEE_EVERYTHING).catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
  })
  t.ok(reader, 'it went to a thread')
  void reader?.terminate()
  t.match(await lost, { code: 'overloaded', retryAfterSeconds: 1 })
  t.same(
    reports.told.filter((line) => line.startsWith('reader')),
    ['reader: internal'],
  )
  t.ok((await store.search(long, SEE_EVERYTHING)).matches.length > 5)
  t.equal(reports.told.at(-1), 'reader works')
  await store.close()
})
