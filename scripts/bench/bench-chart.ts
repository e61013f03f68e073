// The bench as a picture: processor time a request beside its floors and its goal, and the goals that are of another kind.
import { chart, FILL, type Bar } from './chart.ts'
import { verdictOfLine, verdicts } from './goals.ts'
import type { Line, Results } from './results.ts'

/** A search far beyond its goal shall not make all others small. */
const MOST_OF_A_GOAL = 2.5

/** @param conditions such as the processor and the date, for the subtitle */
export function benchChart(results: Results, conditions: string): string {
  const { lines } = results
  const bar = (line: Line): Bar => barOf(line, lines)
  const longer = (line: Line): boolean => line.name.startsWith('$')
  const reads = lines.filter((line) => !isWrite(line) && !longer(line))
  const whole = lines.filter((line) => !isWrite(line) && longer(line))
  const writes = lines.filter(isWrite)
  const named = new Set(lines.map(({ name }) => name))
  const others = verdicts(results).filter(({ what, figure }) => !named.has(what) || !figure.includes('CPU'))
  const panels = [
    { title: 'Reads and searches', unit: 'ms of processor a request', bars: reads.map(bar) },
    { title: 'Whole records', unit: 'ms of processor a request', bars: whole.map(bar) },
    { title: 'Writes, durable', unit: 'ms of processor a resource', bars: writes.map(bar) },
    {
      title: 'Other goals',
      unit: 'part of the limit that is used; up to 1 is good',
      most: MOST_OF_A_GOAL,
      line: { at: 1, text: 'goal' },
      bars: others.map(({ what, figure, goal, share, met }) => ({
        label: what,
        value: share,
        met,
        figure,
        note: goal,
      })),
    },
  ]
  return chart({
    title: 'What a request costs the server',
    subtitle: conditions,
    legend: [
      { fill: FILL.met, text: 'goal met ✓' },
      { fill: FILL.missed, text: 'not met ✗' },
      { fill: FILL.plain, text: 'no goal of its own' },
      { fill: FILL.floor, text: 'of which bare Fastify would need' },
      { fill: FILL.floorToo, text: 'and the raw store' },
    ],
    mark: 'goal',
    panels: panels.filter(({ bars }) => bars.length > 0),
  })
}

function isWrite({ name }: Line): boolean {
  return /create|update|transaction/.test(name)
}

function barOf(line: Line, lines: readonly Line[]): Bar {
  const { name, resources, cpuMsPerRequest, bareFastify, rawStore } = line
  const verdict = verdictOfLine(line, lines)
  const value = cpuMsPerRequest / resources
  return {
    label: name,
    value,
    floors: [bareFastify.cpuMsPerRequest / resources, rawStore.cpuMsPerRequest / resources],
    goal: goalByCpu(line, lines),
    met: verdict?.met,
    figure: `${value.toFixed(3)} ms`,
    note: verdict === undefined ? '' : `goal ${verdict.goal}`,
  }
}

/** The processor time of a resource at which a goal would just be met; a rate stands for its processor time. */
function goalByCpu(line: Line, lines: readonly Line[]): number | undefined {
  const { goal, resources, bareFastify, rawStore } = line
  switch (goal?.kind) {
    case 'cpu':
      return goal.ms / resources
    case 'part':
      return (goal.of === 'bare Fastify' ? bareFastify : rawStore).cpuMsPerRequest / goal.part / resources
    case 'as cheap as': {
      const other = lines.find(({ name }) => name === goal.workload)
      return other && other.cpuMsPerRequest * goal.times
    }
    default:
      return undefined
  }
}
