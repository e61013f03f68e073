// `alcove backup FILE`: a consistent, verified copy of the database, while the server runs or not.
import { readConfig } from '../config.ts'
import { EXIT, UsageError, type Command, type CommandContext, type Invocation } from './command.ts'
import { resolve } from 'node:path'
import { grouped, progressOn } from './progress.ts'

export const backup: Command = {
  operands: 'FILE',
  description:
    'Writes a copy of the configured database to FILE, which must not be there yet. The server may go on running.\n' +
    'The copy is read back and verified before the command says that it is done. It is encrypted with the same key\n' +
    'as the database: without that key it cannot be restored.',
  options: {},
  run: runBackup,
}

async function runBackup(
  { operands }: Invocation,
  { env, cwd, stdout, stderr, now, root }: CommandContext,
): Promise<number> {
  const [file, ...more] = operands
  if (file === undefined || more.length > 0) throw new UsageError('takes one FILE, where the copy goes')
  const config = readConfig(env)
  if (config.database.file === ':memory:')
    throw new UsageError('a throwaway store has no backup: set ALCOVE_DATABASE to the database')
  const { backupDatabase } = await root()
  const progress = progressOn(stderr, now)
  const { resources, versions, bytes } = await backupDatabase(config, resolve(cwd, file), (done, total) =>
    progress.report({ done, total, count: done, noun: 'bytes', refused: 0 }),
  )
  progress.clear()
  stdout.write(
    `${file}: ${grouped(resources)} resources, ${grouped(versions)} versions, ${grouped(bytes)} bytes, verified\n`,
  )
  return EXIT.ok
}
