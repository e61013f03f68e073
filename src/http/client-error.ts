// Requests so broken, slow or large that no handler saw them: answered on the bare socket, then cut off.
import type { Socket } from 'node:net'
import { FhirError, operationOutcome, writeJson } from '../fhir/index.ts'

interface ClientError extends Error {
  readonly code?: string
}

export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, reason, failure } = failureOf(error)
  const body = writeJson(operationOutcome(failure.issues))
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** The reasons are written out: `node:http`, imported for its table of them, loads undici too, 30 ms of every start. */
function failureOf({ code }: ClientError): {
  readonly status: number
  readonly reason: string
  readonly failure: FhirError
} {
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
