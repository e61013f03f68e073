// What point reads wait for while a search of about a second runs, over and over.
import type { Load } from './load-client.ts'
import { drive } from './load-client.ts'
import type { Running } from './processes.ts'
import { patientId } from './practice.ts'
import { get, type Plan } from './workload.ts'

/** Milliseconds. */
export interface BesideSearch {
  /** Of one search, while reads come too: the median. */
  readonly searchMs: number
  readonly alone: Reads
  readonly beside: Reads
}

type Reads = Pick<Load, 'p50' | 'p95' | 'p99'>

const READERS = 8
const PAUSE_MS = 4
const ENOUGH_SECONDS = 0.7
const MOST_CONDITIONS = 256

export async function readsBesideSearch(server: Running, seconds: number): Promise<BesideSearch> {
  const { url } = server
  const path = await slowSearch(server)
  const options = { url, seconds, status: 200 }
  const reading = { ...options, connections: READERS, pauseMs: PAUSE_MS, sendings: pointReads }
  const alone = await drive(reading)
  const searching = { ...options, connections: 1, sendings: () => [{ method: 'GET', path }] }
  const [beside, searches] = await Promise.all([drive(reading), drive(searching)])
  return { searchMs: searches.p50, alone: of(alone), beside: of(beside) }
}

const pointReads: Plan = (connection) =>
  Array.from({ length: 16 }, (_, n) => get(`Patient/${patientId(connection * 16 + n)}`))

function of({ p50, p95, p99 }: Load): Reads {
  return { p50, p95, p99 }
}

/** With as many conditions that every match meets as it takes to keep a processor busy for about a second. */
async function slowSearch({ url, cpuSeconds }: Running): Promise<string> {
  for (let conditions = 2; conditions <= MOST_CONDITIONS; conditions *= 2) {
    const unmet = Array.from({ length: conditions }, (_, n) => `patient.phone:not=none-${n}`)
    const path = `/fhir/Observation?_total=accurate&_count=1&${unmet.join('&')}`
    await ask(url + path)
    const before = await cpuSeconds()
    await ask(url + path)
    if ((await cpuSeconds()) - before > ENOUGH_SECONDS) return path
  }
  throw new Error('no search could be made that takes about a second')
}

async function ask(url: string): Promise<void> {
  const response = await fetch(url)
  const text = await response.text()
  if (!response.ok) throw new Error(`the slow search was refused: ${response.status} ${text.slice(0, 300)}`)
}
