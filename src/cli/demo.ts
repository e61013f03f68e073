// `alcove demo`: a throwaway server on this machine with the made-up practice in it.
import { UNAUTHENTICATED } from '../access/index.ts'
import { baseUrlOf, readConfig, type Config } from '../config.ts'
import type { Resource } from '../fhir/index.ts'
import {
  EXIT,
  untilStopped,
  UsageError,
  type Command,
  type CommandContext,
  type Invocation,
  type Parts,
} from './command.ts'
import { answerAlerts, billPayers, demoPractice, setPrices } from './demo-practice/index.ts'
import { freePort } from './free-port.ts'
import { bundleExecutor } from './load/bundle.ts'

const PORT = 8080

export const demo: Command = {
  operands: '',
  description:
    'Runs a server on 127.0.0.1 with a made-up behavioral-health practice in it: two clinics, a dozen patients with\n' +
    'diagnoses, treatment plans, assessments over months, group sessions, medications, coverage and consents, and the\n' +
    'claims of its visits.\n' +
    'Everything is gone when it ends (Ctrl-C).',
  options: {
    port: { type: 'string', value: 'PORT', meaning: `listen here (default ${PORT}; 0 takes a free port)` },
    json: { type: 'boolean', meaning: 'say where it listens and what to try as one line of JSON' },
  },
  run: runDemo,
}

async function runDemo(
  { options }: Invocation,
  { env, stdout, stderr, now, stop, root }: CommandContext,
): Promise<number> {
  const json = options['json'] === true
  const host = '127.0.0.1'
  const wanted = readPort(options['port'])
  let port = await freePort(host, wanted ?? PORT)
  if (port === undefined && wanted !== undefined)
    throw new UsageError(`port ${wanted} is taken by another program; --port 0 takes a free one`)
  if (port === undefined) {
    port = (await freePort(host, 0)) ?? 0
    stderr.write(`alcove demo: port ${PORT} is taken by another program, so this one listens on ${port}\n`)
  }
  const { openParts, startServer } = await root()
  const config = configOf(env, host, port)
  const parts = await openParts(config)
  try {
    const resources = await fill(parts, config, now)
    const server = await startServer(config, parts)
    const url = `${server.url}/fhir`
    const lines = worthTrying(url)
    stdout.write(
      json
        ? `${JSON.stringify({ url, resources, try: lines.map(({ command }) => command) })}\n`
        : announcement(url, resources, lines),
    )
    await untilStopped(stop)
    await server.close()
  } finally {
    await parts.close()
  }
  return EXIT.ok
}

/** The demo's own store and address; of the environment only what does not concern these. */
function configOf(env: CommandContext['env'], host: string, port: number): Config {
  const { ALCOVE_DATABASE: _, ALCOVE_ENCRYPTION_KEY_FILE: __, ALCOVE_HOST: ___, ...rest } = env
  const config = readConfig({
    ALCOVE_LOG_LEVEL: 'warn',
    ALCOVE_DRAFT_CLAIMS: 'on',
    ...rest,
    ALCOVE_DATABASE: 'sqlite::memory:',
    ALCOVE_HOST: host,
    ALCOVE_PORT: String(port),
    ALCOVE_BASE_URL: '',
  })
  return Object.freeze({ ...config, baseUrl: baseUrlOf(config, port) })
}

function readPort(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (typeof text !== 'string' || !/^\d+$/.test(text) || port > 65535)
    throw new UsageError(`--port is ${JSON.stringify(text)}, but must be a whole number from 0 to 65535`)
  return port
}

/** Puts the practice in; resolves to how many resources it has. */
async function fill(parts: Parts, config: Config, now: () => number): Promise<number> {
  const execute = bundleExecutor(parts, `${baseUrlOf(config, config.port)}/fhir`, now)
  const repository = parts.repositoryFor(UNAUTHENTICATED)
  const load = async (bundle: Resource) => {
    const { outcomes } = await execute(bundle, repository)
    return outcomes.filter((it) => it === 'created').length
  }
  await setPrices(repository)
  const counts: number[] = []
  for (const step of demoPractice(now())) counts.push(...(await Promise.all(step.map(load))))
  await answerAlerts(repository, now())
  await billPayers(repository, parts.billing, now())
  return counts.reduce((sum, count) => sum + count, 0)
}

interface Line {
  readonly what: string
  readonly command: string
}

function worthTrying(url: string): readonly Line[] {
  return [
    { what: 'a patient', command: `curl '${url}/Patient/rosa-delgado?_pretty=true'` },
    {
      what: 'the course of her depression and anxiety, as a chart: open it in a browser',
      command: `curl '${url}/Patient/rosa-delgado/$outcomes?_format=image/svg%2Bxml' -o rosa.svg`,
    },
    {
      what: 'somebody answered that they thought of hurting themselves: what is still to be done about it',
      command: `curl '${url}/Task?status=requested&priority=stat,asap&_include=Task:patient&_pretty=true'`,
    },
    {
      what: 'her PHQ-9 scores over the months, with the patient beside them',
      command: `curl '${url}/Observation?patient=rosa-delgado&code=http://loinc.org|44261-6&_include=Observation:patient&_pretty=true'`,
    },
    {
      what: 'claims that the server made of finished visits and their notes, not sent yet',
      command: `curl '${url}/Claim?status=draft&_count=3&_include=Claim:patient&_pretty=true'`,
    },
    {
      what: 'what the practice charged, was paid and was denied, by month, as a chart',
      command: `curl '${url}/$revenue?group=month&_format=image/svg%2Bxml' -o revenue.svg`,
    },
    {
      what: 'write one of your own',
      command: `curl '${url}/Patient?_pretty=true' -H 'Content-Type: application/fhir+json' -d '{"resourceType":"Patient","name":[{"family":"Example"}]}'`,
    },
  ]
}

function announcement(url: string, resources: number, lines: readonly Line[]): string {
  return (
    `\nAlcove is running with a made-up practice of ${resources} resources at\n\n  ${url}\n\nWorth trying:\n\n` +
    lines.map(({ what, command }) => `  # ${what}\n  ${command}\n`).join('\n') +
    `\nThis store is thrown away at the end; anyone on this machine may read and write it. Ctrl-C ends it.\n`
  )
}
