// The command line's face: argv -> command, its options read, its errors told, its exit status.
import { parseArgs } from 'node:util'
import { EXIT, UsageError, type Command, type CommandContext, type Invocation } from './command.ts'

export { EXIT, type CommandContext, type CompositionRoot } from './command.ts'

interface Listed {
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** Each command's module is loaded only when it is called. */
export const COMMANDS: Readonly<Record<string, Listed>> = {
  serve: {
    summary: 'run the server on the configured database',
    load: async () => (await import('./serve.ts')).serve,
  },
  demo: {
    summary: 'run a throwaway server with a made-up practice in it',
    load: async () => (await import('./demo.ts')).demo,
  },
  load: {
    summary: 'load resources, Bundles and NDJSON from files and folders',
    load: async () => (await import('./load.ts')).load,
  },
  backup: {
    summary: 'write a verified copy of the database to a file, while the server runs',
    load: async () => (await import('./backup.ts')).backup,
  },
  restore: {
    summary: 'verify a backup and put it in place of the database',
    load: async () => (await import('./restore.ts')).restore,
  },
  verify: {
    summary: 'check that bodies, history and index agree, of the database or a backup',
    load: async () => (await import('./verify.ts')).verify,
  },
  reindex: {
    summary: 'make the search index anew from the stored resources',
    load: async () => (await import('./reindex.ts')).reindex,
  },
  relabel: {
    summary: 'label every stored resource anew, by the rules in force',
    load: async () => (await import('./relabel.ts')).relabel,
  },
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const

/** Runs the command that `argv` (without node and script) names. Resolves to the exit status; never throws. */
export async function runCli(
  argv: readonly string[],
  version: string,
  context: CommandContext,
): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const listed = rest[0] === undefined ? undefined : COMMANDS[rest[0]]
    context.stdout.write(
      listed === undefined || rest[0] === undefined
        ? overview(version)
        : commandHelp(rest[0], await listed.load()),
    )
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    context.stdout.write(`${version}\n`)
    return EXIT.ok
  }
  const listed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (listed === undefined) {
    context.stderr.write(
      await unknown(name.startsWith('-') ? 'option' : 'command', name, Object.keys(COMMANDS)),
    )
    context.stderr.write(`"alcove --help" lists the commands.\n`)
    return EXIT.usage
  }
  try {
    const command = await listed.load()
    const invocation = readInvocation(command, rest)
    if (invocation.options['help'] === true) {
      context.stdout.write(commandHelp(name, command))
      return EXIT.ok
    }
    return await command.run(invocation, context)
  } catch (error) {
    return tell(error, name, rest, context)
  }
}

function readInvocation(command: Command, args: readonly string[]): Invocation {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type }]) => [name, { type }]),
  )
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, ...HELP },
    allowPositionals: true,
    strict: true,
  })
  if (command.operands === '' && positionals.length > 0)
    throw new UsageError(`takes no ${JSON.stringify(positionals[0])}`)
  return { operands: positionals, options: values as Invocation['options'] }
}

async function tell(
  error: unknown,
  name: string,
  args: readonly string[],
  { stderr }: CommandContext,
): Promise<number> {
  const { name: kind, message, code } = error as Error & { code?: string }
  if (kind === 'ConfigError') {
    stderr.write(`alcove cannot start; the settings (environment variables) need mending:\n`)
    for (const fault of message.split('\n')) stderr.write(`  ${fault}\n`)
    return EXIT.usage
  }
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const option =
      args.find((it) => it.startsWith('-') && message.includes(`'${it.split('=')[0]}'`)) ?? args[0] ?? ''
    const known = Object.keys((await COMMANDS[name]?.load())?.options ?? {}).map((it) => `--${it}`)
    stderr.write(await unknown(`option of "alcove ${name}"`, option, known))
    stderr.write(`"alcove ${name} --help" lists its options.\n`)
    return EXIT.usage
  }
  if (kind === 'UsageError' || code?.startsWith('ERR_PARSE_ARGS')) {
    stderr.write(`alcove ${name}: ${message}\n"alcove ${name} --help" says more.\n`)
    return EXIT.usage
  }
  if (kind === 'FhirError') {
    const { detail } = error as Error & { detail?: string }
    stderr.write(`alcove ${name}: ${message}${detail === undefined ? '' : ` (${detail})`}\n`)
    return EXIT.failed
  }
  // A plain Error is one made to be read (a database that cannot be opened); any other is a fault of ours.
  if (kind === 'Error') {
    stderr.write(`alcove ${name}: ${message}\n`)
    return EXIT.failed
  }
  stderr.write(`alcove ${name}: unexpected ${(error as Error).stack ?? String(error)}\n`)
  return EXIT.failed
}

async function unknown(what: string, name: string, known: readonly string[]): Promise<string> {
  const { nearestName } = await import('../fhir/index.ts')
  const near = nearestName(name, known)
  return `alcove: there is no ${what} ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}\n`
}

function overview(version: string): string {
  const width = Math.max(...Object.keys(COMMANDS).map((it) => it.length))
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`)
  return (
    `alcove ${version}: a FHIR R4 clinical data server for behavioral health\n\n` +
    `Usage: alcove COMMAND [OPTION...]\n\nCommands:\n${list.join('')}\n` +
    `"alcove COMMAND --help" says more. Settings come from environment variables named ALCOVE_...;\n` +
    `"alcove serve --help" lists them.\n`
  )
}

function commandHelp(name: string, command: Command): string {
  const options = [
    ...Object.entries(command.options).map(([option, it]) => [
      `--${option}${it.value === undefined ? '' : ` ${it.value}`}`,
      it.meaning,
    ]),
    ['--help', 'say this'],
  ] as [string, string][]
  const width = Math.max(...options.map(([option]) => option.length))
  const operands = command.operands === '' ? '' : ` ${command.operands}`
  return (
    `Usage: alcove ${name}${operands} [OPTION...]\n\n${command.description.trim()}\n\nOptions:\n` +
    options.map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}\n`).join('')
  )
}
