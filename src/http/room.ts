// How many requests are at work at once, and how many bytes of bodies: bounded, and no caller can take up all of it.
import type { IncomingHttpHeaders } from 'node:http'
import { FhirError } from '../fhir/index.ts'
import { Shares } from '../store/index.ts'
import type { HttpExchange } from './exchange.ts'
import type { HttpLimits } from './options.ts'

/** Whether a body is to come, be it of no bytes: what it asks for is begun later than the head is read. */
export function announcesBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

export class Room {
  readonly #limits: HttpLimits
  readonly #places: Shares
  readonly #bytes: Shares
  #refused = 0

  constructor(limits: HttpLimits) {
    this.#limits = limits
    this.#places = new Shares(limits.maxInFlight)
    this.#bytes = new Shares(limits.bodyBytesInFlight)
  }

  get inFlight(): number {
    return this.#places.total
  }

  get bodyBytes(): number {
    return this.#bytes.total
  }

  /** Requests refused for want of room, so far. */
  get refused(): number {
    return this.#refused
  }

  /** What its body will take at most; a packed one may unpack to the limit. */
  bytesOf(headers: IncomingHttpHeaders): number {
    if (!announcesBody(headers)) return 0
    const { 'content-length': length, 'content-encoding': encoding } = headers
    const { bodyBytes } = this.#limits
    if (length === undefined || encoding !== undefined) return bodyBytes
    return Math.min(Number(length) || 0, bodyBytes)
  }

  /**
   * Lets it in where there is a place, and what its body needs. One that announces no body is counted only if it stays:
   * else nothing happens before it has gone again.
   * @throws FhirError `overloaded`
   */
  admit(exchange: HttpExchange, hasBody: boolean, bytes: number): void {
    const { name } = exchange
    if (!this.#places.fits(name, 1) || !this.#bytes.fits(name, bytes)) {
      this.#refused++
      throw new FhirError('overloaded', 'The server is at its limit; try again in a second.', {
        retryAfterSeconds: 1,
      })
    }
    exchange.admitted = true
    exchange.reserved = bytes
    if (hasBody) this.stay(exchange)
  }

  /** It is not answered at once: it takes its place, if it was let in. */
  stay(exchange: HttpExchange): void {
    if (!exchange.admitted || exchange.counted) return
    const { name, reserved } = exchange
    exchange.counted = true
    exchange.countedFor = name
    this.#places.take(name, 1)
    this.#bytes.take(name, reserved)
  }

  /** Once; nothing when it was never admitted. */
  giveBack(exchange: HttpExchange): void {
    if (!exchange.counted) return
    exchange.counted = false
    this.#places.give(exchange.countedFor, 1)
    this.#bytes.give(exchange.countedFor, exchange.reserved)
  }
}
