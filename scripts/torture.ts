// Kills the built server under its writers again and again, or cuts its power, on databases that grow over some rounds,
// plain and encrypted: npm run torture -- [--rounds 1000] [--minutes 30] [--seed 7] [--writers 32] [--encrypted | --plain]
// [--power | --kill]
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { duration, grouped } from '../src/cli/progress.ts'
import { faultyDisk } from '../test/e2e/crash/faulty-disk.ts'
import { killRounds } from '../test/e2e/crash/kill-rounds.ts'
import { seeded } from '../test/e2e/crash/seeded.ts'

/** On one database; the next begins with none. */
const ROUNDS_A_DATABASE = 25
const VERIFY_EVERY = 5

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: String(randomBytes(4).readInt32LE()) },
    writers: { type: 'string', default: '32' },
    encrypted: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
    power: { type: 'boolean', default: false },
    kill: { type: 'boolean', default: false },
  },
})
const rounds = values.minutes === undefined ? Number(values.rounds) : Infinity
const writers = Number(values.writers)
const milliseconds = values.minutes === undefined ? Infinity : Number(values.minutes) * 60_000
const seed = Number(values.seed)
if (!(rounds >= 1 && writers >= 1 && milliseconds > 0 && Number.isInteger(seed)))
  throw new Error('--rounds and --writers must be numbers from 1, --minutes a number, --seed an integer')

// A server that is run from its sources takes most of a round to start.
process.env['TEST_MAIN'] ??= 'dist/main.js'
const started = Date.now()
const isOver = (): boolean => Date.now() - started >= milliseconds
const random = seeded(seed)
const folder = mkdtempSync(path.join(tmpdir(), 'alcove-torture-'))
const keyFile = path.join(folder, 'alcove.key')
writeFileSync(keyFile, randomBytes(32))
console.log(`seed ${seed}, ${writers} writers, in ${folder}`)

const disk = faultyDisk(folder)
if (typeof disk === 'string') console.log(`no power cuts: ${disk}`)

let failed = 0
let acknowledged = 0
let done = 0
for (let database = 0; done < rounds && !isOver(); database++) {
  const isEncrypted = values.encrypted || (!values.plain && database % 4 > 1)
  const cutsPower = values.power || (!values.kill && database % 2 === 1)
  const power = typeof disk === 'string' || !cutsPower ? undefined : disk
  const kind = `${isEncrypted ? 'encrypted' : 'plain'}, ${power === undefined ? 'killed' : 'without power'}`
  const file = path.join(folder, `${database}.db`)
  const ends: (() => unknown)[] = []
  const faults = await killRounds(
    { teardown: (work) => ends.push(work) },
    {
      file,
      keyFile: isEncrypted ? keyFile : undefined,
      first: done + 1,
      rounds: Math.min(ROUNDS_A_DATABASE, rounds - done),
      writers,
      random,
      power,
      killAfterMs: [20, 1500],
      verifyEvery: VERIFY_EVERY,
      told: (result) => {
        done++
        acknowledged += result.acknowledged
        tell(result.broken)
        console.log(
          `${duration(Date.now() - started)} round ${result.round}${rounds === Infinity ? '' : ` of ${rounds}`}, ` +
            `${kind} after ${result.killedAfterMs} ms, ` +
            `${result.acknowledged} acknowledged, ${result.unanswered} unanswered, ${result.broken.length} broken`,
        )
        return !isOver()
      },
    },
  )
  tell(faults)
  for (const end of ends) await end()
  if (failed > 0) break
  for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(file + suffix, { force: true })
}
console.log(`${done} rounds, ${grouped(acknowledged)} writes acknowledged, ${failed} broken`)
if (failed === 0) rmSync(folder, { recursive: true })
else console.log(`the database is kept: ${folder}`)
process.exitCode = failed === 0 ? 0 : 1

function tell(broken: readonly string[]): void {
  failed += broken.length
  for (const it of broken) console.log(`  ${it}`)
}
