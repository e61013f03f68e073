// The HTTP server: Fastify carries the requests, one handler answers them all (https://fastify.dev/docs/latest/).
import type { IncomingMessage } from 'node:http'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { FhirError } from '../fhir/index.ts'
import { allowedMethods } from '../rest/index.ts'
import { answerClientError, answerUnhandled } from './client-error.ts'
import { createCors } from './cors.ts'
import { Connections } from './connections.ts'
import { HttpExchange } from './exchange.ts'
import { describeFailure } from './failures.ts'
import { answerFailure, createFhirService, pathSegments } from './fhir.ts'
import { createHostCheck, hostFault } from './hosts.ts'
import { landingPage, LANDING_PAGE_POLICY } from './landing-page.ts'
import { LargeBodies } from './large-bodies.ts'
import { loadGauges } from './load-gauges.ts'
import { Metrics } from './metrics.ts'
import { DEFAULT_LIMITS, type HttpLimits, type HttpOptions } from './options.ts'
import { toOriginForm } from './request-target.ts'
import { requestIds } from './request-id.ts'
import { announcesBody, Room } from './room.ts'
import { createSender, type Answer } from './send.ts'
import { Turns } from './turns.ts'
import { tooLate, Watch } from './watch.ts'
import { DirectRequest, readWhole } from './whole-body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    exchange: HttpExchange | null
  }
  interface FastifyInstance {
    /** From now on /readyz says that the server closes; it goes on serving until `close`. */
    announceClosing(): void
  }
}

const FHIR_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const IDLE_SWEEP_MS = 250
/** Not of the server's making, or told once by metrics and by its health, and not again for each request. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  'not-implemented',
  'overloaded',
  'not-in-time',
  'storage-failed',
])
const NO_QUERY = Object.freeze({})

/** The server, not yet listening. `close()` stops accepting and resolves when what was accepted is answered. */
export function buildHttp(options: HttpOptions): FastifyInstance {
  const limits: HttpLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const basePath = options.basePath ?? '/fhir'
  const { logger } = options
  const origins = options.corsOrigins ?? []
  const cors = createCors(origins)
  const metrics = new Metrics()
  const isAllowedHost = createHostCheck(options.allowedHosts)
  const nextId = requestIds(options.newId())
  let closing = false
  const room = new Room(limits)
  const turns = new Turns()
  const largeBodies = new LargeBodies(limits.largeBodyBytesAtWork)
  const watch = new Watch(limits, (exchange) => {
    void sendFailure(exchange, tooLate(exchange)).finally(() => exchange.leave())
  })
  const sender = createSender({
    logger,
    room,
    watch,
    metrics,
    cors,
    isHttps: options.rest.baseUrl.startsWith('https:'),
    variesByOrigin: origins !== '*' && origins.length > 0,
    keepAliveMs: limits.keepAliveMs,
  })

  const app = fastify({
    logger: false,
    requestIdHeader: false,
    genReqId: () => '',
    exposeHeadRoutes: false,
    // A request that comes while the server closes is served, and its connection ended.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: 32 * 1024,
      // Refused below, with an OperationOutcome.
      requireHostHeader: false,
      // No stream is opened and ended for a body that is not there.
      optimizeEmptyRequests: true,
      IncomingMessage: DirectRequest,
    },
    clientErrorHandler: answerClientError,
    rewriteUrl: toOriginForm,
    routerOptions: { querystringParser: () => NO_QUERY },
    // No route has a schema: the default compilers, and ajv with them, need not be loaded.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (error, request, reply) => fail(exchangeOf(request, reply), error),
  })
  app.decorateRequest('exchange', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, stream, done) =>
    readWhole(stream, request.raw.headers['content-length'], limits.bodyBytes, done),
  )

  function exchangeOf(request: FastifyRequest, reply: FastifyReply): HttpExchange {
    if (request.exchange !== null && request.exchange !== undefined) return request.exchange
    const { raw } = request
    const exchange = new HttpExchange(raw, reply.raw, nextId(raw.headers['x-request-id']), performance.now())
    request.exchange = exchange
    return exchange
  }

  function fail(exchange: HttpExchange, error: unknown): void | Promise<void> {
    const { failure, answer } = answerFailure(error, exchange, basePath, options.rest.definitions)
    if (failure.status >= 500 && !TOLD_OTHERWISE.has(failure.code))
      logger.error({
        requestId: exchange.id,
        detail: failure.detail,
        ...describeFailure(failure.cause ?? failure),
      })
    return sender.send(exchange, answer)
  }

  /** Fastify is told nothing of the answer: it would only put hooks and a serializer between it and the socket. */
  function answerWith(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: (exchange: HttpExchange) => Answer | Promise<Answer>,
  ): void {
    const exchange = exchangeOf(request, reply)
    reply.hijack()
    try {
      const ready = answer(exchange)
      const sending = ready instanceof Promise ? sendLater(exchange, ready) : sender.send(exchange, ready)
      if (sending instanceof Promise) finishLater(exchange, sending)
    } catch (error) {
      finishLater(exchange, sendFailure(exchange, error))
    }
  }

  async function sendLater(exchange: HttpExchange, answer: Promise<Answer>): Promise<void> {
    await sender.send(exchange, await answer)
  }

  async function sendFailure(exchange: HttpExchange, error: unknown): Promise<void> {
    await fail(exchange, error)
  }

  /** Somebody may leave before that; and what fails on the way is answered as a failure. */
  function finishLater(exchange: HttpExchange, sending: Promise<void>): void {
    // A failure found at once is answered by now; watched, it would be held until its time is over.
    if (!exchange.finished) {
      room.stay(exchange)
      noticeLeaving(exchange)
      watch.unanswered(exchange)
    }
    sending
      .catch((error: unknown) => fail(exchange, error))
      .catch((error: unknown) => {
        logger.error({ requestId: exchange.id, ...describeFailure(error) })
        exchange.response.destroy()
      })
  }

  function noticeLeaving(exchange: HttpExchange): void {
    if (exchange.leavingIsNoticed) return
    exchange.leavingIsNoticed = true
    exchange.response.once('close', () => sender.abandon(exchange))
    if (exchange.isBehindAnother) connections.standBehind(exchange)
  }

  app.addHook('onRequest', (request, reply, done) => {
    const exchange = exchangeOf(request, reply)
    dropTypeOfNoBody(request.raw)
    const fault = hostFault(request.raw)
    if (fault !== undefined) return done(new FhirError('malformed', fault) as never)
    if (!isAllowedHost(request.raw.headers.host))
      return done(
        new FhirError(
          'forbidden',
          'The Host header names another server than this one. Use the address it listens on.',
        ) as never,
      )
    const url = request.raw.url ?? ''
    if (!url.startsWith(basePath)) return done()
    if (exchange.isBehindAnother) {
      if (connections.isTooFarAhead(exchange, limits.maxAhead)) {
        // The first is answered, and the connection ended with its answer; what is read of others is passed over.
        exchange.endsConnection = true
        if (connections.leaveUnread(request.raw)) return done(tooFarAhead() as never)
        reply.hijack()
        return
      }
      noticeLeaving(exchange)
    }
    const hasBody = announcesBody(request.raw.headers)
    // One without a body is in its handler before anybody can leave.
    if (hasBody) noticeLeaving(exchange)
    try {
      room.admit(exchange, hasBody, room.bytesOf(request.raw.headers))
    } catch (error) {
      return done(error as never)
    }
    done()
  })
  app.setErrorHandler((error, request, reply) => {
    answerWith(request, reply, () => {
      throw error
    })
  })
  app.setNotFoundHandler((request, reply) => {
    answerWith(request, reply, (exchange) => {
      if (isBelow(exchange.request.url ?? '', basePath) && !FHIR_METHODS.includes(exchange.method))
        throw new FhirError('method-not-allowed', 'FHIR has no interaction by this method.')
      throw new FhirError('not-found', `Nothing is here. The FHIR base is ${options.rest.baseUrl}.`)
    })
  })

  const serveFhir = createFhirService(options, limits, basePath)
  const fhirHandler = (request: FastifyRequest, reply: FastifyReply): void =>
    answerWith(request, reply, (exchange) => {
      const body = request.body as Buffer | undefined
      const large = LargeBodies.sizeOf(exchange, body, limits.bodyBytes)
      if (large > 0) return serveLarge(exchange, body, large)
      return turns.isFree(exchange, body === undefined ? exchange.startedAt : performance.now())
        ? serveFhir(exchange, body)
        : serveInTurn(exchange, body)
    })
  async function serveInTurn(exchange: HttpExchange, body: Buffer | undefined): Promise<Answer> {
    exchange.waits = true
    await turns.wait(exchange)
    exchange.waits = false
    return serveFhir(exchange, body)
  }
  async function serveLarge(
    exchange: HttpExchange,
    body: Buffer | undefined,
    bytes: number,
  ): Promise<Answer> {
    exchange.waits = true
    // What it waits for there may take long, and would keep the room from others.
    await turns.ofConnection(exchange)
    const leave = await largeBodies.enter(exchange, bytes)
    // Whoever leaves before its turn never comes to it.
    const stay = exchange.onGone(leave)
    await turns.wait(exchange)
    stay()
    exchange.waits = false
    try {
      return await serveFhir(exchange, body)
    } finally {
      leave()
    }
  }
  const optionsHandler = (request: FastifyRequest, reply: FastifyReply): void =>
    answerWith(request, reply, (exchange) => {
      const methods = allowedMethods(pathSegments(exchange, basePath))
      const { origin, 'access-control-request-method': wanted } = exchange.request.headers
      const allow = ['Allow', [...methods, 'OPTIONS'].join(', ')]
      const extra =
        wanted === undefined ? [] : preflightOnly(cors.preflight(origin, methods), cors.headers(origin))
      return { status: 204, contentType: undefined, headers: [...allow, ...extra], body: undefined }
    })
  for (const url of [basePath, `${basePath}/*`]) {
    app.route({ method: FHIR_METHODS, url, handler: fhirHandler })
    app.route({ method: 'OPTIONS', url, handler: optionsHandler })
  }

  const connections = new Connections(limits.maxConnections, (exchange) => sender.abandon(exchange))
  connections.watch(app.server, () => turns.connected())
  answerUnhandled(app.server)

  const page = (path: string, answer: () => Answer): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: (request, reply) =>
        answerWith(request, reply, (exchange) => {
          exchange.route = path
          return answer()
        }),
    })
  }
  const text = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer => ({
    status,
    contentType,
    headers: [],
    body: Buffer.from(body),
  })
  const isReady = (): boolean => !closing && (options.ready?.() ?? true)
  app.decorate('announceClosing', () => {
    closing = true
  })
  page('/healthz', () => text(200, 'ok\n'))
  page('/readyz', () => {
    const state = isReady() ? 'ready' : closing ? 'closing' : 'not ready'
    return text(isReady() ? 200 : 503, `${[state, ...(options.notes?.() ?? [])].join('\n')}\n`)
  })
  page('/metrics', () =>
    text(
      200,
      metrics.text([
        ...loadGauges({ room, turns, largeBodies, watch, connections }),
        ...(options.gauges?.() ?? []),
      ]),
      PROMETHEUS_TYPE,
    ),
  )
  const landing = landingPage(options.rest.baseUrl, options.version, [...(options.documents?.keys() ?? [])])
  page('/', () => ({
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: ['Content-Security-Policy', LANDING_PAGE_POLICY],
    body: landing,
  }))
  for (const [path, { mediaType, body }] of options.documents ?? [])
    page(path, () => ({ status: 200, contentType: mediaType, headers: [], body: body() }))

  app.addHook('preClose', (done) => {
    closing = true
    sender.close()
    // One that was answered before its request had come whole, and so without `Connection: close`, is idle only later.
    if (app.server.listening) {
      const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS)
      app.server.once('close', () => clearInterval(sweep))
    }
    done()
  })
  app.addHook('onClose', (_app, done) => {
    metrics.close()
    watch.close()
    done()
  })
  return app
}

function noCompiler(): never {
  throw new Error('routes have no schemas')
}

/** Fastify would read the body that a Content-Type promises, and wait for ever where nothing comes. */
function dropTypeOfNoBody({ headers }: IncomingMessage): void {
  if (headers['content-type'] !== undefined && !announcesBody(headers)) delete headers['content-type']
}

function tooFarAhead(): FhirError {
  return new FhirError(
    'overloaded',
    'Too many requests were sent ahead on one connection: wait for answers, or use more connections.',
    { retryAfterSeconds: 1 },
  )
}

function isBelow(url: string, basePath: string): boolean {
  return url === basePath || url.startsWith(`${basePath}/`) || url.startsWith(`${basePath}?`)
}

/** The sender adds the headers of every cross-origin answer itself. */
function preflightOnly(all: readonly string[], common: readonly string[]): readonly string[] {
  return all.slice(common.length)
}
