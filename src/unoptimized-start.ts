// Keeps V8's optimizing compilers out of a server's start. What a start does is done once: to compile it twice more saves
// it no time, and leaves the process 12 MB larger for as long as it runs, with the compilers' own code and workspace.
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'

const EVERY_MS = 250
/** Of the time between two looks: above it the thread has requests to answer. */
const BUSY = 0.5
/** After which the compilers are there for whatever comes. */
const MOST_LOOKS = 20

/** For a process that is about to load a server; `startUnoptimized` ends it. */
export function loadUnoptimized(): void {
  // Not Maglev yet: a thread that begins without it stops for what it compiles later, instead of going on meanwhile.
  if (mayHoldBack()) setFlagsFromString('--no-turbofan')
}

/** For a start that has much to do after all; `startUnoptimized` holds the compilers back again. */
export function loadOptimized(): void {
  if (mayHoldBack()) setFlagsFromString('--turbofan')
}

/**
 * For all threads of the process, until some seconds after the start, or until then there is much to do.
 * @param ready resolves at the end of the start; when it rejects, nothing is held back any longer
 */
export function startUnoptimized(ready: Promise<void>): { end(): void } {
  const compilers = heldBack()
  for (const name of compilers) setFlagsFromString(`--no-${name}`)
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false
  const end = (): void => {
    if (hasEnded) return
    hasEnded = true
    clearInterval(timer)
    for (const name of compilers) setFlagsFromString(`--${name}`)
  }
  const watch = (): void => {
    if (hasEnded) return
    let before = performance.eventLoopUtilization()
    let looks = 0
    timer = setInterval(() => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      looks++
      if (utilization > BUSY || looks === MOST_LOOKS) end()
    }, EVERY_MS).unref()
  }
  ready.then(watch, end)
  return { end }
}

function heldBack(): readonly string[] {
  if (!mayHoldBack()) return []
  // Node 22 has Maglev switched off.
  const { v8_enable_maglev: hasMaglev } = process.config.variables as { readonly v8_enable_maglev?: unknown }
  return hasMaglev === 1 ? ['turbofan', 'maglev'] : ['turbofan']
}

/** What somebody has switched off shall not be switched on; without a JIT compiler, V8 would not survive it. */
function mayHoldBack(): boolean {
  const hasJit = 'WebAssembly' in globalThis
  return hasJit && !process.execArgv.some((argument) => /^--no-?(opt|turbofan|maglev)/.test(argument))
}
