// The entry of the store's threads: the one writer, the readers, and the passing ones that move the log, copy or check a
// database.
import { statSync } from 'node:fs'
import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type Database from 'better-sqlite3-multiple-ciphers'
import { giveMemoryBackWhenIdle } from '../../idle-memory.ts'
import { Batches, failed } from './batches.ts'
import { Checkpoints } from './checkpoints.ts'
import { openConnection, sqliteCode } from './connection.ts'
import { GrowingDictionary } from './dictionary.ts'
import { storageFailed } from './failures.ts'
import { HeldRows } from './held-rows.ts'
import { IdleWork } from './idle-work.ts'
import type { StoreJob } from '../background.ts'
import type { FromWriter, ToWriter, WriterData } from './jobs.ts'
import { runMaintenance, type MaintenanceData } from './maintenance-thread.ts'
import { runCheckpoints, type CheckpointData } from './checkpoint-thread.ts'
import { runReader, type ReaderData } from './reader-thread.ts'
import { packAnswers } from './sent-answers.ts'
import { JobUnpacker } from './sent-jobs.ts'
import { Statements } from './statements.ts'
import { Turn } from './turn.ts'

/** A log longer than this is cut short even if readers must be waited for; bytes. */
const LONGEST_LOG = 256 * 1024 * 1024
const BATCHES_BETWEEN_LOOKS = 64

if (!isMainThread && parentPort !== null) start(workerData as ThreadData, parentPort)

type ThreadData = WriterData | ReaderData | CheckpointData | MaintenanceData

function start(data: ThreadData, port: MessagePort): void {
  if (data.role === 'writer' || data.role === 'reader') giveMemoryBackWhenIdle()
  if (data.role === 'writer') startWriter(data, port)
  else if (data.role === 'reader') runReader(data, port)
  else if (data.role === 'checkpoint') runCheckpoints(data, port)
  else runMaintenance(data, port)
}

function startWriter({ file, key, durable, holdsRows }: WriterData, port: MessagePort): void {
  const db = openConnection({ file, key, durable })
  const statements = new Statements(db)
  const dictionary = new GrowingDictionary(statements)
  const rows = holdsRows ? new HeldRows(statements) : undefined
  const batches = new Batches(statements, dictionary, new Turn({ statements, dictionary }, dictionary, rows))
  const send = (message: FromWriter) => port.postMessage(message)
  const tell = (job: StoreJob, error?: unknown) =>
    send({ kind: 'background', job, error: error === undefined ? undefined : failed(storageFailed(error)) })
  const idle = new IdleWork({
    step: () => batches.indexWords(),
    failed: (error) => tell('full text', error),
    worked: () => tell('full text'),
  })
  const checkpoints = new Checkpoints({
    statements,
    data: { role: 'checkpoint', file, key, durable },
    tell: (error) => tell('log', error),
  })
  const jobs = new JobUnpacker()
  send({ kind: 'opened' })
  idle.postpone()
  let untilLook = BATCHES_BETWEEN_LOOKS

  port.on('message', (message: ToWriter) => {
    if (message.kind === 'close') {
      idle.stop()
      if (holdsRows) finishRows(batches)
      void checkpoints.close().then(() => {
        finish(db)
        send({ kind: 'closed' })
        port.close()
      })
      return
    }
    send({ kind: 'answers', sent: packAnswers(batches.run(jobs.unpack(message.sent))) })
    checkpoints.look()
    idle.postpone()
    if (--untilLook > 0 || checkpoints.isMoving) return
    untilLook = BATCHES_BETWEEN_LOOKS
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false })
    if (log !== undefined && log.size > LONGEST_LOG) tell('log', shorten(db))
  })
}

/** Starts the log anew, when all of it can be moved into the database; else why it cannot. */
function shorten(db: Database): unknown {
  try {
    const [{ busy }] = db.pragma('wal_checkpoint(RESTART)') as [{ busy: number }]
    return busy === 0 ? undefined : new Error('something reads the database for too long')
  } catch (error) {
    return error
  }
}

/** Rows that the disk refuses are put in at the next start. */
function finishRows(batches: Batches): void {
  try {
    batches.putRows()
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error
  }
}

/** What is in the log is durable as it is: when the disk refuses to have it moved, the next start does so. */
function finish(db: Database): void {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    if (sqliteCode(error) === undefined) throw error
  } finally {
    db.close()
  }
}
