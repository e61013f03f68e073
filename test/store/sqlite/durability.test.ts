// What was acknowledged is there after `kill -9`, whole; and the lock goes with the process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { SEE_EVERYTHING, tokenMatch } from '../../../src/store/index.ts'
import { isSqliteInUse, openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { bodyOf, search } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

const CHILD = fileURLToPath(new URL('./writing-child.ts', import.meta.url))
const ROUNDS = 5

t.setTimeout(120_000)

t.test('kill -9 under 16 writers loses nothing that was acknowledged', async (t) => {
  const at = testFolder(t)
  const file = at('a.db')
  const acknowledged = new Map<string, string>()
  /** The last version of each shared resource that was acknowledged. */
  const shared = new Map<string, number>()
  for (let round = 1; round <= ROUNDS; round++) {
    const how = round % 2 === 0 ? 'load' : 'serve'
    const child = spawn(process.execPath, [CHILD, file, String(round), how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    let lines = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const [own, other, version] = line.split(' ')
      acknowledged.set(own!, other!)
      shared.set(other!, Math.max(shared.get(other!) ?? 0, Number(version)))
      if (++lines === 40 * round) {
        t.equal(isSqliteInUse(file), true, 'in use while the child lives')
        child.kill('SIGKILL')
      }
    }
    const [, signal] = (await ended) as [number | null, string | null]
    t.equal(signal, 'SIGKILL', `round ${round}: killed with ${lines} writes acknowledged`)
    t.equal(isSqliteInUse(file), false, 'free when it is dead')

    const store = await openSqliteStore({ file })
    t.strictSame(await store.maintenance.verify(), [], 'the file is sound')
    const lost = []
    for (const id of acknowledged.keys()) {
      const where = tokenMatch('code', 'http://a.test', id)
      const read = await store.read({ type: 'Observation', id }, SEE_EVERYTHING)
      const found = (await search(store, { type: 'Observation', where })).matches.map((match) => match.id)
      if (read === undefined || bodyOf(read)['id'] !== id || !found.includes(id)) lost.push(id)
    }
    t.strictSame(lost, [], 'nothing acknowledged is lost')
    for (const [id, version] of shared) {
      const read = await store.read({ type: 'Observation', id }, SEE_EVERYTHING)
      if (read!.versionId < version) t.fail(`${id} stands at ${read?.versionId}, ${version} was acknowledged`)
    }
    // A commit is all or nothing: each shared version has the resource that was written with it.
    const counts = await store.maintenance.counts()
    const own =
      (await search(store, { type: 'Observation', count: 0, total: 'accurate' })).total! - shared.size
    t.equal(counts.versions - own, own, 'as many versions of the shared as of the others')
    await store.close()
  }
})
