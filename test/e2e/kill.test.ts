// kill -9 under 32 writers: what was acknowledged is there, nothing is there by half. `npm run torture` goes on longer.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { killRounds } from './crash/kill-rounds.ts'
import { seeded } from './crash/seeded.ts'
import { temporaryFolder } from './server-process.ts'

// Processes are started on machines of any speed.
t.setTimeout(600_000)

const ROUNDS = { plain: 13, encrypted: 7 }

t.test('kill -9 under 32 writers, 20 times', async (t) => {
  const folder = await temporaryFolder(t)
  const keyFile = `${folder}/alcove.key`
  writeFileSync(keyFile, randomBytes(32))
  const seed = randomBytes(4).readInt32LE()
  t.comment(`seed ${seed}`)
  for (const [kind, rounds] of Object.entries(ROUNDS)) {
    let acknowledged = 0
    const faults = await killRounds(t, {
      file: `${folder}/${kind}.db`,
      keyFile: kind === 'encrypted' ? keyFile : undefined,
      first: 1,
      rounds,
      writers: 32,
      random: seeded(seed),
      killAfterMs: [80, 450],
      verifyEvery: 5,
      told: ({ round, broken, unanswered, ...rest }) => {
        acknowledged += rest.acknowledged
        t.same(broken.slice(0, 20), [], `${kind} round ${round}: ${rest.acknowledged} acknowledged`)
        t.ok(unanswered > 0, 'it was killed at work')
      },
    })
    t.same(faults, [], `the ${kind} database is whole at the end`)
    t.ok(acknowledged > rounds, `${acknowledged} writes acknowledged`)
  }
})
