// Writes the settings table into README.md between its markers; `--check` only says whether it is already so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { settingsTable } from '../src/cli/settings-help.ts'

const START = '<!-- settings: made by scripts/settings-table.ts -->'
const END = '<!-- /settings -->'

const readme = fileURLToPath(new URL('../README.md', import.meta.url))
const before = existsSync(readme) ? readFileSync(readme, 'utf8') : undefined
const [from, to] = before === undefined ? [-1, -1] : [before.indexOf(START), before.indexOf(END)]

if (before === undefined || from === -1 || to < from) {
  console.error(
    `README.md has no place for the settings: write these two lines where the table goes\n${START}\n${END}`,
  )
  process.exitCode = 1
} else {
  const after = `${before.slice(0, from)}${START}\n${settingsTable()}\n${before.slice(to)}`
  if (process.argv.includes('--check')) {
    if (after !== before) {
      console.error('README.md shows other settings than src/config.ts: run node scripts/settings-table.ts')
      process.exitCode = 1
    }
  } else if (after !== before) writeFileSync(readme, after)
}
