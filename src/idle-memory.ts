// Lets heaps grow while there is much to do, and gives memory back to the machine once there is nothing to do.
import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8 sizes a heap by what it was last busy with, and keeps that while nothing is asked of it: it must be told. */
type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

const EVERY_MS = 1000
/** Of the time between two looks: below it the thread has nothing to do. */
const IDLE = 0.02
/** What a start leaves is given back at once. */
const LOOKS_AFTER_START = 2
/** What has run until then is the start itself, if there was nothing to do before. */
const LOOKS_OF_START = 10
/**
 * Later there must be nothing to do for minutes: a thread comes back to a smaller heap, and to code that is to be
 * compiled anew, and for some seconds takes half as long again for what it does.
 */
const LOOKS = 300
/**
 * Of what is alive, how much more a heap may take in before it is gone through anew: V8 would begin with a third. Answers
 * are large and short-lived, and cost about a fifth less with fewer collections.
 */
const GROWTH_PERCENT = 200
/** Less than this is not worth the 50 to 100 ms that it takes; nor, later, a slow beginning. */
const WORTH_AFTER_START = 12 * 1024 * 1024
const WORTH = 32 * 1024 * 1024

/** Watches the thread that calls it, and does not keep it alive. `stop` ends that. */
export function giveMemoryBackWhenIdle(): { stop(): void } {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
  let collectAll: (() => void) | undefined
  let before = performance.eventLoopUtilization()
  let looks = 0
  let idleLooks = 0
  let least: number | undefined
  const look = (): void => {
    const now = performance.eventLoopUtilization()
    idleLooks = performance.eventLoopUtilization(now, before).utilization < IDLE ? idleLooks + 1 : 0
    before = now
    looks++
    if (idleLooks < (least === undefined ? LOOKS_AFTER_START : LOOKS)) return
    if (held() < (least === undefined ? WORTH_AFTER_START : least + WORTH)) return
    collectAll ??= exposed()
    if (looks <= LOOKS_OF_START) withCodeLetGo(collectAll)
    else collectAll()
    least = held()
    idleLooks = 0
  }
  const timer = setInterval(look, EVERY_MS).unref()
  return { stop: () => clearInterval(timer) }
}

function held(): number {
  return getHeapStatistics().total_physical_size
}

function exposed(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  return () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/**
 * Collections within let go of compiled code too, which is made anew when it is run again: most of what a start runs is
 * not. V8 itself keeps code for six collections, and that of its second compiler for ever.
 */
function withCodeLetGo(collectAll: () => void): void {
  setFlagsFromString('--flush-baseline-code')
  setFlagsFromString('--bytecode-old-age=1')
  collectAll()
  setFlagsFromString('--bytecode-old-age=6')
  setFlagsFromString('--no-flush-baseline-code')
}
