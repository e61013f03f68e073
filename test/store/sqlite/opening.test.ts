// Opening: a second process, other programs' files, layouts older and newer, folders that are not there, throwaway stores.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { SEE_EVERYTHING } from '../../../src/store/index.ts'
import { isSqliteInUse, openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { APPLICATION_ID, LAYOUT, migrate } from '../../../src/store/sqlite/migrations.ts'
import { put, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

const FACE = fileURLToPath(new URL('../../../src/store/sqlite/index.ts', import.meta.url))

/** Runs a script in a process of its own. */
async function run(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'alcove-test-'))
  const file = join(folder, 'script.mjs')
  writeFileSync(file, script)
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  const [code] = (await once(child, 'close')) as [number | null]
  rmSync(folder, { recursive: true })
  return { code, output }
}

t.test('a second store on the same file is refused, in this process and in another', async (t) => {
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('a.db') })
  await write(store, put('Patient', 'a'))
  t.equal(isSqliteInUse(at('a.db')), true)
  await t.rejects(openSqliteStore({ file: at('a.db') }), { message: /in use by another Alcove process/ })
  const open = `import { openSqliteStore } from ${JSON.stringify(FACE)}; await openSqliteStore({ file: ${JSON.stringify(at('a.db'))} })`
  const other = await run(open)
  t.not(other.code, 0)
  t.match(other.output, /in use by another Alcove process/)
  t.ok(await store.read({ type: 'Patient', id: 'a' }, SEE_EVERYTHING), 'the first goes on')
  await write(store, put('Patient', 'b'))
  await store.close()

  t.equal(isSqliteInUse(at('a.db')), false)
  const after = await run(`${open}.then((store) => store.close())`)
  t.strictSame(after, { code: 0, output: '' }, 'when it is closed the other may')
  t.notOk(existsSync(at('a.db-wal')), 'a closed store is one file')
})

t.test('a file of another program, or of a newer Alcove, is left as it is', async (t) => {
  const at = testFolder(t)
  const foreign = new Database(at('foreign.db'))
  foreign.exec('CREATE TABLE notes (text)')
  foreign.close()
  const newer = new Database(at('newer.db'))
  newer.exec('CREATE TABLE later (text)')
  newer.pragma(`application_id = ${APPLICATION_ID}`)
  newer.pragma(`user_version = ${LAYOUT + 1}`)
  newer.close()
  await t.rejects(openSqliteStore({ file: at('foreign.db') }), { message: /of another program/ })
  await t.rejects(openSqliteStore({ file: at('newer.db') }), { message: /a newer Alcove wrote it/ })
  for (const name of ['foreign.db', 'newer.db']) {
    const db = new Database(at(name))
    t.equal(
      db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get(),
      1,
      `${name} has the one table it had`,
    )
    db.close()
  }
})

t.test('migrations run forward, each once and whole', async (t) => {
  const at = testFolder(t)
  const db = new Database(at('a.db'))
  t.teardown(() => db.close())
  const ran: number[] = []
  const steps = [1, 2, 3].map((step) => (on: Database) => {
    ran.push(step)
    on.exec(`CREATE TABLE step${step} (value)`)
  })
  const first = 'CREATE TABLE step0 (value)'
  migrate(db, {}, first, [])
  migrate(db, {}, first, steps.slice(0, 1))
  migrate(db, {}, first, steps)
  migrate(db, {}, first, steps)
  t.strictSame(ran, [1, 2, 3])
  t.equal(db.pragma('user_version', { simple: true }), 4)
  const failing = (on: Database) => {
    on.exec('CREATE TABLE step4 (value)')
    throw new Error('the step failed')
  }
  t.throws(() => migrate(db, {}, first, [...steps, failing]), { message: 'the step failed' })
  t.equal(db.pragma('user_version', { simple: true }), 4, 'a failed step leaves the layout')
  t.throws(() => db.exec('SELECT * FROM step4'), { message: /no such table/ }, 'and nothing of its own')
  t.throws(() => migrate(db, {}, first, steps.slice(0, 2)), {
    message: /layout 4, this program knows layouts up to 3/,
  })
  const fresh = new Database(at('fresh.db'))
  t.teardown(() => fresh.close())
  const newest = 'CREATE TABLE newest (value); CREATE TABLE setting (name, value)'
  migrate(fresh, { first: 'given' }, newest, steps)
  migrate(fresh, { first: 'another' }, newest, steps)
  t.equal(ran.length, 3, 'a new file needs no steps')
  t.strictSame(
    fresh.prepare('SELECT name, value FROM setting').all(),
    [{ name: 'first', value: 'given' }],
    'settings are for a new file alone',
  )
  t.equal(fresh.pragma('user_version', { simple: true }), 4)
})

t.test('a folder that is missing is named', async (t) => {
  const at = testFolder(t)
  await t.rejects(openSqliteStore({ file: at('nowhere/a.db') }), {
    message: /nowhere.*folder must exist and be writable/,
  })
  writeFileSync(at('file'), '')
  await t.rejects(openSqliteStore({ file: at('file/a.db') }), { message: /cannot be/ })
})

const superuser = process.getuid?.() === 0 && 'the superuser may write everywhere'
t.test('a folder that may not be written', { skip: superuser }, async (t) => {
  const at = testFolder(t)
  mkdirSync(at('sealed'))
  chmodSync(at('sealed'), 0o500)
  await t.rejects(openSqliteStore({ file: at('sealed/a.db') }), {
    message: /folder must exist and be writable/,
  })
})

t.test('a throwaway store leaves nothing behind, closed or not', async (t) => {
  const ours = () => readdirSync(tmpdir()).filter((name) => /^alcove-[A-Za-z0-9]{6}$/.test(name))
  const before = new Set(ours())
  const store = await openSqliteStore({ file: ':memory:' })
  await write(store, put('Patient', 'a'))
  const [folder, ...more] = ours().filter((name) => !before.has(name))
  if (more.length === 0) {
    await store.close()
    t.notOk(ours().includes(folder!), 'gone when closed')
  } else await store.close()

  const own = testFolder(t)('')
  const script = `import { openSqliteStore } from ${JSON.stringify(FACE)}
    process.env.TMPDIR = ${JSON.stringify(own)}
    await openSqliteStore({ file: ':memory:' })
    console.log((await import('node:fs')).readdirSync(process.env.TMPDIR).length)`
  const ended = await run(script)
  t.strictSame(ended, { code: 0, output: '1\n' }, 'a process that does not close it ends by itself')
  t.strictSame(readdirSync(own), [], 'and leaves nothing')
})

t.test('what a store was given stands after it was opened anew', async (t) => {
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('a.db'), now: () => 2_000_000_000_000 })
  await write(store, put('Patient', 'a'))
  await store.maintenance.setSetting('index-version', '7')
  const pending = [put('Patient', 'b'), put('Patient', 'c')].map((one) => write(store, one))
  await store.close()
  t.equal((await Promise.all(pending)).length, 2, 'close finishes what was accepted')
  await t.rejects(write(store, put('Patient', 'd')), { code: 'storage-failed' }, 'and takes no more')
  t.ok(readFileSync(at('a.db')).length > 0)

  const again = await openSqliteStore({ file: at('a.db'), now: () => 1_000_000_000_000 })
  t.equal(await again.maintenance.getSetting('index-version'), '7')
  t.strictSame(await again.maintenance.counts(), { resources: 3, versions: 3 })
  const [later] = await write(again, put('Patient', 'd'))
  t.equal(later!.lastUpdated, 2_000_000_000_000, 'times do not decrease over a restart')
  await again.close()
})

t.test(
  'only its owner may read a database, its log and its backups',
  { skip: process.platform === 'win32' && 'no modes' },
  async (t) => {
    const at = testFolder(t)
    const store = await openSqliteStore({ file: at('a.db') })
    await write(store, put('Patient', 'a'))
    await store.maintenance.backup(at('b.db'))
    for (const name of ['a.db', 'a.db-wal', 'b.db']) t.equal(statSync(at(name)).mode & 0o777, 0o600, name)
    await store.close()
  },
)

t.test('a backup is made by another process too, while the store is open and when it is not', async (t) => {
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('a.db') })
  await write(store, put('Patient', 'a'))
  const script = (to: string) => `import { backupSqlite } from ${JSON.stringify(FACE)}
    console.log((await backupSqlite({ file: ${JSON.stringify(at('a.db'))} }, ${JSON.stringify(at(to))})).versions)`
  t.strictSame(await run(script('open.db')), { code: 0, output: '1\n' })
  await write(store, put('Patient', 'b'))
  await store.close()
  t.strictSame(await run(script('closed.db')), { code: 0, output: '2\n' })
  t.match(await run(script('closed.db')), { code: 1, output: /closed\.db is there already/ })
  t.match(await run(script('nowhere/b.db')), { code: 1, output: /The backup cannot be written/ })
  t.strictSame(
    readdirSync(at('')).filter((name) => name.includes('part')),
    [],
    'no part is left',
  )
  const copy = await openSqliteStore({ file: at('open.db') })
  t.strictSame(await copy.maintenance.counts(), { resources: 1, versions: 1 })
  await copy.close()
})
