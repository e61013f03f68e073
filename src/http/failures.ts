// Whatever went wrong, as the FhirError that the client is told of. Nothing unexpected is told in detail.
import { FhirError, stackFrames } from '../fhir/index.ts'

/** Fastify's own errors by their code; those not listed are unexpected. */
export function asFhirError(error: unknown): FhirError {
  if (error instanceof FhirError) return error
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new FhirError(
        'unsupported-media-type',
        'The Content-Type cannot be read: send application/fhir+json or application/fhir+xml.',
      )
    // Fastify asks this of QUERY alone, before it looks for a route.
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return new FhirError('method-not-allowed', 'FHIR has no interaction by this method.')
    case 'FST_ERR_BAD_URL':
      return new FhirError(
        'malformed',
        'The URL has a % that is not followed by the escape of a UTF-8 character.',
      )
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return new FhirError('timed-out', 'The connection ended before the request did.')
    default:
      return new FhirError(
        'internal',
        'The server failed. Its log says more under the X-Request-Id of this answer.',
        {
          cause: error,
        },
      )
  }
}

/**
 * What the log may hold of an unexpected error: no message of the JSON parser, which quotes what it read.
 */
export function describeFailure(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: typeof error }
  const { name, code } = error as NodeJS.ErrnoException
  return {
    error: name,
    ...(code === undefined ? {} : { code }),
    ...(error instanceof SyntaxError ? {} : { message: error.message.slice(0, 300) }),
    stack: stackFrames(error),
    ...(error.cause === undefined ? {} : { cause: describeFailure(error.cause) }),
  }
}
