// What the server says of work that no request waits for: in /readyz, in /metrics, and in the log, once and not endlessly.
import type { Logger } from 'pino'
import { describeFailure } from './failures.ts'
import type { Gauge } from './metrics.ts'

export interface JobKind {
  /** For people: `moving the log into the database`. */
  readonly what: string
  /** While it fails the server cannot serve: /readyz says so. */
  readonly vital?: boolean
}

interface Job extends JobKind {
  /** Milliseconds since 1970. */
  lastSuccess: number | undefined
  failures: number
  /** Since when it fails, if it does; milliseconds since 1970. */
  failingSince: number | undefined
  reason: string
  /** When that was last written into the log. */
  toldAt: number
  failuresTold: number
}

const MS_BETWEEN_LINES = 10 * 60_000

/** @template Name of the jobs, as they stand in metrics: `full text` */
export class Health<Name extends string> {
  readonly #logger: Logger
  readonly #now: () => number
  readonly #jobs: ReadonlyMap<Name, Job>

  /** @param now milliseconds since 1970 */
  constructor(kinds: Readonly<Record<Name, JobKind>>, logger: Logger, now: () => number) {
    this.#logger = logger
    this.#now = now
    this.#jobs = new Map(
      (Object.entries(kinds) as [Name, JobKind][]).map(([name, kind]) => [
        name,
        {
          ...kind,
          lastSuccess: undefined,
          failures: 0,
          failingSince: undefined,
          reason: '',
          toldAt: 0,
          failuresTold: 0,
        },
      ]),
    )
  }

  worked(name: Name): void {
    const job = this.#job(name)
    job.lastSuccess = this.#now()
    if (job.failingSince === undefined) return
    job.failingSince = undefined
    this.#logger.info({ job: name, failures: job.failures }, `${job.what} works again`)
  }

  failed(name: Name, error: unknown): void {
    const job = this.#job(name)
    const now = this.#now()
    job.failures++
    job.reason = reasonOf(error)
    const isNews = job.failingSince === undefined || now - job.toldAt >= MS_BETWEEN_LINES
    job.failingSince ??= now
    if (!isNews) return
    const failures = job.failures - job.failuresTold
    job.toldAt = now
    job.failuresTold = job.failures
    const { detail } = (error ?? {}) as { readonly detail?: unknown }
    this.#logger.error({ job: name, failures, detail, ...describeFailure(error) }, `${job.what} failed`)
  }

  /** Whether nothing without which the server cannot serve fails. */
  get serves(): boolean {
    return ![...this.#jobs.values()].some(({ vital, failingSince }) => vital && failingSince !== undefined)
  }

  /** What fails now, a line each, for /readyz. */
  notes(): readonly string[] {
    return [...this.#jobs].flatMap(([name, { what, failingSince, failures, reason }]) =>
      failingSince === undefined
        ? []
        : `${name}: ${what} fails since ${new Date(failingSince).toISOString()}, ${failures} failures since the start: ${reason}`,
    )
  }

  gauges(): readonly Gauge[] {
    const each = (
      name: string,
      help: string,
      of: (job: Job) => number | undefined,
      kind: Gauge['kind'] = 'gauge',
    ): Gauge[] =>
      [...this.#jobs].flatMap(([job, state]) => {
        const value = of(state)
        return value === undefined ? [] : { name, help, value, kind, labels: `{job="${job}"}` }
      })
    return [
      ...each('alcove_job_failures_total', 'Failures since the start.', (job) => job.failures, 'counter'),
      ...each('alcove_job_failing', 'Whether it fails now.', (job) =>
        job.failingSince === undefined ? 0 : 1,
      ),
      ...each(
        'alcove_job_last_success_timestamp_seconds',
        'When it last worked, in seconds since 1970.',
        (job) => job.lastSuccess && job.lastSuccess / 1000,
      ),
    ]
  }

  #job(name: Name): Job {
    return this.#jobs.get(name) as Job
  }
}

/** A code, never a message: that may name what is stored. */
function reasonOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  const deeper = (cause as { readonly code?: unknown } | undefined)?.code
  const codes = [code, deeper].filter((it) => typeof it === 'string')
  return codes.length === 0 ? 'see the log' : `${codes.join(', ')}; see the log`
}
