// A log that ends too early, in garbage, or with bits turned over: what is before is there, whole, and nothing by half.
import { randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { SEE_EVERYTHING, tokenMatch } from '../../../src/store/index.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { inspectSqlite, openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { verify } from '../../../src/store/sqlite/verify.ts'
import { commit, put, search, type OpenStore } from '../../contract/world.ts'
import { pick, seeded } from '../../e2e/crash/seeded.ts'
import { testFolder } from './folder.ts'

t.setTimeout(120_000)

const COMMITS = 6
/** Two resources a commit. */
const PAIR = ['left', 'right'] as const

type Store = Awaited<ReturnType<OpenStore>>

/** The bytes of the log behind each commit, and the files as a crash would leave them. */
async function written(
  at: (name: string) => string,
  key: Uint8Array | undefined,
): Promise<readonly number[]> {
  // The tables are in the file itself, not in the log.
  await (await openSqliteStore({ file: at('whole.db'), key })).close()
  const store = await openSqliteStore({ file: at('whole.db'), key })
  const ends: number[] = []
  for (let n = 0; n < COMMITS; n++) {
    const entries = [{ kind: 'token', param: 'code', system: '', code: `c${n}` }] as const
    const result = await store.commit(commit(PAIR.map((side) => put('Basic', `${side}-${n}`, { entries }))))
    if (result.kind !== 'committed') throw new Error(result.kind)
    ends.push(readFileSync(at('whole.db-wal')).length)
  }
  for (const suffix of ['', '-wal']) copyFileSync(at(`whole.db${suffix}`), at(`crashed.db${suffix}`))
  await store.close()
  return ends
}

/** How many commits are there, from the first on. @throws Error when one is there by half, or behind one that is not */
async function commitsIn(store: Store): Promise<number> {
  const there: number[] = []
  for (let n = 0; n < COMMITS; n++) {
    const reads = await Promise.all(
      PAIR.map((side) => store.read({ type: 'Basic', id: `${side}-${n}` }, SEE_EVERYTHING)),
    )
    const found = await search(store, { type: 'Basic', where: tokenMatch('code', '', `c${n}`) })
    const count = reads.filter((one) => one !== undefined).length
    if (count !== found.matches.length || (count !== 0 && count !== PAIR.length))
      throw new Error(`commit ${n}: ${count} read, ${found.matches.length} found`)
    if (count > 0) there.push(n)
  }
  if (there.some((n, place) => n !== place)) throw new Error(`commits ${there}`)
  return there.length
}

for (const kind of ['plain', 'encrypted'] as const)
  t.test(`the log of a database that is ${kind}`, async (t) => {
    const at = testFolder(t)
    const key = kind === 'encrypted' ? randomBytes(32) : undefined
    const ends = await written(at, key)
    const whole = readFileSync(at('crashed.db-wal'))
    const random = seeded(20_261_130)
    const opened = async (log: Buffer): Promise<number> => {
      copyFileSync(at('crashed.db'), at('a.db'))
      writeFileSync(at('a.db-wal'), log)
      rmSync(at('a.db-shm'), { force: true })
      const db = openConnection({ file: at('a.db'), key })
      const inspection = inspectSqlite({ file: at('a.db'), key })!
      try {
        const faults = verify(new Statements(db))
        if (faults.length > 0) t.same(faults, [])
        return await commitsIn(inspection.store)
      } finally {
        await inspection.store.close()
        db.close()
      }
    }
    /** As a server opens it. */
    const writtenTo = async (log: Buffer): Promise<number> => {
      const before = await opened(log)
      const store = await openSqliteStore({ file: at('a.db'), key })
      const result = await store.commit(commit([put('Basic', 'after')]))
      if (result.kind !== 'committed') throw new Error(result.kind)
      const commits = await commitsIn(store)
      t.same(await store.maintenance.verify(), [], 'no fault')
      await store.close()
      return commits === before ? commits : Number.NaN
    }
    /** Commits that end at or before this byte. */
    const within = (length: number) => ends.filter((end) => end <= length).length

    const anywhere = () => Math.floor(random() * whole.length)
    const places = ends.flatMap((end) => [end - 1, end, end + 1, end - Math.floor(random() * 4000)])
    for (const length of [0, 1, 31, 32, 33, ...places, ...Array.from({ length: 25 }, anywhere)])
      if (length <= whole.length)
        t.equal(await opened(whole.subarray(0, length)), within(length), `cut to ${length} bytes`)

    for (let n = 0; n < 30; n++) {
      const log = Buffer.from(whole)
      const place = Math.floor(ends[1]! + random() * (whole.length - ends[1]!))
      log[place] = log[place]! ^ (1 << Math.floor(random() * 8))
      t.equal(await opened(log), within(place), `a bit turned over in byte ${place}`)
    }

    for (const length of [1, 24, 4096, 4120, 10_000, 100_000]) {
      const garbage = pick([randomBytes(length), Buffer.alloc(length)], random)
      t.equal(await writtenTo(Buffer.concat([whole, garbage])), COMMITS, `${length} bytes of garbage behind`)
    }
  })
