// One HTTP request and its answer, from the first header to the last byte, with what log and metrics will say of it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Asker } from '../store/index.ts'

export class HttpExchange implements Asker {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  /** performance.now() at the start. */
  readonly startedAt: number
  /** Whether there was a place for it among the requests at work. */
  admitted = false
  /** Whether it has taken the place. */
  counted = false
  /** The name it counts for: a socket that has ended does not know its address any more. */
  countedFor = ''
  /** Whether its place is given back when the client goes away. */
  leavingIsNoticed = false
  /** What is set aside for its body, in bytes. */
  reserved = 0
  /** Path pattern, free of ids and query: `/fhir/Patient/:id`. */
  route = '-'
  interaction = 'other'
  type = ''
  pretty = false
  /** Of the answer, once it is settled: the media type that the client would rather have. */
  mediaType: string | undefined
  bytesSent = 0
  /** Set once, when it is answered or given up. */
  finished = false
  /** Whether the connection is to end with the answer. */
  endsConnection = false
  gone = false
  /** Whether nothing of it has been begun. */
  waits = false
  #whenGone: Set<() => void> | undefined

  constructor(request: IncomingMessage, response: ServerResponse, id: string, startedAt: number) {
    this.request = request
    this.response = response
    this.id = id
    this.startedAt = startedAt
  }

  get method(): string {
    return this.request.method ?? 'GET'
  }

  /** The client's address. */
  get name(): string {
    return this.request.socket.remoteAddress ?? ''
  }

  /** Whether an earlier request of its connection is not answered yet. */
  get isBehindAnother(): boolean {
    const { response } = this
    return response.socket === null && !response.destroyed && !response.writableEnded
  }

  onGone(call: () => void): () => void {
    const calls = (this.#whenGone ??= new Set())
    calls.add(call)
    return () => void calls.delete(call)
  }

  /** Nobody waits for the answer any more. */
  leave(): void {
    if (this.gone) return
    this.gone = true
    const calls = this.#whenGone
    this.#whenGone = undefined
    for (const call of calls ?? []) call()
  }
}
