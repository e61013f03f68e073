// Two builds side by side, in turns: what one costs as a part of the other, and how far the rounds were apart.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { LOAD_FORMS, OTHERS, type BenchOptions } from './bench.ts'
import { checkedAnswers } from './expected.ts'
import { load, writeRecords } from './loading.ts'
import { measure, restedAfterWrites } from './measure.ts'
import { startServer, type Running } from './processes.ts'
import type { Revision } from './revision.ts'
import { fill } from './seeding.ts'
import { measureStarts } from './starts.ts'
import { median } from './statistics.ts'

export interface Comparison {
  readonly name: string
  readonly unit: 'ms CPU' | 'ms CPU a resource' | 'ms' | 'MB'
  /** Medians of the rounds. */
  readonly before: number
  readonly after: number
  /** After as a part of before: the median of the rounds, the lowest and the highest. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

export interface AgainstOptions extends Omit<BenchOptions, 'main'> {
  readonly before: Revision
  readonly after: Revision
}

/** One build with a store of its own. */
interface Side extends Revision {
  readonly folder: string
  readonly database: string
}

type Figures = Map<string, { readonly unit: Comparison['unit']; readonly rounds: [number, number][] }>

const LOADED = 8000
const WARMING = -1
const WARMING_PART = 0.5
const STARTS_A_ROUND = 1

export async function compare(options: AgainstOptions): Promise<readonly Comparison[]> {
  const sides = [options.before, options.after].map((revision, n): Side => {
    const folder = path.join(options.folder, n === 0 ? 'before' : 'after')
    mkdirSync(folder)
    return { ...revision, folder, database: path.join(folder, 'alcove.db') }
  }) as [Side, Side]
  options.progress('putting records in')
  for (const { main, database } of sides) await fill(main, database)
  const figures: Figures = new Map()
  const [cold, loads] = OTHERS.map(options.wanted)
  if (cold) await compareStarts(sides, options, figures)
  if (loads) await compareLoading(sides, options, figures)
  if (options.workloads.length > 0) await compareWorkloads(sides, options, figures)
  return [...figures].map(([name, { unit, rounds }]) => comparisonOf(name, unit, rounds))
}

async function compareStarts(
  sides: readonly Side[],
  options: AgainstOptions,
  figures: Figures,
): Promise<void> {
  for (let round = 0; round < options.rounds; round++) {
    options.progress(`cold starts, round ${round + 1} of ${options.rounds}`)
    await inTurns(round, async (n) => {
      const { main, folder } = sides[n] as Side
      const fresh = path.join(folder, `fresh-${round}.db`)
      const { coldStartMs, readyMs, idleMegabytes } = await measureStarts(
        main,
        () => fresh,
        '/fhir/metadata',
        STARTS_A_ROUND,
      )
      keep(figures, 'cold start, a fresh store', 'ms', round, n, coldStartMs)
      keep(figures, 'ready, a fresh store', 'ms', round, n, readyMs)
      keep(figures, 'idle memory, a fresh store', 'MB', round, n, idleMegabytes)
    })
  }
}

async function compareLoading(
  sides: readonly Side[],
  options: AgainstOptions,
  figures: Figures,
): Promise<void> {
  for (const form of LOAD_FORMS) {
    const source = await writeRecords(options.folder, form, LOADED)
    for (let round = 0; round < options.rounds; round++) {
      options.progress(`load, round ${round + 1} of ${options.rounds}: ${form}`)
      await inTurns(round, async (n) => {
        const { main, folder } = sides[n] as Side
        const loading = await load(main, source, path.join(folder, `${form}-${round}.db`))
        keep(figures, `load ${form}`, 'ms CPU a resource', round, n, loading.cpuMsPerResource)
      })
    }
  }
}

async function compareWorkloads(
  sides: readonly Side[],
  options: AgainstOptions,
  figures: Figures,
): Promise<void> {
  const { workloads, rounds, driver, progress } = options
  const servers: Running[] = []
  try {
    for (const { main, database } of sides) servers.push(await startServer(main, database))
    for (let round = WARMING; round < rounds; round++) {
      const seconds = (options.seconds / rounds) * (round === WARMING ? WARMING_PART : 1)
      for (const workload of workloads) {
        const { name, raw } = workload
        progress(`${round === WARMING ? 'warming up' : `round ${round + 1} of ${rounds}`}: ${name}`)
        await inTurns(round, async (n) => {
          const server = servers[n] as Running
          if (round === WARMING) await checkedAnswers(server.url, workload, round)
          const sendings = await workload.plan(server.url, round)
          const { cpuMsPerRequest } = await measure(server, driver, { ...workload, seconds, sendings })
          if (raw === 'insert') await restedAfterWrites(server)
          if (round !== WARMING) keep(figures, name, 'ms CPU', round, n, cpuMsPerRequest)
        })
      }
    }
  } finally {
    for (const it of servers) await it.stop()
  }
}

/** Each side goes first every other round. */
async function inTurns(round: number, run: (side: 0 | 1) => Promise<void>): Promise<void> {
  for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) await run(side)
}

function keep(
  figures: Figures,
  name: string,
  unit: Comparison['unit'],
  round: number,
  side: 0 | 1,
  value: number,
): void {
  const known = figures.get(name) ?? { unit, rounds: [] }
  figures.set(name, known)
  const pair = known.rounds[round] ?? [NaN, NaN]
  pair[side] = value
  known.rounds[round] = pair
}

function comparisonOf(
  name: string,
  unit: Comparison['unit'],
  rounds: readonly (readonly [number, number])[],
): Comparison {
  const ratios = rounds.map(([before, after]) => after / before)
  return {
    name,
    unit,
    before: median(rounds.map(([before]) => before)),
    after: median(rounds.map(([, after]) => after)),
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
  }
}

/** Undefined when not all rounds agree. */
export function differs({ low, high }: Comparison): 'better' | 'worse' | undefined {
  return high < 1 ? 'better' : low > 1 ? 'worse' : undefined
}
