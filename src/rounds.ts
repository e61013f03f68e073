// Work that comes round: each piece of it every so often, one after the other, until it is stopped.

export interface Round {
  /** Milliseconds. */
  readonly everyMs: number
  /** How long after the start it comes first. */
  readonly firstMs: number
  /** @param signal aborted when it is to end where it is */
  readonly work: (signal: AbortSignal) => Promise<void>
}

export interface RoundReports {
  /** Nothing fails now. */
  worked(): void
  failed(error: unknown): void
}

/** A round that has failed comes again after so long at the latest. */
export const RETRY_MS = 5 * 60_000
const MS_BETWEEN_LOOKS = 10_000

export class Rounds {
  readonly #rounds: readonly { readonly round: Round; due: number; fails: boolean }[]
  readonly #reports: RoundReports
  readonly #now: () => number
  readonly #stop = new AbortController()
  #working: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param now milliseconds since 1970; from its first value on time is counted */
  constructor(rounds: readonly Round[], reports: RoundReports, now: () => number) {
    const started = now()
    this.#rounds = rounds.map((round) => ({ round, due: started + round.firstMs, fails: false }))
    this.#reports = reports
    this.#now = now
  }

  /** Looks, and goes on looking until `stop`; the process is not kept alive by it. */
  start(): void {
    if (this.#stop.signal.aborted) return
    this.#timer ??= setInterval(() => void this.look(), MS_BETWEEN_LOOKS).unref()
    void this.look()
  }

  /** Does what is due; resolves when that is done. Whoever looks meanwhile waits for the same. */
  look(): Promise<void> {
    this.#working ??= this.#doDue().finally(() => (this.#working = undefined))
    return this.#working
  }

  /** For good; resolves when what was under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#working
  }

  async #doDue(): Promise<void> {
    const { signal } = this.#stop
    for (const one of this.#rounds) {
      if (signal.aborted || this.#now() < one.due) continue
      const { work, everyMs } = one.round
      try {
        await work(signal)
        one.fails = false
        one.due = this.#now() + everyMs
      } catch (error) {
        // What is stopped fails because of that.
        if (signal.aborted) return
        one.fails = true
        one.due = this.#now() + Math.min(everyMs, RETRY_MS)
        this.#reports.failed(error)
        continue
      }
      if (!signal.aborted && !this.#rounds.some(({ fails }) => fails)) this.#reports.worked()
    }
  }
}
