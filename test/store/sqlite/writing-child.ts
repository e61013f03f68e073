// Run by durability.test.ts as a process of its own: many writers at once, a line for each write that was acknowledged.
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { commit, put } from '../../contract/world.ts'

const [file, round, how] = process.argv.slice(2)
const store = await openSqliteStore({ file: file!, loads: how === 'load' })
const WRITERS = 16

async function write(writer: number): Promise<void> {
  for (let count = 1; ; count++) {
    const entry = {
      kind: 'token',
      param: 'code',
      system: 'http://a.test',
      code: `${round}-${writer}-${count}`,
    } as const
    const shared = put('Observation', `shared-${writer}`, { entries: [entry] })
    const own = put('Observation', `${round}-${writer}-${count}`, { entries: [entry], date: count })
    const result = await store.commit(commit([own, shared]))
    if (result.kind !== 'committed') throw new Error(result.kind)
    tell(`${own.id} ${shared.id} ${result.results[1]!.versionId}\n`)
  }
}

/** As often as it takes: whoever reads may be slow, and the pipe full. */
function tell(line: string): void {
  for (;;)
    try {
      writeSync(1, line)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
