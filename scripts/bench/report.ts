// From samples to the table that people read.
import type { Sample } from './measure.ts'
import type { Workload } from './workloads.ts'

/** Medians of the rounds of one workload or floor. */
export interface Line extends Sample {
  readonly name: string
  readonly resourcesPerSecond: number
  readonly floor?: string
  /** Resources a second as a part of the floor's. */
  readonly ofFloor?: number
  /** The floor's processor time for as many resources as a part of its own: steadier than rates on a busy machine. */
  readonly ofFloorByCpu?: number
}

export function lineOf(
  { name, resources, floor }: Pick<Workload, 'name' | 'resources'> & Partial<Pick<Workload, 'floor'>>,
  samples: ReadonlyMap<string, readonly Sample[]>,
): Line {
  const own = samples.get(name) ?? []
  const requestsPerSecond = median(own.map((sample) => sample.requestsPerSecond))
  const resourcesPerSecond = requestsPerSecond * resources
  const cpuMsPerRequest = median(own.map((sample) => sample.cpuMsPerRequest))
  const below = floor === undefined ? undefined : lineOf({ name: floor, resources: 1 }, samples)
  return {
    name,
    requestsPerSecond,
    resourcesPerSecond,
    ...(floor === undefined || below === undefined
      ? {}
      : {
          floor,
          ofFloor: resourcesPerSecond / below.resourcesPerSecond,
          ofFloorByCpu: (below.cpuMsPerRequest * resources) / cpuMsPerRequest,
        }),
    cpuMsPerRequest,
    ...(own[0]?.p50 === undefined
      ? {}
      : { p50: median(own.map(({ p50 = NaN }) => p50)), p99: median(own.map(({ p99 = NaN }) => p99)) }),
  }
}

/** NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}

export function table(lines: readonly Line[]): string {
  const rows = [
    ['', 'requests/s', 'resources/s', 'of its floor', '(CPU)', 'CPU ms/request', 'p50 ms', 'p99 ms'],
    ...lines.map(({ name, floor, ofFloor, ofFloorByCpu, p50, p99, ...line }) => [
      name,
      whole(line.requestsPerSecond),
      whole(line.resourcesPerSecond),
      ofFloor === undefined ? '' : `${floor} ${percent(ofFloor)}`,
      ofFloorByCpu === undefined ? '' : percent(ofFloorByCpu),
      line.cpuMsPerRequest.toFixed(3),
      p50 === undefined ? '' : whole(p50),
      p99 === undefined ? '' : whole(p99),
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const padded = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n')
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`
}
