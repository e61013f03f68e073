// One HTTP request and its answer, from the first header to the last byte, with what log and metrics will say of it.
import type { IncomingMessage, ServerResponse } from 'node:http'

export class HttpExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  /** performance.now() at the start. */
  readonly startedAt: number
  /** Whether it counts against the limit of requests at work. */
  counted = false
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

  constructor(request: IncomingMessage, response: ServerResponse, id: string, startedAt: number) {
    this.request = request
    this.response = response
    this.id = id
    this.startedAt = startedAt
  }

  get method(): string {
    return this.request.method ?? 'GET'
  }
}
