// A thread that was busy and no longer is gives back what it held, and is not kept alive by being watched.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const SOURCE = path.resolve(import.meta.dirname, '../src/idle-memory.ts')

/** Grows the heap, and then has nothing to do. Writes megabytes held before and after. */
const GROW_AND_WAIT = `
    import { getHeapStatistics } from 'node:v8'
    import { giveMemoryBackWhenIdle } from ${JSON.stringify(SOURCE)}
    const held = () => getHeapStatistics().total_physical_size / 1024 / 1024
    const memory = giveMemoryBackWhenIdle()
    let kept = []
    for (let at = 0; at < 400_000; at++) kept.push({ at, text: 'x' + at })
    const before = held()
    kept = []
    const ends = Date.now() + 60_000
    const look = () => {
      if (Date.now() > ends || held() < before / 2) {
        memory.stop()
        process.stdout.write(JSON.stringify([before, held()]))
      } else setTimeout(look, 100)
    }
    look()
  `

async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return stdout
}

t.test('with nothing to do it gives memory back', async (t) => {
  const [before, after] = JSON.parse(await run(GROW_AND_WAIT)) as [number, number]
  t.ok(after < before / 2, `${before} MB, then ${after} MB`)
})

t.test('the process ends though it is watched', async (t) => {
  const script = `import { giveMemoryBackWhenIdle } from ${JSON.stringify(SOURCE)}; giveMemoryBackWhenIdle(); process.stdout.write('done')`
  t.equal(await run(script), 'done')
})
