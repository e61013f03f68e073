// The one place where answers leave: headers in one constant array, compression where it pays, log line and metrics.
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import type { Logger } from 'pino'
import type { Cors } from './cors.ts'
import type { HttpExchange } from './exchange.ts'
import type { Metrics } from './metrics.ts'
import { acceptsGzip } from './negotiate.ts'
import { remembered } from './remembered.ts'
import { createRequestLog } from './request-log.ts'
import type { Room } from './room.ts'
import type { Watch } from './watch.ts'

const compress = promisify(gzip)
const COMPRESS_FROM_BYTES = 1024
/** Up to this a thread of its own costs more than the packing, and packing less than what waits for it would notice. */
const COMPRESS_AT_ONCE_BYTES = 64 * 1024
const COMPRESSION = { level: 3 }
/** Of what no browser has to show. */
const POLICY = "default-src 'none'; frame-ancestors 'none'"

export interface Answer {
  readonly status: number
  /** undefined without a body. */
  readonly contentType: string | undefined
  /** Further headers: name, value, name, value. */
  readonly headers: readonly string[]
  readonly body: Buffer | undefined
}

export interface Sender {
  /** At once, unless the body must be compressed. */
  send(exchange: HttpExchange, answer: Answer): void | Promise<void>
  /** The client went away, or was never answered. */
  abandon(exchange: HttpExchange): void
  /** From now on connections end with their answer. */
  close(): void
}

interface SenderParts {
  readonly logger: Logger
  readonly room: Room
  readonly watch: Watch
  readonly metrics: Metrics
  readonly cors: Cors
  readonly isHttps: boolean
  /** Whether answers depend on the Origin header. */
  readonly variesByOrigin: boolean
}

export function createSender({
  logger,
  room,
  watch,
  metrics,
  cors,
  isHttps,
  variesByOrigin,
}: SenderParts): Sender {
  const constant = [
    'X-Content-Type-Options',
    'nosniff',
    'X-Frame-Options',
    'DENY',
    'Referrer-Policy',
    'no-referrer',
    'Cache-Control',
    'no-store',
    'Vary',
    variesByOrigin ? 'Accept, Accept-Encoding, Origin' : 'Accept, Accept-Encoding',
    ...(isHttps ? ['Strict-Transport-Security', 'max-age=31536000'] : []),
  ]
  const logRequest = createRequestLog(logger)
  const takesGzip = remembered(acceptsGzip)
  let closing = false

  function finish(exchange: HttpExchange, status: number): void {
    if (exchange.finished) return
    exchange.finished = true
    room.giveBack(exchange)
    watch.answered(exchange)
    const milliseconds = performance.now() - exchange.startedAt
    metrics.record(exchange.interaction, exchange.type, status, milliseconds / 1000, exchange.bytesSent)
    logRequest(exchange, status, milliseconds)
  }

  /** @param packed the body in gzip */
  function write(exchange: HttpExchange, answer: Answer, packed: Buffer | undefined): void {
    const { status, contentType, headers, body } = answer
    const { request, response } = exchange
    if (exchange.finished) return
    if (response.destroyed || response.headersSent) return finish(exchange, 499)
    const { origin } = request.headers
    const flat = [...constant, ...headers, 'X-Request-Id', exchange.id]
    if (origin !== undefined) flat.push(...cors.headers(origin))
    if (closing) flat.push('Connection', 'close')
    const sent = packed ?? body
    if (sent !== undefined && contentType !== undefined) {
      flat.push('Content-Type', contentType)
      if (!hasPolicy(headers)) flat.push('Content-Security-Policy', POLICY)
      if (packed !== undefined) flat.push('Content-Encoding', 'gzip')
      flat.push('Content-Length', String(sent.length))
    } else if (status !== 204 && status !== 304) flat.push('Content-Length', '0')
    response.writeHead(status, flat)
    if (request.method === 'HEAD' || sent === undefined) response.end()
    else {
      exchange.bytesSent = sent.length
      response.end(sent)
      if (response.socket === null || response.socket.writableLength > 0) watch.unsent(exchange, sent.length)
    }
    finish(exchange, status)
  }

  return {
    send(exchange, answer) {
      const { body } = answer
      const encodings = exchange.request.headers['accept-encoding']
      if (
        body === undefined ||
        body.length <= COMPRESS_FROM_BYTES ||
        encodings === undefined ||
        !takesGzip(encodings)
      )
        return write(exchange, answer, undefined)
      if (body.length <= COMPRESS_AT_ONCE_BYTES) return write(exchange, answer, gzipSync(body, COMPRESSION))
      return compress(body, COMPRESSION).then((packed) => write(exchange, answer, packed))
    },
    abandon(exchange) {
      if (exchange.finished) return
      finish(exchange, 499)
      exchange.leave()
    },
    close() {
      closing = true
    },
  }
}

function hasPolicy(headers: readonly string[]): boolean {
  return headers.includes('Content-Security-Policy')
}
