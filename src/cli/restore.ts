// `alcove restore FILE`: verifies a backup, then puts it in place of the configured database.
import { constants } from 'node:fs'
import { access, copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readConfig, type Config } from '../config.ts'
import {
  EXIT,
  UsageError,
  type Command,
  type CommandContext,
  type CompositionRoot,
  type Invocation,
} from './command.ts'
import { grouped } from './progress.ts'

export const restore: Command = {
  operands: 'FILE',
  description:
    'Verifies the backup FILE and makes it the configured database. FILE itself stays as it is. No server may be\n' +
    'running on the database. With --force a database that is there already is set aside under another name.',
  options: { force: { type: 'boolean', meaning: 'replace a database that is there already' } },
  run: runRestore,
}

/** What SQLite keeps beside a database; they belong to it and move with it. */
const COMPANIONS = ['-wal', '-shm']

async function runRestore(
  { operands, options }: Invocation,
  { env, cwd, stdout, stderr, now, root }: CommandContext,
): Promise<number> {
  const [named, ...more] = operands
  if (named === undefined || more.length > 0) throw new UsageError('takes one FILE, a backup')
  const config = readConfig(env)
  const database = config.database.file
  if (database === ':memory:')
    throw new UsageError('a throwaway store cannot be restored: set ALCOVE_DATABASE to the database')
  const file = resolve(cwd, named)
  await access(file, constants.R_OK)
  if (file === database) throw new UsageError(`${named} is the database itself`)
  const composition = await root()
  await refuseIfInUse(composition, config)
  const present = await exists(database)
  if (present && options['force'] !== true)
    throw new UsageError(
      `${database} is there already; --force sets it aside and puts the backup in its place`,
    )

  await mkdir(dirname(database), { recursive: true, mode: 0o700 })
  const copy = `${database}.restoring`
  try {
    await removeDatabase(copy)
    await copyFile(file, copy)
    const { faults, resources, versions } = await verify(composition, config, copy).catch((error: Error) => {
      if (error.name !== 'Error') throw error
      throw new Error(error.message.replaceAll(copy, named), { cause: error })
    })
    if (faults.length > 0) {
      stderr.write(`alcove restore: ${named} is damaged; nothing was replaced\n`)
      for (const fault of faults) stderr.write(`  ${fault}\n`)
      return EXIT.failed
    }
    await sync(copy)
    await refuseIfInUse(composition, config)
    const aside = `${database}.replaced-${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '')}`
    if (present) await moveDatabase(database, aside)
    else await removeDatabase(database)
    await rename(copy, database)
    await sync(dirname(database))
    stdout.write(`${database}: ${grouped(resources)} resources, ${grouped(versions)} versions, verified\n`)
    if (present)
      stdout.write(`what was there before is kept as ${aside}; delete it when it is no longer needed\n`)
    return EXIT.ok
  } finally {
    await removeDatabase(copy)
  }
}

async function refuseIfInUse({ databaseInUse }: CompositionRoot, config: Config): Promise<void> {
  if (await databaseInUse(config))
    throw new Error(`a server is running on ${config.database.file}: end it first`)
}

async function verify({ openParts }: CompositionRoot, config: Config, file: string) {
  const parts = await openParts(Object.freeze({ ...config, database: { kind: 'sqlite', file } as const }))
  try {
    const faults = await parts.store.maintenance.verify()
    return { faults, ...(await parts.store.maintenance.counts()) }
  } finally {
    await parts.close()
  }
}

async function moveDatabase(from: string, to: string): Promise<void> {
  // The journal first: a database whose journal has gone ahead is whole or old, never mixed with another's.
  for (const suffix of [...COMPANIONS, ''])
    if (await exists(from + suffix)) await rename(from + suffix, to + suffix)
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', ...COMPANIONS, '.lock']) await rm(file + suffix, { force: true })
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

/** Has the disk keep a file's bytes, or a folder's names. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
