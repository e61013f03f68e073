// How cost grows with the size of the store: servers on stores of several sizes, measured in turns.
import { copyFileSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { checkedAnswers } from './expected.ts'
import type { Driver } from './load-client.ts'
import { measure, restedAfterWrites, type Sample } from './measure.ts'
import { environment, startServer, type Running } from './processes.ts'
import { RESOURCES_OF_A_PATIENT, scaledPractice } from './scale-practice.ts'
import { scaleWorkloads, type ScaleWorkload } from './scale-workloads.ts'
import { medians, ratio } from './statistics.ts'

export interface ScaleOptions {
  readonly main: string
  /** Resources, ascending. */
  readonly sizes: readonly number[]
  /** Of the stores; what is there already is used as it is. */
  readonly folder: string
  readonly seconds: number
  readonly rounds: number
  readonly driver: Driver
  readonly wanted: (name: string) => boolean
  readonly progress: (doing: string) => void
}

export interface ScaleLine {
  readonly name: string
  readonly scoped: boolean
  /** Medians of the rounds, for each size. */
  readonly at: readonly Sample[]
  /** Of the largest size to the smallest, round by round: the median. */
  readonly p95Growth: number
  readonly cpuGrowth: number
  /**
   * Of what is scoped: the same where the largest is asked of no more patients than the smallest has. It remembers of
   * them what the smallest does, so that this is what the size of the store alone costs.
   */
  readonly asMany: Growth | undefined
  /** Of the largest size to the second: who is asked of more than is remembered at both. */
  readonly fromSecond: Growth | undefined
}

export interface Growth {
  readonly p95: number
  readonly cpu: number
}

export interface Scale {
  readonly stores: readonly {
    readonly resources: number
    readonly megabytes: number
    /** Resident, after all that was asked. */
    readonly serverMegabytes: number
  }[]
  readonly lines: readonly ScaleLine[]
}

/** How much dearer what is scoped may be at the largest size than at the smallest. */
export const MOST_GROWTH = 1.5

const RESOURCES_A_FILE = 100_000
const WARMING = -1

export async function scale(options: ScaleOptions): Promise<Scale> {
  const { main, sizes, rounds, seconds, driver, wanted, progress } = options
  const stores: string[] = []
  for (const size of sizes) stores.push(await storeOf(size, stores.at(-1), options))
  const running: Running[] = []
  try {
    for (const store of stores) running.push(await startServer(main, store))
    for (const server of running) await restedAfterWrites(server)
    const asked = running.map((server, n) => ({
      server,
      workloads: scaleWorkloads(patientsOf(sizes[n] ?? 0)),
    }))
    const { workloads = [] } = asked[0] ?? {}
    const names = workloads.map(({ name }) => name).filter(wanted)
    const scoped = new Set(workloads.filter((it) => it.scoped).map(({ name }) => name))
    const largest = running.length - 1
    const server = running[largest]
    if (largest > 0 && server !== undefined)
      asked.push({
        server,
        workloads: scaleWorkloads(patientsOf(sizes[largest] ?? 0), patientsOf(sizes[0] ?? 0)),
      })
    const samples = new Map<string, Sample[]>()
    for (let round = WARMING; round < rounds; round++)
      for (const name of names) {
        progress(`${round === WARMING ? 'warming up' : `round ${round + 1} of ${rounds}`}: ${name}`)
        for (const [n, { server, workloads }] of asked.entries()) {
          if (n > largest && !scoped.has(name)) continue
          const workload = workloads.find((it) => it.name === name) as ScaleWorkload
          if (round === WARMING) await checkedAnswers(server.url, workload, round)
          const sendings = await workload.plan(server.url, round)
          const sample = await measure(server, driver, { ...workload, seconds: seconds / rounds, sendings })
          const key = `${name} ${n}`
          if (round !== WARMING) samples.set(key, [...(samples.get(key) ?? []), sample])
        }
      }
    const lines = names.map((name): ScaleLine => {
      const measured = running.map((_, n) => samples.get(`${name} ${n}`) ?? [])
      const [smallest = [], second = []] = measured
      const { p95, cpu } = growth(measured[largest] ?? [], smallest)
      const asMany = samples.get(`${name} ${running.length}`)
      return {
        name,
        scoped: scoped.has(name),
        at: measured.map(medians),
        p95Growth: p95,
        cpuGrowth: cpu,
        asMany: asMany && growth(asMany, smallest),
        fromSecond: largest > 1 ? growth(measured[largest] ?? [], second) : undefined,
      }
    })
    const held: Scale['stores'][number][] = []
    for (const [n, server] of running.entries())
      held.push({
        resources: sizes[n] ?? NaN,
        megabytes: statSync(stores[n] ?? '').size / 1024 / 1024,
        serverMegabytes: await server.residentMegabytes(),
      })
    return { stores: held, lines }
  } finally {
    for (const it of running) await it.stop()
  }
}

function growth(larger: readonly Sample[], smaller: readonly Sample[]): Growth {
  return {
    p95: ratio(larger, smaller, ({ p95 = NaN }) => p95),
    cpu: ratio(larger, smaller, ({ cpuMsPerRequest }) => cpuMsPerRequest),
  }
}

function patientsOf(size: number): number {
  return Math.floor(size / RESOURCES_OF_A_PATIENT)
}

/** The store of that size: as it is there, or the next smaller one and what is missing, through `alcove load`. */
async function storeOf(
  size: number,
  smaller: string | undefined,
  { main, folder, sizes }: ScaleOptions,
): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const store = path.join(folder, `${size}.db`)
  if (existsSync(store)) return store
  const growing = path.join(folder, `${size}.growing`)
  const clear = (): void => {
    for (const ending of ['', '-wal', '-shm', '.lock', '.log']) rmSync(growing + ending, { force: true })
  }
  clear()
  if (smaller !== undefined) copyFileSync(smaller, growing)
  const there = smaller === undefined ? 0 : patientsOf(sizes[sizes.indexOf(size) - 1] ?? 0)
  await load(main, growing, folder, there, patientsOf(size))
  process.stderr.write('waiting until the words of all these are taken in\n')
  const server = await startServer(main, growing)
  await restedAfterWrites(server)
  await server.stop()
  renameSync(growing, store)
  clear()
  return store
}

/** Patients `first` to `end - 1`, file by file; each file's progress is shown with its rate and the time left. */
async function load(
  main: string,
  database: string,
  folder: string,
  first: number,
  end: number,
): Promise<void> {
  const patients = patientsOf(RESOURCES_A_FILE)
  const started = performance.now()
  for (let at = first; at < end; at += patients) {
    const until = Math.min(end, at + patients)
    const file = path.join(folder, 'records.ndjson')
    await pipeline(Readable.from(lines(at, until)), createWriteStream(file))
    const child = spawn(process.execPath, [main, 'load', file], {
      env: environment(database),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [code] = (await once(child, 'close')) as [number | null]
    rmSync(file)
    if (code !== 0) throw new Error(`loading ended with ${code}`)
    const seconds = (performance.now() - started) / 1000
    const loaded = (until - first) * RESOURCES_OF_A_PATIENT
    const left = ((end - until) / (until - first)) * seconds
    process.stderr.write(
      `${(until * RESOURCES_OF_A_PATIENT).toLocaleString('en-US')} resources in ${path.basename(database)}, ` +
        `${Math.round(loaded / seconds).toLocaleString('en-US')}/s, ${Math.round(left)} s left\n`,
    )
  }
}

function* lines(first: number, end: number): Generator<string> {
  for (const record of scaledPractice(first, end)) yield `${JSON.stringify(record)}\n`
}
