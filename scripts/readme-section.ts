// Puts text that is made from the code between its two markers in README.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const README = fileURLToPath(new URL('../README.md', import.meta.url))

/**
 * With `--check` on the command line only says whether it is already so; the exit code tells.
 * @param name of the section in its markers
 * @param script that makes it, below scripts/
 * @param text Markdown, without a newline at its end
 */
export function writeReadmeSection(name: string, script: string, text: string): void {
  const start = `<!-- ${name}: made by scripts/${script} -->`
  const end = `<!-- /${name} -->`
  const before = existsSync(README) ? readFileSync(README, 'utf8') : ''
  const [from, to] = [before.indexOf(start), before.indexOf(end)]
  if (from === -1 || to < from) {
    console.error(`README.md has no place for ${name}: write these two lines where it goes\n${start}\n${end}`)
    process.exitCode = 1
    return
  }
  const after = `${before.slice(0, from)}${start}\n${text}\n${before.slice(to)}`
  if (after === before) return
  if (process.argv.includes('--check')) {
    console.error(`README.md tells other ${name} than the code: run node scripts/${script}`)
    process.exitCode = 1
  } else writeFileSync(README, after)
}
