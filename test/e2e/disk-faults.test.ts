// A disk that is full, fails or is taken away under a running server: what is refused is nowhere, what was
// acknowledged is there, reading goes on, and so does writing as soon as the disk does.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Client } from '../clients/client.ts'
import { EIO, ENOSPC, faultyDisk, type FaultyDisk } from './crash/faulty-disk.ts'
import { pick, seeded } from './crash/seeded.ts'
import { runAlcove, serve, temporaryFolder, type Environment } from './server-process.ts'

t.setTimeout(300_000)

const own = await temporaryFolder(t)
const disk = faultyDisk(own)
const noFaults = typeof disk === 'string' && disk
const faults = disk as FaultyDisk

/** A disk in memory, gone with the test. */
function mountAt(t: Test, folder: string, size: string): void {
  mkdirSync(folder)
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'none', folder)
  t.teardown(() => execFileSync('umount', ['-l', folder]))
}

function mount(...options: string[]): void {
  execFileSync('mount', options, { stdio: 'ignore' })
}

function mountable(): string | false {
  const folder = `${own}/try`
  mkdirSync(folder)
  try {
    mount('-t', 'tmpfs', 'none', folder)
    execFileSync('umount', [folder])
    return false
  } catch {
    return 'a disk can be mounted by the superuser alone'
  }
}
const noMounts = mountable()

const ANSWERS = new Set([201, 503])

interface Told {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | null
}

async function put(client: Client, id: string, length = 10): Promise<Told> {
  const body = { resourceType: 'Basic' as const, id, code: { text: 'x'.repeat(length) } }
  const { status, text, headers } = await client.update(body as never)
  return { status, text, retryAfter: headers.get('retry-after') }
}

const NO_STORE = { status: 503, text: /"code":"no-store"/, retryAfter: '5' }

/** Of those that were asked for, which the server has. */
async function present(client: Client, ids: Iterable<string>): Promise<string[]> {
  const there: string[] = []
  for (const id of ids) if ((await client.read('Basic', id)).status === 200) there.push(id)
  return there
}

async function holds(t: Test, env: Environment, told: ReadonlyMap<string, number>): Promise<void> {
  const again = await serve(t, env)
  const acknowledged = [...told].filter(([, status]) => status === 201).map(([id]) => id)
  t.same(
    await present(again.client, told.keys()),
    acknowledged,
    'what was acknowledged is there, nothing else',
  )
  await again.stop()
  t.match(await runAlcove(['verify'], env), { status: 0 })
}

t.test('a disk that fails now and then under eight writers', { skip: noFaults }, async (t) => {
  const folder = await temporaryFolder(t)
  const env = { ALCOVE_DATABASE: `sqlite:${folder}/a.db`, ALCOVE_LOG_LEVEL: 'silent' }
  const told = new Map<string, number>()
  const random = seeded(20_261_130)
  for (let round = 0; round < 4; round++) {
    const server = await serve(t, { ...env, ...faults.env })
    let writes = 0
    let ends = false
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; !ends; n++) {
        const id = `r${round}-w${writer}-${n}`
        const { status } = await put(server.client, id)
        told.set(id, status)
        writes++
      }
    })
    for (let change = 0; change < 6; change++) {
      faults.set(pick([{ syncErrno: EIO }, { writeErrno: EIO }, { writeErrno: ENOSPC }, {}], random))
      await until(writes + 40, () => writes)
      faults.set({ syncErrno: 0, writeErrno: 0 })
      await until(writes + 40, () => writes)
    }
    // The last word of the disk before the end is a refusal.
    faults.set({ syncErrno: EIO })
    await until(writes + 20, () => writes)
    ends = true
    await Promise.all(writers)
    server.kill('SIGKILL')
    await server.ended
    faults.set({ syncErrno: 0 })
  }
  const statuses = [...told.values()]
  t.same(
    statuses.filter((status) => !ANSWERS.has(status)),
    [],
  )
  for (const status of ANSWERS) t.ok(statuses.filter((one) => one === status).length > 100, `many ${status}`)
  await holds(t, env, told)
})

async function until(count: number, now: () => number): Promise<void> {
  while (now() < count) await new Promise((resolve) => setTimeout(resolve, 5))
}

t.test(
  'while the disk refuses writes, reads are answered, and the log says what to do',
  { skip: noFaults },
  async (t) => {
    const folder = await temporaryFolder(t)
    const env = { ALCOVE_DATABASE: `sqlite:${folder}/a.db`, ALCOVE_LOG_LEVEL: 'error' }
    const { client, log, stop } = await serve(t, { ...env, ...faults.env })
    t.match(await put(client, 'before'), { status: 201 })
    for (const [name, fault, advice] of FAULTS) {
      faults.set(fault)
      t.match(await put(client, name), NO_STORE)
      t.match(await client.read('Basic', 'before'), { status: 200 })
      t.match(await client.read('Basic', name), { status: 404 }, 'nothing of it is seen')
      t.match(await client.search('Basic', { _summary: 'count' }), { json: { total: 1 } })
      faults.set({ syncErrno: 0, writeErrno: 0 })
      t.match(await put(client, `${name}-after`), { status: 201 }, 'it goes on by itself')
      t.match(await client.delete('Basic', `${name}-after`), { status: 204 })
      await waitFor(() => advice.test(log()))
      t.pass(`${advice}`)
    }
    await stop()
  },
)

const FAULTS: readonly [name: string, fault: Parameters<FaultyDisk['set']>[0], advice: RegExp][] = [
  ['full', { writeErrno: ENOSPC }, /the disk of the database is full: make room/],
  ['failing', { writeErrno: EIO }, /the disk of the database failed: look into the log/],
  ['unsynced', { syncErrno: EIO }, /the disk of the database failed: look into the log/],
]

/** Lines of the log come a moment after the answer. */
async function waitFor(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

t.test('a disk without room, and then with', { skip: noMounts }, async (t) => {
  const folder = await temporaryFolder(t)
  const mounted = `${folder}/small`
  mountAt(t, mounted, '5m')
  const env = { ALCOVE_DATABASE: `sqlite:${mounted}/a.db`, ALCOVE_LOG_LEVEL: 'silent' }
  const told = new Map<string, number>()
  const { client, kill, ended } = await serve(t, env)
  const write = async (id: string, length: number) => {
    const answer = await put(client, id, length)
    told.set(id, answer.status)
    return answer
  }
  let n = 0
  while ((await write(`n${n}`, 50_000)).status === 201) n++
  t.match(await write('full', 50_000), NO_STORE)
  t.match(await write('full-too', 50_000), { text: /disk of the store is full/ })
  t.match(await client.read('Basic', 'n0'), { status: 200 })
  t.match(await runAlcove(['backup', `${mounted}/b.db`], env), {
    status: 1,
    stderr: /The backup cannot be written: .*full/,
  })
  mount('-o', 'remount,size=40m', mounted)
  t.match(await write('room', 50_000), { status: 201 }, 'there is room again')
  kill('SIGKILL')
  await ended
  await holds(t, env, told)
})

t.test('a database that is taken away from under the server', async (t) => {
  for (const [what, take, back] of [
    ['removed', (file: string) => rmSync(file), undefined],
    ['its log removed', (file: string) => rmSync(`${file}-wal`), undefined],
    ['its lock removed', (file: string) => rmSync(`${file}.lock`), undefined],
    [
      'replaced',
      (file: string) => {
        copyFileSync(file, `${file}.copy`)
        renameSync(`${file}.copy`, file)
      },
      undefined,
    ],
    [
      'moved away and back',
      (file: string) => renameSync(file, `${file}.away`),
      (file: string) => renameSync(`${file}.away`, file),
    ],
  ] as const) {
    const folder = await temporaryFolder(t)
    const file = `${folder}/a.db`
    const { client, log, stop } = await serve(t, {
      ALCOVE_DATABASE: `sqlite:${file}`,
      ALCOVE_LOG_LEVEL: 'error',
    })
    t.match(await put(client, 'before'), { status: 201 })
    take(file)
    t.match(await put(client, 'lost'), NO_STORE, `${what}: nothing is acknowledged that would be lost`)
    await waitFor(() => /a\.db\S* was (removed|replaced) while the server runs.*start it again/.test(log()))
    t.match(await client.read('Basic', 'lost'), { status: 404 })
    t.match(await client.read('Basic', 'before'), { status: 200 })
    back?.(file)
    if (back !== undefined) t.match(await put(client, 'back'), { status: 201 }, 'it is there again')
    await stop()
  }
})

t.test('a disk that may only be read', { skip: noMounts }, async (t) => {
  const folder = await temporaryFolder(t)
  const mounted = `${folder}/still`
  mountAt(t, mounted, '20m')
  const file = `${mounted}/a.db`
  const env = { ALCOVE_DATABASE: `sqlite:${file}`, ALCOVE_LOG_LEVEL: 'silent' }
  writeFileSync(`${folder}/in.ndjson`, '{"resourceType":"Basic","id":"a","code":{"text":"a"}}\n')
  t.match(await runAlcove(['load', `${folder}/in.ndjson`], env), { status: 0 })
  t.match(await runAlcove(['backup', `${mounted}/b.db`], env), { status: 0 })
  mount('-o', 'remount,ro', mounted)
  for (const command of [['serve'], ['load', `${folder}/in.ndjson`], ['reindex']])
    t.match(await runAlcove(command, env), {
      status: 1,
      stderr: /a\.db cannot be opened for writing: its folder must exist/,
    })
  t.match(await runAlcove(['backup', `${mounted}/c.db`], env), { status: 1, stderr: /cannot be written/ })
  t.match(await runAlcove(['backup', `${folder}/c.db`], env), { status: 0 }, 'it can be backed up')
  t.match(await runAlcove(['verify'], env), { status: 0 }, 'and verified')
  t.match(await runAlcove(['verify', `${mounted}/b.db`], env), { status: 0 }, 'a backup on it too')
})
