// The processes under load: the built server, started as users start it, and a bare Fastify.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Running {
  /** Without a path. */
  readonly url: string
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number
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
export function startServer(main: string, database: string, first = '/fhir/metadata'): Promise<Running> {
  const env = { ...environment(database), ALCOVE_PORT: '0' }
  return start([main, 'serve'], env, `${database}.log`, /serving FHIR R4 at (\S+)\/fhir/, first)
}

/** Answers with stored bytes, of which it is told how many. */
export function startBareFastify(folder: string): Promise<Running> {
  const log = path.join(folder, 'bare.log')
  return start([BARE], cleanEnvironment(), log, /listening at (\S+)/, bareFastifyPath(1))
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

async function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  log: string,
  announced: RegExp,
  first: string,
): Promise<Running> {
  const output = openSync(log, 'w')
  const started = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', output, output] })
  closeSync(output)
  children.add(child)
  try {
    const url = await announcedUrl(child, log, announced)
    await answered(url + first)
    const startMs = performance.now() - started
    const metric = async (name: string): Promise<number> => {
      const text = await answered(`${url}/metrics`)
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
    }
    return {
      url,
      startMs,
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
