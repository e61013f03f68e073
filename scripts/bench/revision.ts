// A commit, built in a folder of its own with the packages of this checkout.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Revision {
  /** The short hash. */
  readonly name: string
  readonly main: string
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
const MOST_BYTES = 1024 ** 3

/** The commit of this checkout, and whether files differ from it; undefined where there is none. */
export function checkedOut(): string | undefined {
  try {
    return git('describe', '--always', '--dirty').toString().trim()
  } catch {
    return undefined
  }
}

/** @throws Error when there is no such commit, or it does not build */
export function buildRevision(revision: string, folder: string): Revision {
  const name = git('rev-parse', '--short', '--verify', `${revision}^{commit}`).toString().trim()
  const target = path.join(folder, name)
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-x', '-C', target], { input: git('archive', name) })
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(target, 'node_modules'))
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: target, stdio: 'inherit' })
  return { name, main: path.join(target, 'dist', 'main.js') }
}

function git(...args: readonly string[]): Buffer {
  return execFileSync('git', ['-C', CHECKOUT, ...args], {
    maxBuffer: MOST_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}
