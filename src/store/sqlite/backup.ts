// Copies a database while it is in use, encrypted as the source is, and checks the copy before giving it its name.
import { existsSync, linkSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FhirError } from '../../fhir/errors.ts'
import { createPrivate } from './connection.ts'
import type { Counts, MaintenanceData, MaintenanceReport } from './maintenance-thread.ts'
import { startThread } from './thread-entry.ts'

const MILLISECONDS_BETWEEN_LOOKS = 200

/**
 * Takes no lock: another process may have the source open and go on writing.
 * @throws FhirError `not-found` when there is no source, `conflict` when `to` is there already, `storage-failed` when it cannot be written or is not whole
 */
export async function backupSqlite(
  source: { readonly file: string; readonly key?: Uint8Array | undefined },
  to: string,
  progress?: (done: number, total: number) => void,
): Promise<Counts & { readonly bytes: number }> {
  if (existsSync(to)) throw taken(to)
  // The log's pages are in it or replace some of it: near enough to show how far it is.
  const total = statSync(source.file, { throwIfNoEntry: false })?.size
  if (total === undefined) throw new FhirError('not-found', `There is no database ${source.file}.`)
  const part = `${to}.part-${process.pid}`
  const looking =
    progress &&
    setInterval(() => {
      const done = statSync(part, { throwIfNoEntry: false })?.size ?? 0
      progress(Math.min(done, total), total)
    }, MILLISECONDS_BETWEEN_LOOKS)
  try {
    createPrivate(part)
    await runInThread({ role: 'copy', file: source.file, key: source.key, to: part })
    const { problems, counts } = await runInThread({ role: 'verify', file: part, key: source.key })
    if (problems.length > 0) {
      throw new FhirError('storage-failed', `The copy is not whole: ${problems.join(' ')}`)
    }
    const bytes = statSync(part).size
    await sync(part)
    give(part, to)
    await sync(dirname(to))
    progress?.(bytes, bytes)
    return { ...counts, bytes }
  } catch (error) {
    if (error instanceof FhirError) throw error
    throw cannotWrite((error as Error).message, error)
  } finally {
    clearInterval(looking)
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(part + ending, { force: true })
  }
}

/**
 * Whether bodies, versions, index rows and words agree, as of one moment. Takes no lock, writes nothing: the database
 * may be in use.
 * @returns what is wrong, a line each, without what resources hold; empty when nothing is
 * @throws Error when it cannot be opened or read
 */
export async function verifySqlite(
  { file, key }: { readonly file: string; readonly key?: Uint8Array | undefined },
  progress?: (done: number, total: number) => void,
): Promise<readonly string[]> {
  return (await runInThread({ role: 'verify', file, key }, progress)).problems
}

/** A link is refused where a file is; a rename would take its place. */
function give(part: string, to: string): void {
  try {
    linkSync(part, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(to)
    throw error
  }
}

function cannotWrite(why: string, cause?: unknown): FhirError {
  return new FhirError('storage-failed', `The backup cannot be written: ${why}`, { cause })
}

function taken(file: string): FhirError {
  return new FhirError('conflict', `${file} is there already. Choose another name for the backup.`)
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function runInThread(
  data: MaintenanceData,
  progress?: (done: number, total: number) => void,
): Promise<Extract<MaintenanceReport, { kind: 'done' }>> {
  return new Promise((resolve, reject) => {
    const thread = startThread(data)
    const failed = (why: string) =>
      reject(
        data.role === 'copy' ? cannotWrite(why) : new FhirError('storage-failed', `The check failed: ${why}`),
      )
    thread.on('message', (report: MaintenanceReport) => {
      if (report.kind === 'progress') progress?.(report.done, report.total)
      else if (report.kind === 'done') resolve(report)
      else failed(report.message)
    })
    thread.on('error', (error: unknown) => failed(String(error)))
    thread.on('exit', () => failed('its thread ended'))
  })
}
