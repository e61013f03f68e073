// The processes under load: the built server, started as users start it, and a bare Fastify.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/cli/free-port.ts'

export interface Running {
  /** Without a path. */
  readonly url: string
  /** Milliseconds from the start of the process to its first answer, for whoever asks again until there is one. */
  readonly startMs: number
  /** And until it says that all is ready: that what ships is stored, and writes are taken. */
  readonly readyMs: number
  /** User and system, all threads, since it started. */
  cpuSeconds(): Promise<number>
  residentMegabytes(): Promise<number>
  stop(): Promise<void>
}

/** The built server of this checkout. */
export const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const BARE = fileURLToPath(new URL('./bare-fastify.ts', import.meta.url))
const PATIENCE_MS = 30_000

/** Its log goes to a file, and is written as in production. `first`: the path that is asked for first. */
export async function startServer(
  main: string,
  database: string,
  first = '/fhir/metadata',
): Promise<Running> {
  const port = await freePort('127.0.0.1', 0)
  const env = { ...environment(database), ALCOVE_PORT: String(port) }
  return start({
    args: [main, 'serve'],
    env,
    log: `${database}.log`,
    announced: /serving FHIR R4 at (\S+)\/fhir/,
    first,
    url: `http://127.0.0.1:${port}`,
  })
}

/** Answers with stored bytes, of which it is told how many. */
export function startBareFastify(folder: string): Promise<Running> {
  const log = path.join(folder, 'bare.log')
  return start({
    args: [BARE],
    env: cleanEnvironment(),
    log,
    announced: /listening at (\S+)/,
    first: bareFastifyPath(1),
  })
}

/** What bare Fastify is asked for this many bytes. */
export function bareFastifyPath(bytes: number): string {
  return `/stored/${bytes}`
}

/** For a command on this database, with the defaults of all other settings. */
export function environment(database: string): NodeJS.ProcessEnv {
  return { ...cleanEnvironment(), ALCOVE_DATABASE: `sqlite:${database}` }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ALCOVE_')))
}

interface Starting {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The file that takes what it writes. */
  readonly log: string
  /** What it writes when it is ready; the URL in it. */
  readonly announced: RegExp
  /** The path that is asked for first. */
  readonly first: string
  /** Where it will listen; it is waited for where that is not known. */
  readonly url?: string
}

async function start(starting: Starting): Promise<Running> {
  const { args, env, log, announced, first } = starting
  const output = openSync(log, 'w')
  const started = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', output, output] })
  closeSync(output)
  children.add(child)
  try {
    const url = starting.url ?? (await announcedUrl(child, log, announced))
    await firstAnswer(child, log, url + first)
    const startMs = performance.now() - started
    await announcedUrl(child, log, announced)
    const readyMs = performance.now() - started
    const metric = async (name: string): Promise<number> => {
      const text = await answered(`${url}/metrics`)
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
    }
    return {
      url,
      startMs,
      readyMs,
      cpuSeconds: () => metric('process_cpu_seconds_total'),
      residentMegabytes: async () => (await metric('process_resident_memory_bytes')) / 1024 / 1024,
      stop: () => stop(child),
    }
  } catch (error) {
    await stop(child)
    throw error
  }
}

async function announcedUrl(child: ChildProcess, log: string, announced: RegExp): Promise<string> {
  const latest = performance.now() + PATIENCE_MS
  while (performance.now() < latest && child.exitCode === null) {
    const url = announced.exec(readFileSync(log, 'utf8'))?.[1]
    if (url !== undefined) return url
    await sleep(2)
  }
  throw new Error(`it did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
}

/** Asks again for as long as nobody listens, or whoever does is only looking whether the port is free. */
async function firstAnswer(child: ChildProcess, log: string, url: string): Promise<void> {
  const latest = performance.now() + PATIENCE_MS
  while (performance.now() < latest && child.exitCode === null) {
    try {
      await answered(url)
      return
    } catch (error) {
      const isConnectionFault = (error as Error).cause !== undefined
      if (!isConnectionFault) throw error
    }
    await sleep(2)
  }
  throw new Error(`it did not answer:\n${readFileSync(log, 'utf8').slice(-2000)}`)
}

async function answered(url: string): Promise<string> {
  const response = await fetch(url)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 300)}`)
  return text
}

/** None outlives the bench, however that ends. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

async function stop(child: ChildProcess): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
