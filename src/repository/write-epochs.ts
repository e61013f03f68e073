// Tells when every write that began before now has ended, so that none is under way by rules that hold no more.

interface Epoch {
  writes: number
  ended: (() => void) | undefined
}

export class WriteEpochs {
  #epoch: Epoch = { writes: 0, ended: undefined }

  /** A write begins; the function is called when it has ended. */
  enter(): () => void {
    const epoch = this.#epoch
    epoch.writes++
    return () => {
      epoch.writes--
      if (epoch.writes === 0) epoch.ended?.()
    }
  }

  /** Resolves when all writes have ended that had begun when it was called. Not to be called again before. */
  async past(): Promise<void> {
    const epoch = this.#epoch
    this.#epoch = { writes: 0, ended: undefined }
    if (epoch.writes > 0) await new Promise<void>((resolve) => (epoch.ended = resolve))
  }
}
