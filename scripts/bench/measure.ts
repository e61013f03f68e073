// Puts one process under one workload and tells what came of it.
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon, { type Client } from 'autocannon'
import type { Running } from './processes.ts'
import type { Workload } from './workloads.ts'

const REST_MS = 50

export interface Sample {
  readonly requestsPerSecond: number
  /** User and system, all threads of the process. */
  readonly cpuMsPerRequest: number
  /** Milliseconds; undefined where nothing was asked over HTTP. */
  readonly p50?: number
  readonly p99?: number
}

/** @throws Error when an answer was not as it should be: what is refused quickly would look fast */
export async function measure(
  { url, cpuSeconds }: Running,
  { name, requests, connections }: Workload,
  round: number,
  seconds: number,
): Promise<Sample> {
  let connection = 0
  const before = await cpuSeconds()
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 50,
    setupClient: (client: Client) => client.setRequests(requests(connection++, round)),
  })
  const cpu = (await settledCpuSeconds(cpuSeconds)) - before
  const answered = result['2xx']
  if (answered === 0 || result.non2xx > 0 || result.errors > 0)
    throw new Error(
      `${name}: ${answered} answered well, ${result.errors} not at all; statuses ${JSON.stringify(result.statusCodeStats)}`,
    )
  const { p50, p99 } = result.latency
  // What was under way at the end is finished too, though nobody hears of it.
  const cpuMsPerRequest = (cpu * 1000) / (answered + connections)
  return { requestsPerSecond: answered / result.duration, cpuMsPerRequest, p50, p99 }
}

/** Once the process rests, so that no workload is measured beside the end of another. */
async function settledCpuSeconds(cpuSeconds: () => Promise<number>): Promise<number> {
  let earlier = await cpuSeconds()
  for (;;) {
    await sleep(REST_MS)
    const now = await cpuSeconds()
    if ((now - earlier) * 1000 < REST_MS / 10) return now
    earlier = now
  }
}
