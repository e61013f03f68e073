// Measures the built server under load, in turns with the floors it cannot be faster than.
// npm run bench -- [--seconds N] [--json FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { measure, type Sample } from './measure.ts'
import { startBareFastify, startServer, type Running } from './processes.ts'
import { insertRows, readRows } from './raw-store.ts'
import { lineOf, median, table, type Line } from './report.ts'
import { CONNECTIONS, created, seed, TRANSACTION_CONNECTIONS, WORKLOADS, type Workload } from './workloads.ts'

const ROUNDS = 3
const STARTS = 5
const WARMUP_SECONDS = 0.6
const NEW_RESOURCES = 3000
const IDLE_MS = 1000
const FIRST_READ = '/fhir/Patient/bench-0'
const [READ] = WORKLOADS as readonly [Workload]

interface Results {
  readonly lines: readonly Line[]
  readonly coldStartMs: number
  readonly idleMegabytes: number
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, json: { type: 'string' } },
})
const seconds = Number(values.seconds)
if (!(seconds > 0)) {
  console.error('--seconds is how long each thing is measured, its rounds together: a number above 0')
  process.exit(2)
}

const folder = mkdtempSync(path.join(tmpdir(), 'alcove-bench-'))
const database = path.join(folder, 'alcove.db')
const running: Running[] = []
try {
  const { lines, coldStartMs, idleMegabytes } = await bench()
  const cold = `cold start to first answer ${Math.round(coldStartMs)} ms, idle memory ${Math.round(idleMegabytes)} MB`
  console.log(
    `${table(lines)}\n\n${cold}; ${CONNECTIONS} connections (${TRANSACTION_CONNECTIONS} for transactions), medians of ${ROUNDS} rounds`,
  )
  if (values.json !== undefined) {
    const machine = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() }
    const settings = {
      secondsEach: seconds,
      rounds: ROUNDS,
      connections: CONNECTIONS,
      transactionConnections: TRANSACTION_CONNECTIONS,
    }
    const json = {
      date: new Date().toISOString(),
      ...machine,
      ...settings,
      coldStartMs,
      idleMegabytes,
      lines,
    }
    writeFileSync(values.json, `${JSON.stringify(json, undefined, 2)}\n`)
  }
} finally {
  for (const it of running) await it.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function bench(): Promise<Results> {
  const filling = await kept(startServer(folder, database, '/fhir/metadata'))
  for (const bundle of seed()) await post(filling.url, bundle)
  for (const bundle of created(NEW_RESOURCES)) await post(filling.url, bundle)
  const stored = Buffer.from(await (await fetch(filling.url + FIRST_READ)).arrayBuffer())
  await filling.stop()
  const rows = readRows(database, NEW_RESOURCES)

  const starts: number[] = []
  const idle: number[] = []
  for (let n = 0; n < STARTS; n++) {
    const server = await kept(startServer(folder, database, FIRST_READ))
    starts.push(server.startMs)
    if (n < ROUNDS) {
      await sleep(IDLE_MS)
      idle.push(await server.residentMegabytes())
    }
    await server.stop()
  }

  const server = await kept(startServer(folder, database, FIRST_READ))
  const bare = await kept(startBareFastify(folder, stored.length))
  for (const workload of WORKLOADS) await measure(server, workload, -1, WARMUP_SECONDS)
  await measure(bare, READ, -1, WARMUP_SECONDS)

  const samples = new Map<string, Sample[]>()
  const keep = (name: string, sample: Sample): void => {
    samples.set(name, [...(samples.get(name) ?? []), sample])
  }
  for (let round = 0; round < ROUNDS; round++) {
    keep('bare Fastify', await measure(bare, READ, round, seconds / ROUNDS))
    keep('raw store', insertRows(folder, rows, CONNECTIONS))
    for (const workload of WORKLOADS)
      keep(workload.name, await measure(server, workload, round, seconds / ROUNDS))
  }
  const floors = ['bare Fastify', 'raw store'].map((name) => lineOf({ name, resources: 1 }, samples))
  const lines = [...floors, ...WORKLOADS.map((workload) => lineOf(workload, samples))]
  return { lines, coldStartMs: median(starts), idleMegabytes: median(idle) }
}

/** Ended at the latest with the bench. */
async function kept(starting: Promise<Running>): Promise<Running> {
  const it = await starting
  running.push(it)
  return it
}

async function post(url: string, bundle: string): Promise<void> {
  const headers = { 'content-type': 'application/fhir+json' }
  const response = await fetch(`${url}/fhir`, { method: 'POST', headers, body: bundle })
  const text = await response.text()
  if (!response.ok) throw new Error(`the records were refused: ${response.status} ${text.slice(0, 500)}`)
}
