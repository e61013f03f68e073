// kill -9 and power cuts under 32 writers: what was acknowledged is there, nothing is there by half. `npm run torture`
// goes on longer.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { faultyDisk } from './crash/faulty-disk.ts'
import { killRounds } from './crash/kill-rounds.ts'
import { seeded } from './crash/seeded.ts'
import { temporaryFolder } from './server-process.ts'

// Processes are started on machines of any speed.
t.setTimeout(600_000)

const folder = await temporaryFolder(t)
const keyFile = `${folder}/alcove.key`
writeFileSync(keyFile, randomBytes(32))
const disk = faultyDisk(folder)
const seed = randomBytes(4).readInt32LE()
t.comment(`seed ${seed}`)

const SERIES = [
  { name: 'kill -9', rounds: 11 },
  { name: 'kill -9 of an encrypted database', rounds: 5, keyFile },
  { name: 'a power cut', rounds: 4, power: disk },
]

for (const { name, rounds, power, ...more } of SERIES)
  t.test(`${name} under 32 writers`, { skip: typeof power === 'string' && power }, async (t) => {
    let acknowledged = 0
    const faults = await killRounds(t, {
      file: `${folder}/${rounds}.db`,
      ...more,
      power: typeof power === 'string' ? undefined : power,
      first: 1,
      rounds,
      writers: 32,
      random: seeded(seed),
      killAfterMs: [80, 450],
      verifyEvery: 5,
      told: ({ round, broken, unanswered, ...rest }) => {
        acknowledged += rest.acknowledged
        t.same(broken.slice(0, 20), [], `round ${round}: ${rest.acknowledged} acknowledged`)
        t.ok(unanswered > 0, 'it ended at work')
      },
    })
    t.same(faults, [], 'the database is whole at the end')
    t.ok(acknowledged > 0, `${acknowledged} writes acknowledged`)
  })
