// What is to be reached, and whether it is.
import type { Line, Results } from './results.ts'
import type { Starts } from './starts.ts'

export interface Verdict {
  /** What is measured; the name of a workload where it is of one. */
  readonly what: string
  readonly figure: string
  readonly goal: string
  /** The figure as a part of the limit; up to 1 is good. */
  readonly share: number
  readonly met: boolean
}

const COLD_START_MS = 500
const IDLE_MEGABYTES = 120
const LOADED_A_SECOND = 8000
const READ_BESIDE_SEARCH_MS = 20
const LABEL_RULES_MICROSECONDS = 15
const SCORE_MICROSECONDS = 200
/** Instruments whose cost is told in any case: the one asked most, and the longest; beside them the dearest. */
const TOLD: readonly string[] = ['phq-9', 'pcl-5']

export function verdicts({
  lines,
  freshStarts,
  starts,
  loading,
  besideSearch,
  labelling,
  scoring = [],
}: Results): readonly Verdict[] {
  const all = lines.map((line) => verdictOfLine(line, lines))
  for (const { form, resourcesPerSecond } of loading)
    all.push(atLeast(`load ${form}`, resourcesPerSecond, LOADED_A_SECOND, (n) => `${whole(n)} resources/s`))
  if (freshStarts !== undefined) {
    const { idleMegabytes } = freshStarts
    all.push(coldStart('cold start, a fresh store', freshStarts))
    all.push(atMost('idle memory, a fresh store', idleMegabytes, IDLE_MEGABYTES, (n) => `${whole(n)} MB`))
  }
  if (starts !== undefined) all.push(coldStart('cold start, records in it', starts))
  if (besideSearch !== undefined)
    all.push(
      atMost(
        `point reads' p99 beside a search of ${(besideSearch.searchMs / 1000).toFixed(1)} s`,
        besideSearch.beside.p99,
        READ_BESIDE_SEARCH_MS,
        (n) => `${n.toFixed(1)} ms`,
      ),
    )
  if (labelling !== undefined)
    all.push(
      atMost(
        'label rules, a resource',
        labelling.rules + labelling.links,
        LABEL_RULES_MICROSECONDS,
        (n) => `${n.toFixed(1)} µs`,
      ),
    )
  const dearest = scoring.toSorted((a, b) => b.microseconds - a.microseconds)[0]
  for (const cost of scoring)
    if (cost === dearest || TOLD.includes(cost.instrument))
      all.push(
        atMost(
          `score a response to ${cost.instrument}`,
          cost.microseconds,
          SCORE_MICROSECONDS,
          (n) => `${whole(n)} µs`,
        ),
      )
  return all.filter((it) => it !== undefined)
}

export function verdictOfLine(line: Line, lines: readonly Line[]): Verdict | undefined {
  const { name, goal } = line
  switch (goal?.kind) {
    case undefined:
      return undefined
    case 'cpu':
      return atMost(name, line.cpuMsPerRequest, goal.ms, (n) => `${n.toFixed(2)} ms CPU`)
    case 'part': {
      const part = goal.of === 'bare Fastify' ? line.ofBareFastify : line.ofRawStore
      return atLeast(name, part, goal.part, (n) => `${percent(n)} of ${goal.of}`)
    }
    case 'rate':
      return atLeast(name, line.resourcesPerSecond, goal.resourcesPerSecond, (n) => `${whole(n)} resources/s`)
    case 'as cheap as': {
      const other = lines.find((it) => it.name === goal.workload)
      if (other === undefined) return undefined
      const times = line.cpuMsPerRequest / other.cpuMsPerRequest
      return atMost(name, times, goal.times, (n) => `${n.toFixed(2)} × ${goal.workload}`)
    }
  }
}

function coldStart(what: string, { coldStartMs, readyMs }: Starts): Verdict {
  const verdict = atMost(what, coldStartMs, COLD_START_MS, (n) => `${whole(n)} ms`)
  return { ...verdict, figure: `${verdict.figure}, ready ${whole(readyMs)} ms` }
}

function atMost(what: string, value: number, limit: number, text: (value: number) => string): Verdict {
  return { what, figure: text(value), goal: `≤ ${text(limit)}`, share: value / limit, met: value <= limit }
}

function atLeast(what: string, value: number, limit: number, text: (value: number) => string): Verdict {
  return { what, figure: text(value), goal: `≥ ${text(limit)}`, share: limit / value, met: value >= limit }
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function percent(part: number): string {
  return `${Math.round(part * 100)}%`
}

/** About three digits of it. */
export function figure(value: number): string {
  return value >= 100 ? whole(value) : value.toFixed(value >= 10 ? 1 : 3)
}
