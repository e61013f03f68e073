// The server as a process of its own, started as a user starts it: `alcove serve` with an environment.
// The sources are run; TEST_MAIN names another entry point, such as dist/main.js.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '../clients/client.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ANNOUNCEMENT = /^alcove: serving FHIR R4 at (\S+)\/fhir$/m

export type Environment = Readonly<Record<string, string>>

interface Teardown {
  teardown(work: () => unknown): void
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** What it wrote. */
  readonly stdout: string
  readonly stderr: string
}

export interface ServerProcess {
  readonly client: Client
  /** Without `/fhir`. */
  readonly url: string
  readonly port: number
  /** Everything written to standard error so far. */
  log(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
  /** Asks it to end, and waits until it has. */
  stop(): Promise<Ended>
}

/** A folder of its own, gone when the test is done. */
export async function temporaryFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'alcove-e2e-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a command to its end. */
export function runAlcove(args: readonly string[], env: Environment): Promise<Ended> {
  return start(args, env).ended
}

/** A server on a free port, ended with the test if it still runs. @throws Error with what it wrote when it does not start */
export async function serve(t: Teardown, env: Environment): Promise<ServerProcess> {
  const { child, log, ended } = start(['serve'], { ALCOVE_PORT: '0', ...env })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const found = ANNOUNCEMENT.exec(log())?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stderr?.on('data', look)
    void ended.then(({ status, stderr }) => reject(new Error(`the server ended with ${status}:\n${stderr}`)))
  })
  return {
    client: new Client(url),
    url,
    port: Number(new URL(url).port),
    log,
    kill: (signal) => child.kill(signal),
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

interface Started {
  readonly child: ChildProcess
  readonly log: () => string
  readonly ended: Promise<Ended>
}

function start(args: readonly string[], env: Environment): Started {
  const main = process.env['TEST_MAIN'] ?? 'src/main.ts'
  const child = spawn(process.execPath, [path.resolve(ROOT, main), ...args], {
    cwd: ROOT,
    env: { ...ownEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }) as Ended)
  return { child, log: () => stderr, ended }
}

/** Settings of whoever runs the tests are not ours. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ALCOVE_')))
}
