// Puts one process under one workload and tells what came of it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver, LoadOptions } from './load-client.ts'
import type { Running } from './processes.ts'

export interface Sample {
  readonly requestsPerSecond: number
  /** User and system, all threads of the process. */
  readonly cpuMsPerRequest: number
  /** Milliseconds; undefined where nothing was asked over HTTP. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

/** The process rests when it uses less than this in such a time: what asking it costs, and little more. */
const RESTING_CPU_MS = 5
const REST_MS = 50
/** For a server takes in the words of what was written once it has been left alone for a while. */
const REST_AFTER_WRITES_MS = 400

/**
 * @param sendings see `LoadOptions`
 * @throws Error when an answer was not as it should be: what is refused quickly would look fast
 */
export async function measure(
  { url, cpuSeconds }: Running,
  driver: Driver,
  { name, ...options }: Omit<LoadOptions, 'url'> & { readonly name: string },
): Promise<Sample> {
  const before = await cpuSeconds()
  const load = await driver({ url, ...options }).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`)
  })
  const { answered, requestsPerSecond, p50, p95, p99 } = load
  const cpuMsPerRequest = (((await rested(cpuSeconds, REST_MS)) - before) * 1000) / answered
  return { requestsPerSecond, cpuMsPerRequest, p50, p95, p99 }
}

/** So that nothing is measured beside what the process does at leisure after writes. */
export async function restedAfterWrites({ cpuSeconds }: Running): Promise<void> {
  await rested(cpuSeconds, REST_AFTER_WRITES_MS)
}

/** What it has used once it rests. */
async function rested(cpuSeconds: () => Promise<number>, restMs: number): Promise<number> {
  let earlier = await cpuSeconds()
  for (;;) {
    await sleep(restMs)
    const now = await cpuSeconds()
    if ((now - earlier) * 1000 < RESTING_CPU_MS) return now
    earlier = now
  }
}
