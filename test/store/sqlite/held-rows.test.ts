// Index rows held back: after whatever was written, failed or ended, the tables come to hold what they should.
import Database from 'better-sqlite3-multiple-ciphers'
import fc from 'fast-check'
import t from 'tap'
import type { IndexEntry } from '../../../src/store/index.ts'
import { Batches } from '../../../src/store/sqlite/batches.ts'
import { GrowingDictionary } from '../../../src/store/sqlite/dictionary.ts'
import { HeldRows } from '../../../src/store/sqlite/held-rows.ts'
import { openSqliteStore, inspectSqlite } from '../../../src/store/sqlite/index.ts'
import type { Job } from '../../../src/store/sqlite/jobs.ts'
import { putRowsLeftOut, rowsLeftOutFrom } from '../../../src/store/sqlite/left-out-rows.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { Turn } from '../../../src/store/sqlite/turn.ts'
import { verify } from '../../../src/store/sqlite/verify.ts'
import { tokenMatch } from '../../../src/store/index.ts'
import { commit, indexOf, put, remove, search } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

t.setTimeout(120_000)

const number = fc.constantFrom(-Infinity, 0, 2.5, Infinity)
const text = fc.constantFrom('', 'x', 'é', '"\n#')
const entry: fc.Arbitrary<IndexEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('token' as const),
    param: fc.constantFrom('a', 'identifier'),
    system: text,
    code: text,
  }),
  fc.record({
    kind: fc.constant('string' as const),
    param: fc.constant('b'),
    folded: text,
    exact: fc.constantFrom('x', 'X', 'é'),
  }),
  fc.record({ kind: fc.constant('date' as const), param: fc.constant('c'), low: number, high: number }),
  fc.record({ kind: fc.constant('number' as const), param: fc.constant('d'), low: number, high: number }),
  fc.record({
    kind: fc.constant('reference' as const),
    param: fc.constant('e'),
    target: fc.oneof(
      fc.record({
        kind: fc.constant('local' as const),
        type: fc.constant('A'),
        id: fc.constantFrom('1', '2', '9'),
      }),
      fc.record({ kind: fc.constant('contained' as const), id: fc.constantFrom('m', 'n') }),
    ),
  }),
  fc.record({
    kind: fc.constant('position' as const),
    param: fc.constant('f'),
    latitude: fc.constantFrom(0, 1.5),
    longitude: fc.constantFrom(0, -7),
  }),
)
const entries = fc.array(entry, { maxLength: 6 })
const content = fc.record({
  entries,
  contained: fc.array(fc.record({ type: fc.constant('M'), id: fc.constantFrom('m', 'n'), entries }), {
    maxLength: 2,
  }),
  patients: fc.subarray(['1', '2']),
  date: fc.constantFrom(undefined, 1, 2),
})
const key = { type: fc.constantFrom('A', 'B'), id: fc.constantFrom('1', '2', '3') }
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('put' as const), ...key, content }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('remove' as const), ...key }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('reindex' as const), ...key, content }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('fail' as const), ...key, content }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('read' as const) }) },
)
/** Steps that share a transaction, and whether the process ends behind it. */
const batch = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 4 }), ends: fc.boolean() })

function writerOf(statements: Statements, most: number, aCommit: number): Batches {
  const dictionary = new GrowingDictionary(statements)
  const turn = new Turn({ statements, dictionary }, dictionary, new HeldRows(statements, most, aCommit))
  return new Batches(statements, dictionary, turn)
}

/** It writes, and then comes to nothing. */
function failing(job: Extract<Job, { kind: 'commit' }>): Job {
  const { writes } = job.commit
  return {
    ...job,
    commit: { ...job.commit, writes: [...writes, { ...writes[0]!, id: 'z', body: undefined } as never] },
  }
}

t.test('the tables hold what they should, and no more', (t) => {
  let held = 0
  const property = fc.property(
    fc.array(batch, { minLength: 1, maxLength: 8 }),
    fc.constantFrom(1, 10, 1000),
    fc.constantFrom(1, 7, 1000),
    (batches, most, aCommit) => {
      const db = new Database(':memory:')
      try {
        migrate(db)
        const statements = new Statements(db)
        let writer = writerOf(statements, most, aCommit)
        const versions = new Map<string, number>()
        const current = new Set<string>()
        for (const [time, { steps, ends }] of batches.entries()) {
          const jobs: Job[] = []
          for (const [nth, it] of steps.entries()) {
            if (it.what === 'read') {
              jobs.push({ kind: 'put-rows' })
              continue
            }
            const { type, id } = it
            const name = `${type}/${id}`
            const versionId = versions.get(name) ?? 0
            if (it.what === 'reindex') {
              const items = [{ key: { type, id }, versionId, index: indexOf(it.content) }]
              jobs.push({ kind: 'replace-indexes', items, how: time % 2 === 0 ? 'difference' : 'anew' })
              continue
            }
            const write =
              it.what === 'remove'
                ? remove(type, id)
                : put(type, id, { ...it.content, text: `"time":"${time} ${nth}"` })
            const job = { kind: 'commit' as const, commit: commit([write]), time }
            jobs.push(it.what === 'fail' ? failing(job) : job)
            if (it.what === 'fail') continue
            if (it.what === 'put' || current.has(name)) versions.set(name, versionId + 1)
            if (it.what === 'put') current.add(name)
            else current.delete(name)
          }
          const expected = jobs.map(({ kind }, at) => (steps[at]!.what === 'fail' ? 'failed' : kind))
          const answers = writer.run(jobs).map((answer) => answer.kind)
          if (answers.join() !== expected.join()) throw new Error(`${answers.join()} for ${expected.join()}`)
          if (rowsLeftOutFrom(statements) !== undefined) held++
          // The process ends, with what it held back: another begins where it left off.
          if (ends) writer = writerOf(statements, most, aCommit)
        }
        if (batches.length % 2 === 0) writer.putRows()
        else {
          db.exec('BEGIN')
          putRowsLeftOut(statements)
          db.exec('COMMIT')
        }
        if (rowsLeftOutFrom(statements) !== undefined) throw new Error('some are still left out')
        const problems = verify(statements)
        if (problems.length > 0) throw new Error(problems.join('\n'))
      } finally {
        db.close()
      }
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 100, seed: 6 }))
  t.ok(held > 50, 'rows were held back')
  t.end()
})

t.test('what a load left is put in before anything is searched, and until then is no fault', async (t) => {
  const file = testFolder(t)('a.db')
  const code = (n: number): IndexEntry => ({ kind: 'token', param: 'code', system: 's', code: `${n % 3}` })
  const load = await openSqliteStore({ file, loads: true })
  for (let n = 0; n < 20; n++) await load.commit(commit([put('A', `${n}`, { entries: [code(n)] })]))
  t.equal(inspectSqlite({ file }), undefined, 'the index is not there yet')
  t.strictSame(await load.maintenance.verify(), [], 'which is no fault')
  const found = async (store: typeof load) =>
    (await search(store, { type: 'A', where: tokenMatch('code', 's', '1') })).matches.length
  t.equal(await found(load), 7, 'but is when it is asked')
  for (let n = 20; n < 40; n++) await load.commit(commit([put('A', `${n}`, { entries: [code(n)] })]))
  await load.close()
  const inspection = inspectSqlite({ file })
  t.ok(inspection, 'and at the end')
  await inspection?.store.close()
  const store = await openSqliteStore({ file })
  t.equal(await found(store), 13)
  t.strictSame(await store.maintenance.verify(), [])
  await store.close()
})
