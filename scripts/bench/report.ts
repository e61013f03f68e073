// The tables that people read.
import { percent, verdictOfLine, verdicts, whole } from './goals.ts'
import type { Results } from './results.ts'

const HEADS = [
  '',
  'requests/s',
  'resources/s',
  'CPU ms',
  'bare Fastify',
  'raw store',
  'floors/ours',
  'of Fastify/s',
  'of raw/s',
  'p50 ms',
  'p99 ms',
  'goal',
]

/** A line a workload: rates, processor time a request beside that of the floors, and the goal. */
export function workloadTable({ lines }: Results): string {
  return table([
    HEADS,
    ...lines.map((line) => {
      const verdict = verdictOfLine(line, lines)
      return [
        line.name,
        whole(line.requestsPerSecond),
        line.resources === 1 ? '' : whole(line.resourcesPerSecond),
        line.cpuMsPerRequest.toFixed(3),
        line.bareFastify.cpuMsPerRequest.toFixed(3),
        line.rawStore.cpuMsPerRequest.toFixed(3),
        percent(line.ofFloorsByCpu),
        percent(line.ofBareFastify),
        percent(line.ofRawStore),
        line.p50?.toFixed(1) ?? '',
        line.p99?.toFixed(1) ?? '',
        verdict === undefined ? '' : `${verdict.goal}: ${verdict.met ? 'met' : 'NOT MET'}`,
      ]
    }),
  ])
}

/** A line a goal, the workloads' too. */
export function goalTable(results: Results): string {
  return table(
    verdicts(results).map(({ what, figure, goal, met }) => [what, figure, goal, met ? 'met' : 'NOT MET']),
  )
}

/** The first column to the left, figures to the right, the last as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const padded = (cell: string, column: number): string =>
    column === 0
      ? cell.padEnd(widths[column] ?? 0)
      : column === widths.length - 1
        ? cell
        : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n')
}
