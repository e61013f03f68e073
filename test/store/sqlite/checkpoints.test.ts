// The log is moved into the database beside the writer: nothing is lost, it begins anew, and a failure is told.
import { mkdirSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { SEE_EVERYTHING } from '../../../src/store/index.ts'
import { Checkpoints } from '../../../src/store/sqlite/checkpoints.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { commit, put } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

t.setTimeout(120_000)

const at = testFolder(t)
/** Some 4,000 pages: after four of them the log is moved. */
const LARGE = `"data":"${'x'.repeat(16_400_000)}"`
const PAGE_BYTES = 4096

/** Until it is so; the test's own limit ends what never becomes so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(5)
}

t.test('a store moves its log while it is written to', async (t) => {
  const file = at('a.db')
  const store = await openSqliteStore({ file })
  const bytesOf = (suffix: string): number => statSync(file + suffix).size
  for (let n = 0; n < 4; n++) await store.commit(commit([put('A', `${n}`, { text: LARGE })]))
  await until(() => bytesOf('') > 48_000_000)
  t.pass('what is in the log comes into the database')
  const other = openConnection({ file, key: undefined })
  const log = (): number => (other.pragma('wal_checkpoint(NOOP)') as [{ log: number }])[0].log
  await until(() => {
    const [{ log, checkpointed }] = other.pragma('wal_checkpoint(NOOP)') as [
      { log: number; checkpointed: number },
    ]
    return log === checkpointed
  })
  // Whoever begins while the last of it is being moved goes on behind it; those that come later do not.
  for (let n = 0; n < 50 && log() > 100; n++)
    await store.commit(commit([put('A', 'b', { text: `"b":${n}` })]))
  t.ok(log() < 100, 'and then the log begins anew')
  other.close()
  for (let n = 0; n < 8; n++)
    await store.commit(commit([put('A', `${n}`, { text: `"again":${n},${LARGE}` })]))
  t.ok(bytesOf('-wal') < 30_000 * PAGE_BYTES, 'so that it does not grow with all that is written')
  for (let n = 0; n < 5; n++)
    t.equal((await store.read({ type: 'A', id: `${n}` }, SEE_EVERYTHING))?.versionId, n < 4 ? 2 : 1)
  t.strictSame(await store.maintenance.verify(), [])
  await store.close()
})

t.test('a store may be closed while its log is moved', async (t) => {
  const file = at('b.db')
  const store = await openSqliteStore({ file })
  for (let n = 0; n < 4; n++) await store.commit(commit([put('A', `${n}`, { text: LARGE })]))
  await store.close()
  t.notOk(statSync(`${file}-wal`, { throwIfNoEntry: false }), 'it is one file then')
  const again = await openSqliteStore({ file })
  t.strictSame(await again.maintenance.verify(), [])
  await again.close()
})

t.test('who reads what the log began with keeps it from beginning anew, and nothing else', async (t) => {
  const file = at('c.db')
  const store = await openSqliteStore({ file })
  await store.commit(commit([put('A', '0', { text: '"n":0' })]))
  const reader = openConnection({ file, key: undefined, readonly: true })
  reader.exec('BEGIN')
  const bodies = (): unknown => reader.prepare('SELECT count(*) AS n FROM body').get()
  const before = bodies()
  for (let n = 0; n < 3; n++) await store.commit(commit([put('A', `${n}`, { text: LARGE })]))
  t.strictSame(bodies(), before, 'he reads what was')
  reader.exec('COMMIT')
  t.notSame(bodies(), before, 'and then what is')
  reader.close()
  await store.commit(commit([put('A', 'c', { text: LARGE })]))
  await until(() => statSync(file).size > 48_000_000)
  await store.close()
})

t.test('what cannot be moved is told, and tried again', async (t) => {
  const file = at('d.db')
  const db = openConnection({ file, key: undefined })
  db.exec('CREATE TABLE a (x)')
  const fill = db.prepare('INSERT INTO a VALUES (zeroblob(60000000))')
  const told: unknown[] = []
  const tell = (error?: unknown): void => void told.push(error)
  const missing = { role: 'checkpoint' as const, file: at('no/d.db'), key: undefined, durable: true }
  const failing = new Checkpoints({ statements: new Statements(db), data: missing, tell })
  fill.run()
  failing.look()
  await until(() => told.length > 0)
  t.match(told, [{ message: /no\/d\.db cannot be opened for writing/ }])
  failing.look()
  t.equal(told.length, 1, 'not again at once')
  mkdirSync(at('no'))
  fill.run()
  failing.look()
  await until(() => told.length > 1)
  t.equal(told[1], undefined, 'that it works again is told, too')
  await failing.close()
  db.close()
})
