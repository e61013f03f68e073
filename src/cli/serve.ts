// `alcove serve`: the server on the configured database, until it is asked to end.
import { baseUrlOf, readConfig } from '../config.ts'
import { loadUnoptimized } from '../unoptimized-start.ts'
import { EXIT, untilStopped, UsageError, type Command, type CommandContext } from './command.ts'
import { freePort } from './free-port.ts'
import { settingsHelp } from './settings-help.ts'

export const serve: Command = {
  operands: '',
  description: `Runs the server until Ctrl-C or SIGTERM, then finishes the requests it accepted.\n\nSettings (environment variables):\n${settingsHelp()}`,
  options: {},
  run: runServe,
}

async function runServe(_: unknown, { env, stderr, stop, root }: CommandContext): Promise<number> {
  const asked = readConfig(env)
  const port = await freePort(asked.host, asked.port)
  if (port === undefined)
    throw new UsageError(
      `port ${asked.port} of ${asked.host} is taken by another program: end that one, or set ALCOVE_PORT (0 takes a free port)`,
    )
  const config = Object.freeze({ ...asked, port, baseUrl: baseUrlOf(asked, port) })
  loadUnoptimized()
  const { openParts, startServer } = await root()
  const parts = await openParts(config, { installs: false })
  try {
    const server = await startServer(config, parts)
    try {
      await server.ready
      if (config.auth === 'none')
        stderr.write(
          'alcove: WARNING: ALCOVE_AUTH=none: every program on this machine may read and write every record\n',
        )
      stderr.write(`alcove: serving FHIR R4 at ${server.url}/fhir\n`)
      await untilStopped(stop)
      stderr.write('alcove: ending; finishing what was accepted\n')
    } finally {
      await server.close()
    }
  } finally {
    await parts.close()
  }
  return EXIT.ok
}
