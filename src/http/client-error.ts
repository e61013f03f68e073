// Requests so broken, slow or large that no handler saw them: answered on the bare socket, then cut off.
import { STATUS_CODES } from 'node:http'
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
  const { status, failure } = failureOf(error)
  const body = writeJson(operationOutcome(failure.issues))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function failureOf({ code }: ClientError): { readonly status: number; readonly failure: FhirError } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const failure = new FhirError('timed-out', 'The request took too long to arrive.')
    return { status: failure.status, failure }
  }
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      failure: new FhirError(
        'malformed',
        'The headers or the URL are too long: send long searches by POST to _search, with the parameters in the body.',
      ),
    }
  return { status: 400, failure: new FhirError('malformed', 'The request is not one of HTTP/1.1.') }
}
