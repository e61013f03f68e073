// Kills the server under its writers again and again, on one database: npm run torture -- --rounds 100 [--encrypted]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { killRound } from '../test/e2e/kill-round.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    writers: { type: 'string', default: '32' },
    encrypted: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const writers = Number(values.writers)
if (!(rounds >= 1 && writers >= 1)) throw new Error('--rounds and --writers must be numbers from 1')

const folder = mkdtempSync(path.join(tmpdir(), 'alcove-torture-'))
const keyFile = values.encrypted ? path.join(folder, 'alcove.key') : undefined
if (keyFile !== undefined) writeFileSync(keyFile, randomBytes(32))
let failed = 0
for (let round = 1; round <= rounds; round++) {
  const killAfterMs = 50 + Math.random() * 1500
  const ends: (() => unknown)[] = []
  const { acknowledged, unanswered, broken } = await killRound(
    { teardown: (work) => ends.push(work) },
    { file: `${folder}/alcove.db`, keyFile, round, writers, killAfterMs, random: Math.random },
  )
  for (const end of ends) await end()
  failed += broken.length
  console.log(
    `round ${round}: killed after ${Math.round(killAfterMs)} ms, ${acknowledged} acknowledged, ` +
      `${unanswered} unanswered, ${broken.length} broken`,
  )
  for (const it of broken) console.log(`  ${it}`)
}
if (failed === 0) rmSync(folder, { recursive: true })
else console.log(`the database is kept: ${folder}`)
process.exitCode = failed === 0 ? 0 : 1
