// Large bodies are read and worked on a few at a time: as values they take ten times their bytes.
import { FairLine } from '../store/index.ts'
import type { HttpExchange } from './exchange.ts'

/** A body that may be smaller than this is not large; bytes. */
const LARGE_BYTES = 1024 * 1024
/** The most that a byte of them unpacks to; that of others is not known. */
const PACKED = new Map([
  ['gzip', 1032],
  ['x-gzip', 1032],
  ['deflate', 1032],
])

interface Waiting {
  readonly bytes: number
  readonly begin: () => void
}

export class LargeBodies {
  readonly #line = new FairLine<Waiting>()
  /** First in line already, but too large for now. */
  #first: Waiting | undefined
  readonly #most: number
  #atWork = 0

  /** @param most bytes of large bodies at work at once; one may always be */
  constructor(most: number) {
    this.#most = most
  }

  /** @param limit of a body, unpacked; 0 for one that is not large, else how large it may be */
  static sizeOf(exchange: HttpExchange, body: Buffer | undefined, limit: number): number {
    if (body === undefined) return 0
    const encoding = exchange.request.headers['content-encoding']
    const most = encoding === undefined ? body.length : body.length * (PACKED.get(encoding) ?? limit)
    return most < LARGE_BYTES ? 0 : Math.min(most, limit)
  }

  /** Bytes of those at work. */
  get atWork(): number {
    return this.#atWork
  }

  get waiting(): number {
    return this.#line.length + (this.#first === undefined ? 0 : 1)
  }

  /** Resolves when it may be worked on, to what is to be called when it is done; never when its client left before. */
  enter(exchange: HttpExchange, bytes: number): Promise<() => void> {
    return new Promise((resolve) => {
      const { name } = exchange
      const waiting: Waiting = {
        bytes,
        begin: () => {
          stay()
          this.#atWork += bytes
          resolve(() => {
            this.#atWork -= bytes
            this.#admit()
          })
        },
      }
      const stay = exchange.onGone(() => {
        if (this.#first === waiting) this.#first = undefined
        else this.#line.leave(name, waiting)
        this.#admit()
      })
      this.#line.join(name, waiting)
      this.#admit()
    })
  }

  #admit(): void {
    for (;;) {
      const next = this.#first ?? this.#line.next()
      this.#first = next
      if (next === undefined || (this.#atWork > 0 && this.#atWork + next.bytes > this.#most)) return
      this.#first = undefined
      next.begin()
    }
  }
}
