// The one place where answers leave: headers in one constant array, compression where it pays, log line and metrics.
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import type { Logger } from 'pino'
import type { Cors } from './cors.ts'
import type { HttpExchange } from './exchange.ts'
import type { Metrics } from './metrics.ts'
import { acceptsGzip } from './negotiate.ts'
import { OnePiece, ROOM_BYTES } from './one-piece.ts'
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
const POLICY = ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"]

export interface Answer {
  readonly status: number
  /** undefined without a body. */
  readonly contentType: string | undefined
  /** Further headers: name, value, name, value. */
  readonly headers: readonly string[]
  readonly body: Buffer | undefined
  /** Whether the body stands in memory in which nothing else does: it is let go of once it is sent. */
  readonly ownsBody?: boolean
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
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number
}

export function createSender({
  logger,
  room,
  watch,
  metrics,
  cors,
  isHttps,
  variesByOrigin,
  keepAliveMs,
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
  const onePiece = new OnePiece([...constant, ...POLICY], keepAliveMs)
  const logRequest = createRequestLog(logger)
  const takesGzip = remembered(acceptsGzip)
  let closing = false

  function finish(exchange: HttpExchange, status: number, now: number): void {
    if (exchange.finished) return
    exchange.finished = true
    room.giveBack(exchange)
    watch.answered(exchange)
    const milliseconds = performance.now() - exchange.startedAt
    metrics.record(exchange.interaction, exchange.type, status, milliseconds / 1000, exchange.bytesSent)
    logRequest(exchange, status, milliseconds, now)
  }

  function allHeaders(headers: readonly string[], further: readonly string[]): string[] {
    return [...constant, ...headers, ...further, ...(closing ? ['Connection', 'close'] : [])]
  }

  /** @param packed the body in gzip */
  function write(exchange: HttpExchange, answer: Answer, packed: Buffer | undefined): void {
    const { status, contentType, headers, body, ownsBody } = answer
    const { request, response } = exchange
    const now = Date.now()
    if (exchange.finished) return
    if (response.destroyed || response.headersSent) return finish(exchange, 499, now)
    const { origin } = request.headers
    const further = ['X-Request-Id', exchange.id]
    if (origin !== undefined) further.push(...cors.headers(origin))
    if (packed !== undefined) further.push('Content-Encoding', 'gzip')
    const sent = packed ?? body
    if (sent === undefined || contentType === undefined) {
      if (status !== 204 && status !== 304) further.push('Content-Length', '0')
      response.writeHead(status, allHeaders(headers, further))
      response.end()
    } else {
      const hasPolicy = headers.includes(POLICY[0] as string)
      const isOnePiece =
        !closing && !hasPolicy && onePiece.send(response, status, contentType, headers, further, sent, now)
      const { length } = sent
      if (!isOnePiece) {
        if (!hasPolicy) further.push(...POLICY)
        further.push('Content-Type', contentType, 'Content-Length', String(length))
        response.writeHead(status, allHeaders(headers, further))
        if (request.method === 'HEAD') response.end()
        else response.end(sent, ownsBody === true ? () => letGo(body) : undefined)
      } else if (ownsBody === true) letGo(body)
      if (request.method !== 'HEAD') {
        exchange.bytesSent = length
        if (response.socket === null || response.socket.writableLength > 0)
          watch.unsent(exchange, isOnePiece ? ROOM_BYTES : length)
      }
    }
    finish(exchange, status, now)
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
      finish(exchange, 499, Date.now())
      exchange.leave()
    },
    close() {
      closing = true
    },
  }
}

/**
 * At once, rather than when it is collected: V8 counts what stands outside its heap, and goes through all of the heap
 * each time that 64 MB more of it are there, which large answers are within a second.
 */
function letGo(body: Buffer | undefined): void {
  if (body?.buffer instanceof ArrayBuffer) body.buffer.transfer(0)
}
