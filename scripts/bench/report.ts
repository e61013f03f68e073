// The tables that people read.
import { differs, type Comparison } from './against.ts'
import { figure, percent, verdictOfLine, verdicts, whole } from './goals.ts'
import type { Results } from './results.ts'
import { MOST_GROWTH, type Scale } from './scale.ts'

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

/** A line a workload: latencies and processor time at each size, and how they grew. */
export function scaleTable({ stores, lines }: Scale): string {
  const sizes = stores.map(({ resources }) => whole(resources))
  const [several, many] = [sizes.length > 1, sizes.length > 2]
  return table([
    [
      '',
      ...['p50 ms', 'p95 ms', 'CPU ms'].flatMap((figure) => sizes.map((size) => `${figure} ${size}`)),
      'p95 grew',
      'CPU grew',
      ...(several ? ['of as many patients: p95', 'CPU'] : []),
      ...(many ? [`from ${sizes[1]}: p95`, 'CPU'] : []),
      'goal',
    ],
    ...lines.map(({ name, scoped, at, p95Growth, cpuGrowth, asMany, fromSecond }) => [
      name,
      ...at.map(({ p50 = NaN }) => p50.toFixed(2)),
      ...at.map(({ p95 = NaN }) => p95.toFixed(2)),
      ...at.map(({ cpuMsPerRequest }) => cpuMsPerRequest.toFixed(3)),
      `${p95Growth.toFixed(2)} ×`,
      `${cpuGrowth.toFixed(2)} ×`,
      ...(several ? [times(asMany?.p95), times(asMany?.cpu)] : []),
      ...(many ? [times(fromSecond?.p95), times(fromSecond?.cpu)] : []),
      scoped ? `≤ ${MOST_GROWTH} ×: ${p95Growth <= MOST_GROWTH ? 'met' : 'NOT MET'}` : '',
    ]),
    ['store MB', ...stores.map(({ megabytes }) => whole(megabytes))],
    ['server MB', ...stores.map(({ serverMegabytes }) => whole(serverMegabytes))],
  ])
}

function times(growth: number | undefined): string {
  return growth === undefined ? '' : `${growth.toFixed(2)} ×`
}

/** A line a figure: what it was, what it is, and whether that is more than noise. */
export function againstTable(before: string, after: string, comparisons: readonly Comparison[]): string {
  return table([
    ['', '', before, after, 'ratio', 'spread', ''],
    ...comparisons.map((it) => [
      it.name,
      it.unit,
      figure(it.before),
      figure(it.after),
      `${it.ratio.toFixed(2)} ×`,
      `${it.low.toFixed(2)} to ${it.high.toFixed(2)}`,
      differs(it) ?? 'no difference seen',
    ]),
  ])
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
