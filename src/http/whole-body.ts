// Takes a request's body as it comes off the connection. A stream that somebody listens to would tell of each piece, and
// of its own opening, end and closing, in turns of their own: more than all that is done with a small body until it is read.
import type { Readable } from 'node:stream'
import { FhirError } from '../fhir/index.ts'
import { tooLarge } from './body.ts'

/** Not imported: Node would load its own fetch with the module, some MB. */
const { IncomingMessage: Plain } = process.getBuiltinModule('node:http')

/** Told once: what went wrong, or else the body. */
export type BodyRead = (error: Error | null, body?: Buffer) => void

/** Node's request, whose body may be taken past the stream that it is. */
export class DirectRequest extends Plain {
  #taker: BodyTaker | undefined

  /** Whether the body goes to the taker from now on. It does not where some of it has come already. */
  giveTo(taker: BodyTaker): boolean {
    if (this.complete || this.readableLength > 0 || this.readableFlowing !== null) return false
    // Node 22 cannot be told that nothing is left to read.
    if ((this as unknown as Inside)._dumpAndCloseReadable === undefined) return false
    this.#taker = taker
    return true
  }

  /** Called by Node with each piece, and with null at the end. Whether more may come. */
  override push(piece: Buffer | null, encoding?: BufferEncoding): boolean {
    const taker = this.#taker
    const inside = this as unknown as Inside
    // Answered before it had come whole, it is Node's to pass over the rest.
    if (taker === undefined || inside._dumped) return super.push(piece, encoding)
    if (piece !== null) {
      taker.take(piece)
      return true
    }
    this.#taker = undefined
    inside._dumpAndCloseReadable?.()
    taker.end()
    return true
  }
}

/** What Node itself does with a request that has no body, where `optimizeEmptyRequests` is set. */
interface Inside {
  readonly _dumped: boolean
  readonly _dumpAndCloseReadable: (() => void) | undefined
}

/** Puts the pieces together. */
class BodyTaker {
  readonly #limitBytes: number
  /** Of the whole, as the request says; NaN where it does not. */
  readonly #announced: number
  #done: BodyRead | undefined
  readonly #pieces: Buffer[] = []
  #length = 0

  constructor(limitBytes: number, announced: number, done: BodyRead) {
    this.#limitBytes = limitBytes
    this.#announced = announced
    this.#done = done
  }

  take(piece: Buffer): void {
    if (this.#done === undefined) return
    this.#length += piece.length
    if (this.#length > this.#limitBytes) this.fail(tooLarge(this.#limitBytes))
    else this.#pieces.push(piece)
  }

  end(): void {
    if (!Number.isNaN(this.#announced) && this.#length !== this.#announced)
      return this.fail(new FhirError('malformed', 'The body is not as long as its Content-Length says.'))
    const [first, second] = this.#pieces
    this.#tell(null, first !== undefined && second === undefined ? first : Buffer.concat(this.#pieces))
  }

  fail(error: Error): void {
    this.#pieces.length = 0
    this.#tell(error)
  }

  #tell(error: Error | null, body?: Buffer): void {
    const done = this.#done
    this.#done = undefined
    done?.(error, body)
  }
}

/**
 * Reads the whole of a body.
 * @param announced its length as Content-Length says; undefined where there is none
 * @param done told FhirError `too-large`, `malformed`, or what the connection failed with
 */
export function readWhole(
  request: Readable,
  announced: string | undefined,
  limitBytes: number,
  done: BodyRead,
): void {
  const length = announced === undefined ? Number.NaN : Number(announced)
  if (length > limitBytes) return done(tooLarge(limitBytes))
  const taker = new BodyTaker(limitBytes, length, done)
  if (request instanceof DirectRequest && request.giveTo(taker)) return
  request.on('data', (piece: Buffer) => taker.take(piece))
  request.on('end', () => taker.end())
  request.on('error', (error) => taker.fail(error))
}
