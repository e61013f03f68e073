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

/** @throws Error when there is no such commit, or it does not build */
export function buildRevision(revision: string, folder: string): Revision {
  const git = (...args: readonly string[]): Buffer =>
    execFileSync('git', ['-C', CHECKOUT, ...args], { maxBuffer: MOST_BYTES })
  const name = git('rev-parse', '--short', '--verify', `${revision}^{commit}`).toString().trim()
  const target = path.join(folder, name)
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-x', '-C', target], { input: git('archive', name) })
  symlinkSync(path.join(CHECKOUT, 'node_modules'), path.join(target, 'node_modules'))
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: target, stdio: 'inherit' })
  return { name, main: path.join(target, 'dist', 'main.js') }
}
