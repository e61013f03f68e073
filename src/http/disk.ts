// Looks now and then whether the disk has room, and says so before it has none.
import { statfs } from 'node:fs/promises'

/** Below this a disk is nearly full; bytes. */
export const NEARLY_FULL_BYTES = 256 * 1024 * 1024

const MS_BETWEEN_LOOKS = 30_000

interface DiskReports {
  readonly worked: () => void
  readonly failed: (error: Error) => void
}

export class Disk {
  readonly #folder: string
  readonly #reports: DiskReports
  readonly #enough: number
  #timer: NodeJS.Timeout | undefined
  #free: number | undefined

  /** @param enough bytes below which it is nearly full */
  constructor(folder: string, reports: DiskReports, enough = NEARLY_FULL_BYTES) {
    this.#folder = folder
    this.#reports = reports
    this.#enough = enough
  }

  /** Bytes that may still be written; undefined before the first look. */
  get free(): number | undefined {
    return this.#free
  }

  /** Looks, and goes on looking until `stop`. */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.look(), MS_BETWEEN_LOOKS).unref()
    await this.look()
  }

  async look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#folder)
      this.#free = bavail * bsize
    } catch (error) {
      this.#reports.failed(error as Error)
      return
    }
    if (this.#free >= this.#enough) this.#reports.worked()
    else this.#reports.failed(Object.assign(new Error('The disk is nearly full.'), { code: 'nearly full' }))
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
