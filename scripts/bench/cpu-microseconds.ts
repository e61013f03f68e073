// Processor time of work that is too short to be measured once.
import { median } from './statistics.ts'

const LEAST_ROUNDS = 5

/** Microseconds of processor that `work` costs each, in this process: the median of rounds over all of them. */
export function cpuMicroseconds<Item>(
  seconds: number,
  items: readonly Item[],
  work: (item: Item) => unknown,
): number {
  const round = (): number => {
    const before = process.cpuUsage()
    for (const item of items) work(item)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / items.length
  }
  const until = performance.now() + seconds * 1000
  const rounds: number[] = []
  // The first rounds are those of code that is not compiled yet.
  while (performance.now() < until || rounds.length < LEAST_ROUNDS) rounds.push(round())
  return median(rounds.slice(Math.floor(rounds.length / 2)))
}
