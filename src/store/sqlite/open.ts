// Opens a database file as a Store: reads on the calling thread, writes in the writer's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3-multiple-ciphers'
import { openConnection, sqliteCode } from './connection.ts'
import { Dictionary } from './dictionary.ts'
import { history } from './history.ts'
import { holdLock } from './lock.ts'
import { maintenanceOf } from './maintenance.ts'
import { leadsNowhere } from './leads-nowhere.ts'
import { putRowsLeftOut, rowsLeftOutFrom } from './left-out-rows.ts'
import { LabelMemory } from './label-memory.ts'
import { labelsOf } from './labels-of.ts'
import { migrate } from './migrations.ts'
import { referrers } from './referrers.ts'
import { matches, search } from './search.ts'
import { Statements } from './statements.ts'
import { ReadMoment } from './read-moment.ts'
import { asksForWords, TEXT_INDEX_ROUNDS, textIsCurrent, wordsNotKnown } from './text-index.ts'
import { VersionCache } from './version-cache.ts'
import { read, readVersion, type Reading } from './versions.ts'
import { WriteQueue } from './write-queue.ts'
import { unlessLong } from './long-search.ts'
import { unpacked, unpackedHistory, type FromReader, type ReadJob } from './reader-thread.ts'
import { Readers } from './readers.ts'
import { SEE_EVERYTHING, type AccessFilter } from '../access-filter.ts'
import type { Asker } from '../asker.ts'
import type { StoreReports } from '../background.ts'
import type { ResourceKey } from '../commit.ts'
import type { Store, StoredVersion } from '../store.ts'

export interface SqliteStoreOptions {
  /** Its folder must exist. `:memory:`: a temporary file, gone when the store is closed or the process ends. */
  readonly file: string
  /** 32 bytes: the file is encrypted, or will be when it is new. */
  readonly key?: Uint8Array | undefined
  /** What a new database holds from its beginning, by name: so that nobody waits for the writer to put it there. */
  readonly firstSettings?: Readonly<Record<string, string>> | undefined
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
  /** Writes that may wait before more are refused. */
  readonly maxQueued?: number | undefined
  /** Bytes of bodies that may wait before more are refused. */
  readonly maxQueuedBytes?: number | undefined
  /** Bytes of bodies that a page of a search or history may hold. */
  readonly pageBytes?: number | undefined
  /** Bytes that versions kept in memory may take (./version-cache.ts). */
  readonly cacheBytes?: number | undefined
  /** Rows that a search may look at where no index serves, before it is refused as too costly. */
  readonly mostExamined?: number | undefined
  /** Milliseconds that a search may take in a thread of its own, before it is refused as too costly. */
  readonly longestSearchMs?: number | undefined
  /**
   * For whoever writes much and searches little: index rows are put into their tables many at a time, before the next
   * search at the latest (./held-rows.ts). What is written is as durable as ever.
   */
  readonly loads?: boolean | undefined
  /** Told of work that nobody waits for. */
  readonly reports?: StoreReports | undefined
}

const MAX_QUEUED = 10_000
const MAX_QUEUED_BYTES = 128 * 1024 * 1024

/** @throws Error that says what is wrong with the file, the key or the folder; or that another process has it open */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { key, now = Date.now, loads = false } = options
  const place = options.file === ':memory:' ? temporaryPlace() : lastingPlace(options.file)
  let db: Database | undefined
  try {
    db = openConnection({ file: place.file, key, durable: place.durable })
    migrate(db, options.firstSettings)
    const statements = new Statements(db, options.mostExamined)
    const moment = new ReadMoment(db, statements.snapshot)
    putRowsOfEarlierLoad(db, statements)
    const cache = new VersionCache(options.cacheBytes)
    const labels = new LabelMemory()
    const queue = new WriteQueue({
      handed: (jobs) => {
        cache.handed(jobs)
        labels.handed(jobs)
      },
      answered: (jobs, answers) => {
        moment.end()
        cache.answered()
        labels.answered(jobs, answers)
      },
      reports: options.reports,
      data: { role: 'writer', file: place.file, key, durable: place.durable, holdsRows: loads },
      maxQueued: options.maxQueued ?? MAX_QUEUED,
      maxQueuedBytes: options.maxQueuedBytes ?? MAX_QUEUED_BYTES,
    })
    return storeOf(db, statements, {
      queue,
      moment,
      cache,
      labels,
      place,
      key,
      now,
      pageBytes: options.pageBytes,
      holdsRows: loads,
      readers: new Readers({
        data: {
          role: 'reader',
          file: place.file,
          key,
          pageBytes: options.pageBytes,
          mostExamined: options.mostExamined,
        },
        longest: options.longestSearchMs,
        reports: options.reports,
      }),
    })
  } catch (error) {
    db?.close()
    place.leave()
    if (sqliteCode(error)?.startsWith('SQLITE_CORRUPT'))
      throw new Error(`${place.file} is damaged and cannot be opened; restore a backup.`, { cause: error })
    throw error
  }
}

interface Place {
  readonly file: string
  readonly durable: boolean
  /** Lets go of the lock, and of a temporary file. */
  leave(): void
}

function lastingPlace(file: string): Place {
  const lock = holdLock(file)
  return { file, durable: true, leave: () => lock.close() }
}

function temporaryPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'alcove-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    file: join(folder, 'alcove.db'),
    durable: false,
    leave: () => {
      process.off('exit', remove)
      remove()
    },
  }
}

/** A load that was ended before it put in all index rows. */
function putRowsOfEarlierLoad(db: Database, statements: Statements): void {
  if (rowsLeftOutFrom(statements) === undefined) return
  db.exec('BEGIN IMMEDIATE')
  try {
    putRowsLeftOut(statements)
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}

interface StoreParts {
  /** Whether the writer holds index rows back. */
  readonly holdsRows: boolean
  readonly queue: WriteQueue
  readonly readers: Readers
  readonly moment: ReadMoment
  readonly cache: VersionCache
  readonly labels: LabelMemory
  readonly place: Place
  readonly key: Uint8Array | undefined
  readonly now: () => number
  readonly pageBytes: number | undefined
}

interface Searching<Result> {
  readonly asks: () => boolean
  readonly run: (reading: Reading) => Result
  readonly job:
    | Omit<Extract<ReadJob, { kind: 'search' }>, 'asksForWords'>
    | Omit<Extract<ReadJob, { kind: 'matches' }>, 'asksForWords'>
    | Omit<Extract<ReadJob, { kind: 'history' }>, 'asksForWords'>
    | Omit<Extract<ReadJob, { kind: 'referrers' }>, 'asksForWords'>
  readonly taken: (answer: FromReader) => Result
  readonly asker: Asker | undefined
}

function storeOf(db: Database, statements: Statements, parts: StoreParts): Store {
  const { queue, readers, moment, cache, labels, place, key, now, pageBytes, holdsRows } = parts
  const here: Reading = {
    statements,
    dictionary: new Dictionary(statements),
    pageBytes,
    brief: true,
  }
  const reading = <Result>(run: (reading: Reading) => Result): Result => moment.read(() => run(here))
  /**
   * Here, or what takes long in a reader's thread; when the full-text table knows all that is there, if words are
   * asked for.
   */
  const searched = async <Result>({ asks, run, job, taken, asker }: Searching<Result>): Promise<Result> => {
    if (holdsRows && job.kind !== 'history') await queue.do({ kind: 'put-rows' }, asker)
    const asksForWords = reading(asks)
    for (let round = 0; round < TEXT_INDEX_ROUNDS; round++) {
      const here = reading((from) =>
        !asksForWords || textIsCurrent(from.statements) ? { found: unlessLong(() => run(from)) } : undefined,
      )
      if (here?.found !== undefined) return here.found
      if (here !== undefined) {
        const there = await readers.do({ ...job, asksForWords } as ReadJob, asker)
        // It may have seen a write that is not answered yet: what is read now must show it too.
        moment.end()
        if (there.kind !== 'behind') return taken(there)
      }
      await queue.do({ kind: 'index-words' }, asker)
    }
    throw wordsNotKnown()
  }
  /** Read at once where it is not in memory: to come back to it would cost as much. */
  const versionOf = (
    resource: ResourceKey,
    versionId: number | undefined,
    access: AccessFilter,
  ): StoredVersion | undefined => {
    const kept = cache.get(resource, versionId, access)
    if (kept !== undefined) return kept
    const version = reading((from) =>
      versionId === undefined ? read(from, resource, access) : readVersion(from, resource, versionId, access),
    )
    cache.keep(resource, versionId, access, version)
    return version
  }
  const storedLabels = (resource: ResourceKey) => reading((from) => labelsOf(from, resource))
  const isUnnamed = (resource: ResourceKey): boolean =>
    reading(({ dictionary }) =>
      dictionary.isUnnamed(dictionary.type(resource.type), resource.id, labels.knowsAbsent(resource)),
    )
  let closed: Promise<void> | undefined

  return {
    read: async (resource, access) => versionOf(resource, undefined, access),
    readVersion: async (resource, versionId, access) => versionOf(resource, versionId, access),
    atHand: (resource, versionId, access) => {
      const version = versionOf(resource, versionId, access)
      return version?.body === undefined ? undefined : version
    },
    history: async (query, access, asker) =>
      searched({
        asker,
        asks: () => false,
        run: (from) => history(from, query, access),
        job: { kind: 'history', query, access },
        taken: (answer) => unpackedHistory(answer as Extract<FromReader, { kind: 'history' }>),
      }),
    search: async (query, access, asker) =>
      searched({
        asker,
        asks: () => query.from.some(({ where }) => asksForWords(where)),
        run: (from) => search(from, query, access),
        job: { kind: 'search', query, access },
        taken: (answer) => unpacked(answer as Extract<FromReader, { kind: 'search' }>),
      }),
    matches: async (type, where, limit, access, asker) =>
      reading(({ dictionary }) => leadsNowhere(where, dictionary))
        ? []
        : searched<readonly string[]>({
            asker,
            asks: () => asksForWords(where),
            run: (from) => matches(from, type, where, limit, access),
            job: { kind: 'matches', type, where, limit, access },
            taken: (answer) => (answer as Extract<FromReader, { kind: 'matches' }>).ids,
          }),
    labelsOf: (keys) => keys.map((one) => labels.labelsOf(one, storedLabels)),
    referrers: async (resource, limit, behind) =>
      isUnnamed(resource)
        ? []
        : searched<readonly ResourceKey[]>({
            asker: undefined,
            asks: () => false,
            run: (from) => referrers(from, resource, limit, behind),
            job: { kind: 'referrers', key: resource, limit, behind, access: SEE_EVERYTHING },
            taken: (answer) => (answer as Extract<FromReader, { kind: 'referrers' }>).keys,
          }),
    isUnnamed,
    commit: (commit, asker) =>
      queue.do({ kind: 'commit', commit, time: now() }, asker).then(({ result }) => result),
    maintenance: maintenanceOf({ file: place.file, key, reading }, queue),
    get pendingCommits() {
      return queue.pending
    },
    close: () => {
      closed ??= readers
        .close()
        .then(() => queue.close())
        .finally(() => {
          moment.end()
          db.close()
          place.leave()
        })
      return closed
    },
  }
}
