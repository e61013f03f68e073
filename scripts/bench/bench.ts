// One server measured under each workload, in turns with the two floors that it cannot be faster than.
import { copyFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { readsBesideSearch } from './beside-search.ts'
import { checkedAnswers, type Answer } from './expected.ts'
import type { Driver } from './load-client.ts'
import { measureLabelling } from './labelling.ts'
import { measureScoring } from './scoring.ts'
import { load, writeRecords, type Loading } from './loading.ts'
import { measure, restedAfterWrites, type Sample } from './measure.ts'
import { CONNECTIONS, newScores, patientId } from './practice.ts'
import { bareFastifyPath, startBareFastify, startServer, type Running } from './processes.ts'
import { insertRows, newRows } from './raw-insert.ts'
import { RawReads } from './raw-read.ts'
import { lineOf, type Line, type Results } from './results.ts'
import { fill, SCORES_CREATED } from './seeding.ts'
import { measureStarts } from './starts.ts'
import { median, medians } from './statistics.ts'
import type { Workload } from './workload.ts'

export interface BenchOptions {
  /** The built server's main.js. */
  readonly main: string
  /** For databases and logs. */
  readonly folder: string
  /** Each workload is measured for so long, its floors and rounds together. */
  readonly seconds: number
  readonly rounds: number
  readonly driver: Driver
  readonly workloads: readonly Workload[]
  /** Whether to measure this, which is no workload. */
  readonly wanted: (name: string) => boolean
  readonly progress: (doing: string) => void
}

export const OTHERS = [
  'cold start',
  'load',
  'reads beside a search',
  'label rules',
  'score a response',
] as const

const FIRST_READ = `/fhir/Patient/${patientId(0)}`
/**
 * A round before the others that does not count, as long as all of them together: V8 compiles what it has run
 * thousands of times, and servers run for months. The first seconds cost up to half as much again.
 */
const WARMING = -1
/** Of the time of a workload, what each of its floors gets, and the server. */
const FLOOR_PART = 0.12
const OUR_PART = 0.76
const SHORTEST_SECONDS = 0.12
const NEW_RESOURCES = 3000
const STARTS = 5
export const LOAD_FORMS = ['NDJSON', 'transactions'] as const
/** Resources of a load: of the first, the start and the engine's own warming up are a third. */
const LOAD_SIZES = [24_000, 100_000] as const

export async function bench(options: BenchOptions): Promise<Results> {
  const { main, folder, seconds, workloads, wanted, progress } = options
  const database = path.join(folder, 'alcove.db')
  const [cold, loads, reads, labels, scores] = OTHERS.map(wanted)
  if (labels) progress('label rules')
  const labelling = labels ? { labelling: measureLabelling(Math.max(1, seconds / 2)) } : {}
  if (scores) progress('scoring responses')
  const scoring = scores ? { scoring: measureScoring(Math.max(2, seconds * 2)) } : {}
  progress('putting records in')
  await fill(main, database)

  const starts = seconds < STARTS ? 2 : STARTS
  if (cold) progress('cold starts')
  const fresh = (n: number): string => path.join(folder, `fresh-${n}.db`)
  const coldStarts = cold && {
    freshStarts: await measureStarts(main, fresh, '/fhir/metadata', starts),
    starts: await measureStarts(main, () => database, FIRST_READ, starts),
  }
  if (loads) progress('loading')
  const loading = loads ? await measureLoading(options) : []
  const lines = workloads.length > 0 ? await measureWorkloads(database, options) : []
  if (!reads) return { lines, loading, ...coldStarts, ...labelling, ...scoring }
  progress('reads beside a search')
  const server = await startServer(main, database)
  try {
    const besideSearch = await readsBesideSearch(server, Math.max(2, seconds))
    return { lines, loading, ...coldStarts, besideSearch, ...labelling, ...scoring }
  } finally {
    await server.stop()
  }
}

async function measureLoading({ main, folder, seconds, rounds }: BenchOptions): Promise<Results['loading']> {
  const short = seconds < STARTS
  const measured = new Map<string, Loading[]>()
  for (const resources of short ? [4000] : LOAD_SIZES)
    for (const form of LOAD_FORMS) {
      const name = `${form}, ${resources.toLocaleString('en')}`
      const source = await writeRecords(path.join(folder, String(resources)), form, resources)
      for (let round = 0; round < (short ? 1 : rounds); round++) {
        const database = path.join(folder, `loaded-${resources}-${form}-${round}.db`)
        const loading = await load(main, source, database)
        measured.set(name, [...(measured.get(name) ?? []), loading])
        rmSync(database)
      }
    }
  return [...measured].map(([form, all]) => ({ form, ...medians(all) }))
}

interface Bench extends BenchOptions {
  readonly server: Running
  readonly bare: Running
}

async function measureWorkloads(database: string, options: BenchOptions): Promise<readonly Line[]> {
  const { main, folder, rounds, workloads, progress } = options
  const before = path.join(folder, 'before.db')
  const after = path.join(folder, 'after.db')
  copyFileSync(database, before)
  copyFileSync(database, after)
  await fill(main, after, newScores(NEW_RESOURCES, SCORES_CREATED))

  const rows = newRows(before, after)
  const reads = new RawReads(before)
  const running: Running[] = []
  try {
    const server = await startServer(main, database, FIRST_READ)
    running.push(server)
    const bare = await startBareFastify(folder)
    running.push(bare)
    const all = { ...options, server, bare }

    const samples = new Map<string, Sample[]>()
    const answers = new Map<string, readonly Answer[]>()
    for (let round = WARMING; round < rounds; round++) {
      const seconds = round === WARMING ? options.seconds : options.seconds / rounds
      const inserted = insertRows(rows, CONNECTIONS)
      for (const workload of workloads) {
        const { name } = workload
        progress(`${round === WARMING ? 'warming up' : `round ${round + 1} of ${rounds}`}: ${name}`)
        const answer = answers.get(name) ?? (await checkedAnswers(server.url, workload, round))
        answers.set(name, answer)
        const measured = {
          [byBareFastify(name)]: await bareFastify(
            all,
            workload,
            bytesOf(answer),
            round,
            seconds * FLOOR_PART,
          ),
          [byRawStore(name)]:
            workload.raw === 'read' ? reads.measure(answer, atLeastShortest(seconds * FLOOR_PART)) : inserted,
          [name]: await ours(all, workload, round, seconds * OUR_PART),
        }
        if (workload.raw === 'insert') await restedAfterWrites(server)
        if (round === WARMING) continue
        for (const [what, sample] of Object.entries(measured))
          samples.set(what, [...(samples.get(what) ?? []), sample])
      }
    }
    return workloads.map((workload) =>
      lineOf(workload, bytesOf(answers.get(workload.name) ?? []), {
        ours: samples.get(workload.name) ?? [],
        bareFastify: samples.get(byBareFastify(workload.name)) ?? [],
        rawStore: samples.get(byRawStore(workload.name)) ?? [],
      }),
    )
  } finally {
    reads.close()
    for (const it of running) await it.stop()
  }
}

const byBareFastify = (name: string): string => `${name}, by bare Fastify`
const byRawStore = (name: string): string => `${name}, by the raw store`

async function ours(
  { server, driver }: Bench,
  workload: Workload,
  round: number,
  seconds: number,
): Promise<Sample> {
  const sendings = await workload.plan(server.url, round)
  return measure(server, driver, { ...workload, seconds: atLeastShortest(seconds), sendings })
}

/** The same requests, answered with stored bytes. */
async function bareFastify(
  { server, bare, driver }: Bench,
  workload: Workload,
  bytes: number,
  round: number,
  seconds: number,
): Promise<Sample> {
  const plan = await workload.plan(server.url, round)
  const stored = bareFastifyPath(bytes)
  const sendings = (connection: number) =>
    plan(connection).map((it) => ({ ...(typeof it === 'function' ? it() : it), path: stored }))
  return measure(bare, driver, { ...workload, status: 200, seconds: atLeastShortest(seconds), sendings })
}

function atLeastShortest(seconds: number): number {
  return Math.max(SHORTEST_SECONDS, seconds)
}

function bytesOf(answers: readonly Answer[]): number {
  return Math.round(median(answers.map(({ bytes }) => bytes)))
}
