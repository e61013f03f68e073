// `alcove reindex`: makes the search index anew from the stored resources.
import { readConfig } from '../config.ts'
import { reindex as replaceIndex } from '../repository/index.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { duration, grouped, progressOn } from './progress.ts'

export const reindex: Command = {
  operands: '',
  description:
    'Goes through every current resource of the configured database and makes its search index anew,\n' +
    'whatever stands there: it mends what "alcove verify" finds wrong with index rows and words.\n' +
    'The server must not be running on it. Resources and their versions stay as they are.',
  options: {},
  run: runReindex,
}

async function runReindex(
  _: unknown,
  { env, stdout, stderr, now, stop, root }: CommandContext,
): Promise<number> {
  const config = readConfig(env)
  const { openParts } = await root()
  const parts = await openParts(config)
  try {
    const started = now()
    const progress = progressOn(stderr, now)
    const { replaced, finished } = await replaceIndex(parts.store, parts.search, {
      how: 'anew',
      progress: ({ done, total }) =>
        progress.report({ done, total, count: done, noun: 'resources', refused: 0 }),
      stop,
    })
    progress.clear()
    if (!finished) {
      stderr.write(`alcove reindex: stopped after ${grouped(replaced)} resources; run it again to finish\n`)
      return EXIT.interrupted
    }
    await parts.customParameters.reindexed()
    stdout.write(`${grouped(replaced)} resources indexed in ${duration(now() - started)}\n`)
    return EXIT.ok
  } finally {
    await parts.close()
  }
}
