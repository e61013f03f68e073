// Prometheus metrics (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), written by hand.
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Gauge {
  /** Such as `alcove_store_queued_commits`. */
  readonly name: string
  readonly help: string
  readonly value: number
  /** A gauge unless said; a counter only grows. */
  readonly kind?: 'counter' | 'gauge'
  /** Such as `{job="backup"}`; those of one name follow one another. */
  readonly labels?: string
}

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const STATUS_CLASSES = 6

/** What was answered of one interaction. */
interface Interaction {
  /** By type: how many with 0xx, 1xx, 2xx and so on. */
  readonly types: Map<string, number[]>
  /** How many within each bucket, those of smaller buckets not counted again. */
  readonly buckets: number[]
  /** Seconds. */
  sum: number
  count: number
}

export class Metrics {
  readonly #interactions = new Map<string, Interaction>()
  readonly #lag = monitorEventLoopDelay({ resolution: 20 })
  #bytesSent = 0

  constructor() {
    this.#lag.enable()
  }

  /** `type` must be a type of R4, or '', so that clients cannot grow the table. */
  record(interaction: string, type: string, status: number, seconds: number, bytes: number): void {
    const of = this.#interactions.get(interaction) ?? this.#add(interaction)
    const statuses = of.types.get(type) ?? addType(of, type)
    const statusClass = Math.trunc(status / 100)
    statuses[statusClass] = (statuses[statusClass] ?? 0) + 1
    this.#bytesSent += bytes
    of.sum += seconds
    of.count++
    for (let i = 0; i < BUCKETS.length; i++)
      if (seconds <= (BUCKETS[i] as number)) {
        of.buckets[i] = (of.buckets[i] as number) + 1
        break
      }
  }

  #add(interaction: string): Interaction {
    const added = { types: new Map(), buckets: BUCKETS.map(() => 0), sum: 0, count: 0 }
    this.#interactions.set(interaction, added)
    return added
  }

  /** The text that /metrics answers with. */
  text(gauges: readonly Gauge[]): string {
    const lines: string[] = []
    const named = new Set<string>()
    const metric = (name: string, kind: string, help: string, samples: readonly string[]): void => {
      lines.push(
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${kind}`,
        ...samples.map((sample) => name + sample),
      )
    }
    metric(
      'alcove_http_requests_total',
      'counter',
      'Requests answered, by interaction, type and status.',
      this.#counts(),
    )
    metric(
      'alcove_http_request_duration_seconds',
      'histogram',
      'Time to answer, by interaction.',
      this.#histogram(),
    )
    metric('alcove_http_response_bytes_total', 'counter', 'Bytes of bodies sent.', [` ${this.#bytesSent}`])

    const cpu = process.cpuUsage()
    const memory = process.memoryUsage()
    metric('process_cpu_seconds_total', 'counter', 'User and system CPU time.', [
      ` ${(cpu.user + cpu.system) / 1e6}`,
    ])
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', [` ${memory.rss}`])
    metric('nodejs_heap_size_used_bytes', 'gauge', 'JavaScript heap in use.', [` ${memory.heapUsed}`])
    metric('nodejs_external_memory_bytes', 'gauge', 'Memory of buffers outside the heap.', [
      ` ${memory.external}`,
    ])
    metric('process_uptime_seconds', 'gauge', 'Time since the process started.', [` ${process.uptime()}`])
    metric(
      'nodejs_eventloop_lag_seconds',
      'gauge',
      'Event loop delay since the last scrape.',
      this.#lagSamples(),
    )
    for (const { name, help, value, kind = 'gauge', labels = '' } of gauges) {
      if (!named.has(name)) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
      named.add(name)
      lines.push(`${name}${labels} ${value}`)
    }
    return `${lines.join('\n')}\n`
  }

  close(): void {
    this.#lag.disable()
  }

  #counts(): readonly string[] {
    return [...this.#interactions].flatMap(([interaction, { types }]) =>
      [...types].flatMap(([type, counts]) =>
        counts.flatMap((count, statusClass) =>
          count === 0
            ? []
            : [`{interaction="${interaction}",type="${type}",status="${statusClass}xx"} ${count}`],
        ),
      ),
    )
  }

  #histogram(): readonly string[] {
    return [...this.#interactions].flatMap(([interaction, { buckets: within, sum, count }]) => {
      let below = 0
      const buckets = BUCKETS.map((bound, i) => {
        below += within[i] as number
        return `_bucket{interaction="${interaction}",le="${bound}"} ${below}`
      })
      return [
        ...buckets,
        `_bucket{interaction="${interaction}",le="+Inf"} ${count}`,
        `_sum{interaction="${interaction}"} ${sum}`,
        `_count{interaction="${interaction}"} ${count}`,
      ]
    })
  }

  #lagSamples(): readonly string[] {
    const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0)
    const samples = [
      `{quantile="0.5"} ${seconds(this.#lag.percentile(50))}`,
      `{quantile="0.99"} ${seconds(this.#lag.percentile(99))}`,
      `{quantile="1"} ${this.#lag.count === 0 ? 0 : seconds(this.#lag.max)}`,
    ]
    this.#lag.reset()
    return samples
  }
}

function addType({ types }: Interaction, type: string): number[] {
  const statuses = Array.from({ length: STATUS_CLASSES }, () => 0)
  types.set(type, statuses)
  return statuses
}
