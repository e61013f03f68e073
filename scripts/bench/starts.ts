// How long a start takes until the first answer, and what the server then holds in memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from './processes.ts'
import { median } from './statistics.ts'

export interface Starts {
  /** Milliseconds from the start of the process to its first answer. */
  readonly coldStartMs: number
  /** And until all is ready: what ships is stored, and writes are taken. */
  readonly readyMs: number
  /** Resident. */
  readonly idleMegabytes: number
}

/** What a start leaves in memory is given back within this. */
const IDLE_MS = 5000

/**
 * Medians of several starts.
 * @param databaseOf the database of the nth start; where it is not there yet, the server makes it
 * @param first the path that is asked for first
 */
export async function measureStarts(
  main: string,
  databaseOf: (n: number) => string,
  first: string,
  starts: number,
): Promise<Starts> {
  const milliseconds: number[] = []
  const untilReady: number[] = []
  const megabytes: number[] = []
  for (let n = 0; n < starts; n++) {
    const server = await startServer(main, databaseOf(n), first)
    milliseconds.push(server.startMs)
    untilReady.push(server.readyMs)
    await sleep(IDLE_MS)
    megabytes.push(await server.residentMegabytes())
    await server.stop()
  }
  return {
    coldStartMs: median(milliseconds),
    readyMs: median(untilReady),
    idleMegabytes: median(megabytes),
  }
}
