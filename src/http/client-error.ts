// Requests so broken, slow or large that no handler saw them: answered on the bare socket, then cut off.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { FhirError, operationOutcome, writeJson } from '../fhir/index.ts'

interface Answer {
  readonly status: number
  readonly reason: string
  readonly failure: FhirError
}

const MS_TO_CLOSE = 2000

interface ClientError extends Error {
  readonly code?: string
}

export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  answerOn(socket, failureOf(error))
}

/** Answers what Node would hand to nobody, and so drop or refuse without a word. */
export function answerUnhandled(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    const failure = new FhirError('method-not-allowed', 'This server is no proxy: CONNECT is not offered.')
    answerOn(socket, { status: failure.status, reason: 'Method Not Allowed', failure })
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const failure = new FhirError('malformed', 'Of expectations only Expect: 100-continue can be met.')
    const answer = { status: 417, reason: 'Expectation Failed', failure }
    // Behind a request that is at work it has no socket yet, and its turn comes after that.
    if (response.socket === null) return answerInTurn(response, answer)
    response.detachSocket(request.socket)
    answerOn(request.socket, answer)
  })
}

function answerInTurn(response: ServerResponse, { status, reason, failure }: Answer): void {
  const body = writeJson(operationOutcome(failure.issues))
  response.writeHead(status, reason, headersOf(body)).end(body)
}

function answerOn(socket: Duplex, { status, reason, failure }: Answer): void {
  const body = writeJson(operationOutcome(failure.issues))
  const headers = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${reason}`, ...headers, '', body].join('\r\n'))
  // A client that does not close in its turn would keep the connection; one that still sends must be let read first.
  setTimeout(() => socket.destroy(), MS_TO_CLOSE).unref()
}

function headersOf(body: string): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/fhir+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  }
}

/** The reasons are written out: `node:http`, imported for its table of them, loads undici too, 30 ms of every start. */
function failureOf({ code }: ClientError): Answer {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const failure = new FhirError('timed-out', 'The request took too long to arrive.')
    return { status: failure.status, reason: 'Request Timeout', failure }
  }
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      reason: 'Request Header Fields Too Large',
      failure: new FhirError(
        'malformed',
        'The headers or the URL are too long: send long searches by POST to _search, with the parameters in the body.',
      ),
    }
  const failure = new FhirError('malformed', 'The request is not one of HTTP/1.1.')
  return { status: 400, reason: 'Bad Request', failure }
}
