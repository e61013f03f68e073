// The same load by autocannon (https://github.com/mcollina/autocannon), to check the bench's own client against.
import autocannon, { type Client, type Request as Sent } from 'autocannon'
import type { Driver, Sending } from './load-client.ts'

const SAMPLE_MS = 50

/** Knows latencies in whole milliseconds; p95 is its p97.5, which is the nearest it keeps. Does not pause. */
export const driveByAutocannon: Driver = async ({ url, connections, seconds, status, sendings }) => {
  let connection = 0
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: SAMPLE_MS,
    setupClient: (client: Client) => client.setRequests(sendings(connection++).map(sent)),
  })
  const statuses = result.statusCodeStats
  const answered = statuses[status]?.count ?? 0
  if (answered === 0 || Object.keys(statuses).length > 1 || result.errors > 0)
    throw new Error(
      `${status} was expected, but: ${result.errors} not answered; statuses ${JSON.stringify(statuses)}`,
    )
  const { p50, p97_5: p95, p99 } = result.latency
  // What was under way at the end is worked on too, though nobody hears of it.
  return {
    answered: answered + connections,
    requestsPerSecond: answered / result.duration,
    p50,
    p95,
    p99,
  }
}

function sent(sending: Sending): Sent {
  if (typeof sending !== 'function') return { ...sending }
  const setupRequest = (request: Sent): Sent => {
    const next = sending()
    return { ...request, ...next, headers: { ...request.headers, ...next.headers } }
  }
  return { ...sending(), setupRequest }
}
