// Tells when every write that began before now has ended, so that none is under way by rules that hold no more.

/** In which some writes have begun. */
export class Epoch {
  writes = 0
  ended: (() => void) | undefined

  /** One of them has ended. */
  leave(): void {
    this.writes--
    if (this.writes === 0) this.ended?.()
  }
}

export class WriteEpochs {
  #epoch = new Epoch()

  /** A write begins; it is to leave the epoch when it has ended. */
  enter(): Epoch {
    this.#epoch.writes++
    return this.#epoch
  }

  /** Resolves when all writes have ended that had begun when it was called. Not to be called again before. */
  async past(): Promise<void> {
    const epoch = this.#epoch
    this.#epoch = new Epoch()
    if (epoch.writes > 0) await new Promise<void>((resolve) => (epoch.ended = resolve))
  }
}
