// What a command is, and what it is handed: the process's streams, clock and stop signal, and the composition root.
import type { Principal } from '../access/index.ts'
import type { Config } from '../config.ts'
import type { Definitions } from '../fhir/index.ts'
import type { Validator } from '../conformance/index.ts'
import type { Repository } from '../repository/index.ts'
import type { Search } from '../search/index.ts'
import type { Store } from '../store/index.ts'

export interface Option {
  readonly type: 'boolean' | 'string'
  /** What stands for the value in the help: `PORT`. */
  readonly value?: string
  readonly meaning: string
}

export interface Command {
  /** What follows `alcove NAME` in the help: `FILE...`, or ''. */
  readonly operands: string
  /** A paragraph or two of help. */
  readonly description: string
  readonly options: Readonly<Record<string, Option>>
  /** Resolves to the exit status. @throws UsageError, ConfigError, FhirError */
  readonly run: (invocation: Invocation, context: CommandContext) => Promise<number>
}

export interface Invocation {
  readonly operands: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdout: Output
  readonly stderr: Output
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Aborted when the process is asked to end (SIGINT, SIGTERM). */
  readonly stop: AbortSignal
  /** Loads the composition root, only when a command needs it. */
  readonly root: () => Promise<CompositionRoot>
}

/** What `server.ts` builds out of the settings. */
export interface Parts {
  readonly store: Store
  readonly search: Search
  readonly validator: Validator
  readonly definitions: Definitions
  repositoryFor(principal: Principal): Repository
  close(): Promise<void>
}

export interface RunningServer {
  /** Where it answers, without `/fhir`. */
  readonly url: string
  /** Finishes what was accepted. */
  close(): Promise<void>
}

export interface CompositionRoot {
  openParts(config: Config): Promise<Parts>
  startServer(config: Config, parts: Parts): Promise<RunningServer>
  /** A verified copy of the configured database, which another process may have open. */
  backupDatabase(
    config: Config,
    file: string,
    progress?: (done: number, total: number) => void,
  ): Promise<{ readonly resources: number; readonly versions: number; readonly bytes: number }>
  /** Whether another process has the configured database open; also when the database is damaged. */
  databaseInUse(config: Config): Promise<boolean>
}

/** The command line cannot be followed; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Resolves once the process is asked to end. */
export function untilStopped(stop: AbortSignal): Promise<void> {
  return stop.aborted
    ? Promise.resolve()
    : new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
}
