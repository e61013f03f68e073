// Work that waits until no writes come, and then is done in short steps with a rest after each.

export interface IdleWorkOptions {
  /** A few milliseconds' worth. Whether none remains. */
  readonly step: () => boolean
  /** After which it is tried again, much later. */
  readonly failed: (error: unknown) => void
  /** The first time, and after a failure. */
  readonly worked?: () => void
}

const MILLISECONDS_OF_QUIET = 250
const MILLISECONDS_OF_REST = 5
const MILLISECONDS_AFTER_A_FAILURE = 60_000

export class IdleWork {
  readonly #options: IdleWorkOptions
  #timer: NodeJS.Timeout | undefined
  #failedLast = false
  #isNews = true

  constructor(options: IdleWorkOptions) {
    this.#options = options
  }

  /** There may be work, and the writer is busy now. */
  postpone(): void {
    if (!this.#failedLast) this.#wait(MILLISECONDS_OF_QUIET)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#work(), milliseconds)
    this.#timer.unref()
  }

  #work(): void {
    try {
      this.#failedLast = false
      if (!this.#options.step()) this.#wait(MILLISECONDS_OF_REST)
      if (this.#isNews) this.#options.worked?.()
      this.#isNews = false
    } catch (error) {
      this.#failedLast = true
      this.#isNews = true
      this.#wait(MILLISECONDS_AFTER_A_FAILURE)
      this.#options.failed(error)
    }
  }
}
