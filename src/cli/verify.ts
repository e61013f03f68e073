// `alcove verify [FILE]`: checks that bodies, history and index agree, and says what does not.
import { resolve } from 'node:path'
import { readConfig, type Config } from '../config.ts'
import { EXIT, UsageError, type Command, type CommandContext, type Invocation } from './command.ts'
import { grouped, progressOn } from './progress.ts'

export const verify: Command = {
  operands: '[FILE]',
  description:
    'Checks FILE, a database or a backup, or the configured database when no FILE is named; a server may be running\n' +
    'on it. Every version is read, every index row compared with what its resource says, and every word of the text\n' +
    'index. Nothing is changed. Says what is wrong by type and id, never what a resource holds, and ends with status\n' +
    '1 when something is.',
  options: {},
  run: runVerify,
}

async function runVerify(
  { operands }: Invocation,
  { env, cwd, stdout, stderr, now, stop, root }: CommandContext,
): Promise<number> {
  const [named, ...more] = operands
  if (more.length > 0) throw new UsageError('takes one FILE')
  const config = configFor(readConfig(env), named === undefined ? undefined : resolve(cwd, named))
  if (config.database.file === ':memory:')
    throw new UsageError('a throwaway store cannot be verified: name a FILE, or set ALCOVE_DATABASE')
  const { verifyDatabase } = await root()
  const progress = progressOn(stderr, now)
  const { problems, notes, counts, finished } = await verifyDatabase(
    config,
    ({ done, total, what }) => progress.report({ done, total, count: done, noun: what, refused: 0 }),
    stop,
  )
  progress.clear()
  for (const note of notes) stderr.write(`alcove verify: ${note}\n`)
  for (const problem of problems) stdout.write(`${problem}\n`)
  const { file } = config.database
  if (problems.length > 0) {
    stderr.write(
      `alcove verify: ${file} has ${problems.length === 1 ? 'one fault' : `${grouped(problems.length)} faults`}. ` +
        'Keep it as it is, and restore a backup that "alcove verify BACKUP" finds no fault in.\n',
    )
    return EXIT.failed
  }
  if (!finished) {
    stderr.write('alcove verify: stopped before the end; nothing was found so far\n')
    return EXIT.interrupted
  }
  stdout.write(
    counts === undefined
      ? `${file}: bodies and history agree\n`
      : `${file}: ${grouped(counts.resources)} resources, ${grouped(counts.versions)} versions; bodies, history and index agree\n`,
  )
  return EXIT.ok
}

function configFor(config: Config, file: string | undefined): Config {
  return file === undefined
    ? config
    : Object.freeze({ ...config, database: { kind: 'sqlite', file } as const })
}
