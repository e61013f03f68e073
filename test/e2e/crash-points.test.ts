// The process, or the machine with what its disk had not synced, dies at one of the calls by which an operation
// changes files: a checkpoint, a reindex, a backup, a restore, a load, words taken in, the end of a server.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import t, { type Test } from 'tap'
import { APPLICATION_ID } from '../../src/store/sqlite/migrations.ts'
import { LAYOUT_1 } from '../store/sqlite/layout-1.ts'
import { faultyDisk, type FaultyDisk } from './crash/faulty-disk.ts'
import { seeded } from './crash/seeded.ts'
import { runAlcove, serve, temporaryFolder, type Environment } from './server-process.ts'

t.setTimeout(600_000)

const folder = await temporaryFolder(t)
const disk = faultyDisk(folder)
const noFaults = typeof disk === 'string' && disk
const faults = disk as FaultyDisk
const random = seeded(20_261_130)

const PATIENTS = 40
const file = `${folder}/a.db`
const env: Environment = { ALCOVE_DATABASE: `sqlite:${file}`, ALCOVE_LOG_LEVEL: 'silent' }
const patients = (version: number) =>
  Array.from({ length: PATIENTS }, (_, n) =>
    JSON.stringify({ resourceType: 'Patient', id: `p${n}`, name: [{ family: `Name${n} v${version}` }] }),
  ).join('\n')

function clear(): void {
  for (const name of readdirSync(folder)) if (/^[a-c]\.db/.test(name)) rmSync(`${folder}/${name}`)
}

/** A database as a server leaves it that was killed: all in its log; and one that was closed. */
async function prepare(): Promise<void> {
  writeFileSync(`${folder}/1.ndjson`, patients(1))
  writeFileSync(`${folder}/2.ndjson`, patients(2))
  ok(await runAlcove(['load', '--quiet', `${folder}/1.ndjson`], env))
  copyFileSync(file, `${folder}/closed`)
  const { client, kill, ended } = await serve(t, env)
  for (let n = 0; n < PATIENTS; n++) {
    const { status } = await client.update({
      resourceType: 'Patient',
      id: `p${n}`,
      name: [{ family: `Name${n} v2` }],
    } as never)
    if (status !== 200) throw new Error(`update: ${status}`)
  }
  kill('SIGKILL')
  await ended
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, `${folder}/killed${suffix}`)
}

/** As the first release wrote it, without an index. */
function prepareFirstLayout(): void {
  const db = new Database(`${folder}/first`)
  db.exec(LAYOUT_1)
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma('user_version = 1')
  db.exec(`INSERT INTO type (code, name) VALUES (1, 'Patient')`)
  const time = Date.UTC(2026, 0, 1)
  const meta = { versionId: '1', lastUpdated: new Date(time).toISOString() }
  const rows = JSON.stringify({ dt: 0, pat: 0, lab: 0, patients: [], labels: [] })
  for (let n = 0; n < PATIENTS; n++) {
    const rid = n + 1
    db.prepare(`INSERT INTO res VALUES (?, 1, ?, 1, ?, ?, 3, 1, 0, 0, 0)`).run(rid, `p${n}`, rid, time)
    db.prepare(`INSERT INTO version VALUES (?, ?, 1, 1, ?, 3, 0, 0)`).run(rid, rid, time)
    const body = { resourceType: 'Patient', id: `p${n}`, meta, name: [{ family: `Name${n}` }] }
    db.prepare(`INSERT INTO body VALUES (?, ?, ?)`).run(rid, Buffer.from(JSON.stringify(body)), rows)
  }
  db.close()
}

function ok({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): void {
  if (status !== 0) throw new Error(`${status}: ${stdout}${stderr}`)
}

interface Operation {
  readonly name: string
  /** Puts the files as they are before it. */
  readonly before: () => void
  /** Does it, on the disk that fails. */
  readonly run: (env: Environment) => Promise<unknown>
  /** The version that each patient may be at afterwards. */
  readonly versions: readonly string[]
}

const closed = () => copyFileSync(`${folder}/closed`, file)
const killed = () => {
  for (const suffix of ['', '-wal']) copyFileSync(`${folder}/killed${suffix}`, file + suffix)
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'opening after a crash, and the checkpoint of the end',
    before: killed,
    run: async (env) => {
      const server = await serve(t, env)
      await server.stop()
    },
    versions: ['2'],
  },
  {
    name: 'bringing the first layout to that of today, and a new index',
    before: () => copyFileSync(`${folder}/first`, file),
    run: async (env) => {
      const server = await serve(t, env)
      await server.stop()
    },
    versions: ['1'],
  },
  {
    name: 'words taken in',
    before: killed,
    run: async (env) => {
      const server = await serve(t, env)
      await server.client.search('Patient', { _content: 'name1' } as never)
      await server.stop()
    },
    versions: ['2'],
  },
  {
    name: 'reindex',
    before: killed,
    run: (env) => runAlcove(['reindex'], env),
    versions: ['2'],
  },
  {
    name: 'load',
    before: closed,
    run: (env) => runAlcove(['load', '--quiet', `${folder}/2.ndjson`], env),
    versions: ['1', '2'],
  },
  {
    name: 'backup',
    before: killed,
    run: (env) => runAlcove(['backup', `${folder}/b.db`], env),
    versions: ['2'],
  },
  {
    name: 'restore',
    before: killed,
    run: (env) => runAlcove(['restore', '--force', `${folder}/closed`], env),
    versions: ['1', '2'],
  },
]

/** Points at which each dies. */
const POINTS = 4

t.test('an operation that dies at whatever call', { skip: noFaults }, async (t) => {
  await prepare()
  prepareFirstLayout()
  for (const operation of OPERATIONS) {
    const { name, run, before } = operation
    clear()
    before()
    faults.set({ calls: 0, countdown: 0, power: 0 })
    await run({ ...env, ...faults.env })
    const calls = faults.calls()
    t.ok(calls > 0, `${name}: changes files ${calls} times`)
    for (let point = 0; point < POINTS; point++) {
      const countdown = 1 + Math.floor((calls * (point + random())) / POINTS)
      clear()
      before()
      faults.set({ calls: 0, countdown, power: point % 2, seed: Math.floor(random() * 2 ** 31) })
      await run({ ...env, ...faults.env }).catch(() => undefined)
      const died = `${name}, ${point % 2 === 0 ? 'killed' : 'without power'} at call ${countdown} of ${calls}`
      faults.set({ countdown: 0, power: 0 })
      await holds(t, operation, died)
    }
  }
})

async function holds(t: Test, { versions }: Operation, died: string): Promise<void> {
  // A database that was to be replaced may be aside, when what replaces it is not there yet.
  if (!existsSync(file)) {
    const aside = readdirSync(folder).find((name) => /^a\.db\.replaced-\w+$/.test(name))
    t.match(aside, /./, `${died}: the database is aside`)
    return
  }
  if (existsSync(`${folder}/b.db`)) t.match(await runAlcove(['verify', `${folder}/b.db`], env), { status: 0 })
  // What a server would have been told at its next start.
  const again = await serve(t, env)
  const wrong: string[] = []
  for (let n = 0; n < PATIENTS; n++) {
    const { status, json } = await again.client.read('Patient', `p${n}`)
    const version = status === 200 ? (json as { meta?: { versionId?: string } }).meta?.versionId : undefined
    if (version === undefined || !versions.includes(version)) wrong.push(`p${n}: ${status} ${version}`)
  }
  t.same(wrong, [], died)
  await again.stop()
  t.match(await runAlcove(['verify'], env), { status: 0 }, 'and it is whole')
}

t.test('the disk that fails is one', { skip: noFaults }, async (t) => {
  clear()
  closed()
  faults.set({ calls: 0, countdown: 1, power: 0 })
  const main = process.env['TEST_MAIN'] ?? 'src/main.ts'
  const { signal } = spawnSync(process.execPath, [main, 'reindex'], {
    env: { ...process.env, ...env, ...faults.env },
  })
  t.equal(signal, 'SIGKILL')
})
