// kill -9 under writers: what was acknowledged is there, nothing is there by half. `npm run torture` goes on longer.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { killRound } from './kill-round.ts'
import { temporaryFolder } from './server-process.ts'

// Processes are started on machines of any speed.
t.setTimeout(300_000)

t.test('kill -9 under 32 writers', async (t) => {
  const folder = await temporaryFolder(t)
  const keyFile = `${folder}/alcove.key`
  writeFileSync(keyFile, randomBytes(32))
  const databases = [
    { file: `${folder}/plain.db` },
    { file: `${folder}/plain.db` },
    { file: `${folder}/encrypted.db`, keyFile },
  ]
  for (const [round, database] of databases.entries()) {
    const { acknowledged, unanswered, broken } = await killRound(t, {
      ...database,
      round,
      writers: 32,
      killAfterMs: 300 + Math.random() * 700,
      random: Math.random,
    })
    t.same(broken.slice(0, 20), [], `${acknowledged} writes acknowledged, ${unanswered} unanswered`)
    t.ok(acknowledged > 0)
    t.ok(unanswered > 0, 'it was killed at work')
  }
})
