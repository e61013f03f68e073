// Runs a command in this process as main.ts would, and keeps what it prints.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runCli, type CommandContext } from '../../src/cli/index.ts'

export interface Run {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stop?: AbortSignal
  /** Called with each piece of standard output as it comes. */
  readonly heard?: (text: string) => void
  readonly now?: () => number
}

export async function alcove(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  let stdout = ''
  let stderr = ''
  const context: CommandContext = {
    env: { ALCOVE_LOG_LEVEL: 'silent', ...options.env },
    cwd: options.cwd ?? '/',
    stdout: {
      write(text) {
        stdout += text
        options.heard?.(text)
      },
    },
    stderr: {
      write(text) {
        stderr += text
      },
    },
    now: options.now ?? Date.now,
    stop: options.stop ?? new AbortController().signal,
    root: () => import('../../src/server.ts'),
  }
  const status = await runCli(args, '9.9.9', context)
  return { status, stdout, stderr }
}

/** Writes files below a folder; text or bytes by path. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}
