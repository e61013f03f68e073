// No request waits without end, and no client takes its answer without end: looked after once a second.
import { FhirError } from '../fhir/index.ts'
import type { HttpExchange } from './exchange.ts'

export interface WatchLimits {
  /** From the moment a request has come to its answer; milliseconds. */
  readonly answerTimeoutMs: number
  /** Bytes of answers that wait to be taken, in all. */
  readonly unsentBytes: number
  /** How long a client may take for its answer whatever its size is; milliseconds. */
  readonly sendGraceMs: number
  /** And beyond that it must take so many a second. */
  readonly sendBytesPerSecond: number
}

interface Unsent {
  readonly bytes: number
  readonly until: number
}

const MS_BETWEEN_LOOKS = 1000

export class Watch {
  readonly #limits: WatchLimits
  readonly #late: (exchange: HttpExchange) => void
  readonly #unanswered = new Set<HttpExchange>()
  /** In the order in which they were answered. */
  readonly #unsent = new Map<HttpExchange, Unsent>()
  #timer: NodeJS.Timeout | undefined
  #unsentBytes = 0
  #slowCut = 0
  #lateCount = 0

  /** @param late told of a request that was not answered in time; it is to answer it */
  constructor(limits: WatchLimits, late: (exchange: HttpExchange) => void) {
    this.#limits = limits
    this.#late = late
  }

  /** Bytes of answers that clients have not taken yet. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /** Clients cut off, so far, because they did not take their answers. */
  get slowCut(): number {
    return this.#slowCut
  }

  /** Requests that were not answered in time, so far. */
  get late(): number {
    return this.#lateCount
  }

  /** It was not answered at once. */
  unanswered(exchange: HttpExchange): void {
    this.#unanswered.add(exchange)
    this.#start()
  }

  answered(exchange: HttpExchange): void {
    this.#unanswered.delete(exchange)
  }

  /** The client has not taken all of its answer at once. */
  unsent(exchange: HttpExchange, bytes: number): void {
    const { sendGraceMs, sendBytesPerSecond, unsentBytes } = this.#limits
    const until = performance.now() + sendGraceMs + (bytes / sendBytesPerSecond) * 1000
    this.#unsent.set(exchange, { bytes, until })
    this.#unsentBytes += bytes
    exchange.response.once('close', () => this.#sent(exchange))
    while (this.#unsentBytes > unsentBytes && this.#unsent.size > 1) this.#cut(this.#oldestOfMost())
    this.#start()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sent(exchange: HttpExchange): void {
    const unsent = this.#unsent.get(exchange)
    if (unsent === undefined) return
    this.#unsent.delete(exchange)
    this.#unsentBytes -= unsent.bytes
  }

  #cut(exchange: HttpExchange): void {
    this.#slowCut++
    this.#sent(exchange)
    exchange.response.destroy()
  }

  /** Of the caller who has most waiting. */
  #oldestOfMost(): HttpExchange {
    const held = new Map<string, number>()
    for (const [{ name }, { bytes }] of this.#unsent) held.set(name, (held.get(name) ?? 0) + bytes)
    const most = Math.max(...held.values())
    for (const exchange of this.#unsent.keys()) if (held.get(exchange.name) === most) return exchange
    throw new Error('nothing is unsent')
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.#look(), MS_BETWEEN_LOOKS).unref()
  }

  #look(): void {
    const now = performance.now()
    for (const exchange of this.#unanswered) {
      if (now - exchange.startedAt < this.#limits.answerTimeoutMs) continue
      this.#unanswered.delete(exchange)
      this.#lateCount++
      this.#late(exchange)
    }
    for (const [exchange, { until }] of this.#unsent) if (now >= until) this.#cut(exchange)
    if (this.#unanswered.size + this.#unsent.size === 0) this.close()
  }
}

/** What a client is told whose request was not answered in time. */
export function tooLate(exchange: HttpExchange): FhirError {
  if (exchange.waits)
    return new FhirError('overloaded', 'The server has too much to do. Nothing of this request was done.', {
      retryAfterSeconds: 5,
    })
  const reads = exchange.method === 'GET' || exchange.method === 'HEAD'
  return new FhirError(
    'not-in-time',
    reads
      ? 'The server could not answer in time; try again.'
      : 'The server could not answer in time. Whether what was asked for is done is not known: look before asking again.',
    { retryAfterSeconds: 5 },
  )
}
