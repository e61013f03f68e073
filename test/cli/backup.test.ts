// `alcove backup`, `restore` and `reindex`: what was backed up is there again, and nothing sound is ever lost.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import t from 'tap'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { readConfig } from '../../src/config.ts'
import { FhirError } from '../../src/fhir/index.ts'
import { INDEX_VERSION } from '../../src/repository/index.ts'
import { openParts } from '../../src/server.ts'
import { NO_LOOKUP } from '../../src/search/index.ts'
import { searchQuery } from '../../src/store/index.ts'
import { SHIPPED } from '../shipped.ts'
import { alcove, writeFiles } from './process.ts'

// Processes are started on machines of any speed.
t.setTimeout(120_000)

function envOf(folder: string, more: Record<string, string> = {}): Record<string, string> {
  return { ALCOVE_LOG_LEVEL: 'silent', ALCOVE_DATABASE: `sqlite:${folder}/db/alcove.db`, ...more }
}

async function withParts<T>(
  env: Record<string, string>,
  use: (parts: Awaited<ReturnType<typeof openParts>>) => Promise<T>,
): Promise<T> {
  const parts = await openParts(readConfig(env))
  try {
    return await use(parts)
  } finally {
    await parts.close()
  }
}

const patients = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, i) =>
      `${JSON.stringify({ resourceType: 'Patient', id: `p${from + i}`, name: [{ family: 'Marker' }] })}\n`,
  ).join('')

async function load(folder: string, env: Record<string, string>, from: number, to: number): Promise<void> {
  writeFiles(folder, { 'in.ndjson': patients(from, to) })
  const { status, stderr } = await alcove(['load', '--quiet', 'in.ndjson'], { env, cwd: folder })
  if (status !== 0) throw new Error(stderr)
}

async function has(env: Record<string, string>, id: string): Promise<boolean> {
  return withParts(env, async ({ repositoryFor }) => {
    try {
      await repositoryFor(UNAUTHENTICATED).read('Patient', id)
      return true
    } catch (error) {
      if (error instanceof FhirError && error.code === 'not-found') return false
      throw error
    }
  })
}

for (const kept of ['plain', 'encrypted'] as const)
  t.test(`a backup made beside a running server is restored (${kept})`, async (t) => {
    const folder = t.testdir()
    writeFiles(folder, { key: randomBytes(32).toString('hex'), other: randomBytes(32) })
    const secret = kept === 'encrypted' ? { ALCOVE_ENCRYPTION_KEY_FILE: `${folder}/key` } : {}
    const env = envOf(folder, secret as Record<string, string>)
    await load(folder, env, 0, 50)
    const run = (...args: string[]) => alcove(args, { env, cwd: folder })
    const held = `${50 + SHIPPED} resources, ${50 + SHIPPED} versions`

    await withParts(env, async () => {
      const made = await run('backup', 'a.backup')
      t.equal(made.status, 0, made.stderr)
      t.match(made.stdout, new RegExp(`^a\\.backup: ${held}, [\\d,]+ bytes, verified\\n$`))
      const again = await run('backup', 'a.backup')
      t.equal(again.status, 1, 'a file that is there is not written over')
      const inUse = await run('restore', '--force', 'a.backup')
      t.equal(inUse.status, 1)
      t.match(inUse.stderr, /a server is running on .*alcove\.db: end it first/)
      for (const command of ['reindex', 'load']) {
        const { status, stderr } = await run(command, ...(command === 'load' ? ['in.ndjson'] : []))
        t.equal(status, 1)
        t.match(stderr, /in use by another Alcove process/)
      }
    })
    t.equal(readFileSync(`${folder}/a.backup`).includes('Marker'), kept === 'plain')

    await load(folder, env, 50, 60)
    const there = await run('restore', 'a.backup')
    t.equal(there.status, 2)
    t.match(there.stderr, /alcove\.db is there already; --force sets it aside/)
    t.ok(await has(env, 'p59'), 'and the database is as it was')

    const restored = await run('restore', '--force', 'a.backup')
    t.equal(restored.status, 0, restored.stderr)
    t.match(
      restored.stdout,
      new RegExp(`alcove\\.db: ${held}, verified\\nwhat was there before is kept as .*\\.replaced-`),
    )
    t.ok(await has(env, 'p49'))
    t.notOk(await has(env, 'p59'))
    const aside = readdirSync(`${folder}/db`).find(
      (it) => it.includes('.replaced-') && !/-(wal|shm)$/.test(it),
    )
    t.ok(
      await has({ ...env, ALCOVE_DATABASE: `sqlite:${folder}/db/${aside}` }, 'p59'),
      'what was set aside is whole',
    )

    const elsewhere = { ...env, ALCOVE_DATABASE: `sqlite:${folder}/new/alcove.db` }
    t.equal(
      (await alcove(['restore', 'a.backup'], { env: elsewhere, cwd: folder })).status,
      0,
      'to a place where none was',
    )
    t.ok(await has(elsewhere, 'p49'))

    const wrong = { ...env, ALCOVE_ENCRYPTION_KEY_FILE: `${folder}/other` }
    const before = statSync(`${folder}/db/alcove.db`).mtimeMs
    const { status, stderr } = await alcove(['restore', '--force', 'a.backup'], { env: wrong, cwd: folder })
    t.equal(status, 1)
    t.match(stderr, /^alcove restore: a\.backup .*key/s, 'a key that does not fit is told')
    t.equal(statSync(`${folder}/db/alcove.db`).mtimeMs, before)
    t.same(
      readdirSync(`${folder}/db`).filter((it) => it.includes('restoring')),
      [],
      'nothing is left lying about',
    )
  })

t.test('a damaged backup replaces nothing', async (t) => {
  const folder = t.testdir()
  const env = envOf(folder)
  await load(folder, env, 0, 400)
  t.equal((await alcove(['backup', 'b'], { env, cwd: folder })).status, 0)
  const size = statSync(`${folder}/b`).size
  const whole = readFileSync(`${folder}/b`)
  const damages: readonly [string, () => void][] = [
    ['cut short', () => writeFiles(folder, { b: whole.subarray(0, Math.floor(size / 2)) })],
    ['no database', () => writeFiles(folder, { b: 'hello' })],
    [
      'overwritten in the middle',
      () => {
        writeFiles(folder, { b: whole })
        const handle = openSync(`${folder}/b`, 'r+')
        for (let at = 8192; at < size; at += 8192) writeSync(handle, Buffer.alloc(4096, 7), 0, 4096, at)
        closeSync(handle)
      },
    ],
  ]
  for (const [how, damage] of damages) {
    damage()
    const { status, stdout, stderr } = await alcove(['restore', '--force', 'b'], { env, cwd: folder })
    t.equal(status, 1, how)
    t.equal(stdout, '')
    t.match(stderr, /^alcove restore: /)
    t.notMatch(stderr, /restoring|\n\s+at /)
  }
  t.ok(await has(env, 'p399'))
  t.same(
    readdirSync(`${folder}/db`).filter((it) => /restoring|replaced/.test(it)),
    [],
  )
  t.equal((await alcove(['restore', 'gone'], { env, cwd: folder })).status, 1)
  t.equal(
    (await alcove(['restore', 'db/alcove.db'], { env, cwd: folder })).status,
    2,
    'nor the database itself',
  )
})

t.test('reindex makes again what searches find by', async (t) => {
  const folder = t.testdir()
  const env = envOf(folder)
  await load(folder, env, 0, 450)
  const count = () =>
    withParts(env, async ({ search, repositoryFor }) => {
      const where = await search.parseCriteria('Patient', 'family=marker', NO_LOOKUP)
      return (
        await repositoryFor(UNAUTHENTICATED).search(
          searchQuery({ type: 'Patient', where, count: 0, total: 'accurate' }),
        )
      ).total
    })
  t.equal(await count(), 450)
  await withParts(env, async ({ store }) => {
    for await (const versions of store.maintenance.currentResources(100))
      await store.maintenance.replaceIndexes(
        versions.map(({ type, id, versionId }) => ({
          key: { type, id },
          versionId,
          index: { entries: [], patients: [], labels: [], date: undefined, contained: [] },
        })),
      )
  })
  t.equal(await count(), 0, 'with no index nothing is found')
  const { status, stdout } = await alcove(['reindex'], { env })
  t.equal(status, 0)
  t.match(stdout, new RegExp(`^${450 + SHIPPED} resources indexed in 0:\\d\\d\\n$`))
  t.equal(await count(), 450)

  const stop = new AbortController()
  stop.abort()
  await withParts(env, ({ store }) => store.maintenance.setSetting(INDEX_VERSION, 'older'))
  t.equal(await count(), 450, 'an index by older rules is made anew at start')
  t.equal((await alcove(['reindex'], { env, stop: stop.signal })).status, 130)
  t.ok(existsSync(`${folder}/db/alcove.db`))
})
