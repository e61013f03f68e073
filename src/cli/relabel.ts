// `alcove relabel`: brings the labels of everything up to the rules in force, and says what changed.
import { readConfig } from '../config.ts'
import type { RelabelStatus } from '../repository/index.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { duration, grouped, progressOn } from './progress.ts'

export const relabel: Command = {
  operands: '',
  description:
    'Goes through every current resource of the configured database and labels it by the rules in force, and by\n' +
    'what it takes from others. Says which labels have come and gone, and of how many resources.\n' +
    'The server must not be running on it; one that runs does the same by itself whenever a rule changes,\n' +
    'and when it is told to by POST [base]/$relabel.',
  options: {},
  run: runRelabel,
}

async function runRelabel(
  _: unknown,
  { env, stdout, stderr, now, stop, root }: CommandContext,
): Promise<number> {
  const config = readConfig(env)
  const { openParts } = await root()
  const parts = await openParts(config)
  const { relabelling, labelRules } = parts
  const end = (): void => void relabelling.stop()
  try {
    for (const { resource, path, message } of labelRules.faults)
      stderr.write(`alcove relabel: ${resource}, ${path}: ${message}\n`)
    const started = now()
    const progress = progressOn(stderr, now)
    await relabelling.request()
    stop.addEventListener('abort', end, { once: true })
    if (stop.aborted) end()
    const status = await relabelling.whenDone(({ done, total }) =>
      progress.report({ done, total, count: done, noun: 'resources', refused: 0 }),
    )
    progress.clear()
    if (status.state !== 'finished') {
      stderr.write(
        `alcove relabel: ${stop.aborted ? 'stopped' : 'interrupted'} after ${grouped(status.done)} of ${grouped(status.total)} resources; run it again to finish\n`,
      )
      return stop.aborted ? EXIT.interrupted : EXIT.failed
    }
    for (const resource of status.setAside)
      stderr.write(`alcove relabel: ${resource} cannot be labelled anew\n`)
    stdout.write(`${reportText(status)}in ${duration(now() - started)}\n`)
    return EXIT.ok
  } finally {
    stop.removeEventListener('abort', end)
    await parts.close()
  }
}

function reportText({ done, changed, added, removed, byType }: RelabelStatus): string {
  const list = (of: Readonly<Record<string, number>>, sign: string): string =>
    Object.entries(of)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${sign}${name}  ${grouped(count)}\n`)
      .join('')
  return (
    list(byType, '') +
    list(added, '+ ') +
    list(removed, '- ') +
    `${grouped(done)} resources gone through, the labels of ${grouped(changed)} changed, `
  )
}
