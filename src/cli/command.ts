// What a command is, and what it is handed: the process's streams, clock and stop signal, and the composition root.
import type * as root from '../server.ts'

export type { Parts } from '../server.ts'

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

/** What `server.ts` offers: handed in by the process, so that a command loads it only when it needs it. */
export type CompositionRoot = typeof root

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
