// FHIR over HTTP: a request becomes a RestRequest, a RestResponse becomes the answer.
import { isUtf8 } from 'node:buffer'
import {
  FhirError,
  MAX_DEPTH,
  operationOutcome,
  parseJson,
  writeJson,
  writeXml,
  type Definitions,
  type Resource,
} from '../fhir/index.ts'
import {
  allowedMethods,
  findRoute,
  perform,
  readPairs,
  resourceBytes,
  type RestBody,
  type RestHeaders,
  type RestResponse,
  type Route,
} from '../rest/index.ts'
import type { Repository } from '../repository/index.ts'
import { readBody } from './body.ts'
import type { HttpExchange } from './exchange.ts'
import { asFhirError } from './failures.ts'
import { createHttpDate } from './http-date.ts'
import { contentTypeOf, FHIR_JSON, formatOf, negotiateMediaType } from './negotiate.ts'
import type { HttpLimits, HttpOptions } from './options.ts'
import { remembered } from './remembered.ts'
import type { Answer } from './send.ts'

const NO_HEADERS: readonly string[] = Object.freeze([])
const TYPE = '/:type'

/** What answers below the FHIR base: at once where nothing has to be waited for. It throws FhirError as the interactions do. */
export type FhirService = (exchange: HttpExchange, bytes: Buffer | undefined) => Answer | Promise<Answer>

export function createFhirService(options: HttpOptions, limits: HttpLimits, basePath: string): FhirService {
  const { rest, repositoryFor } = options
  const { definitions } = rest
  const httpDate = createHttpDate()
  const mediaTypeOf = remembered((accept) => negotiateMediaType(accept, undefined))

  function serve(exchange: HttpExchange, found: Found, body: RestBody | undefined): Answer | Promise<Answer> {
    const repository = repositoryFor({
      authorization: exchange.request.headers.authorization,
      asker: exchange,
    })
    return repository instanceof Promise
      ? repository.then((ready) => answered(exchange, found, body, ready))
      : answered(exchange, found, body, repository)
  }

  function answered(
    exchange: HttpExchange,
    { route, segments, query }: Found,
    body: RestBody | undefined,
    repository: Repository,
  ): Answer | Promise<Answer> {
    const { method, request } = exchange
    const response = perform(
      {
        method,
        segments,
        query,
        headers: restHeaders(request.headers),
        body,
        mediaType: route.operation?.alsoIn?.find((type) => type === exchange.mediaType),
      },
      route,
      repository,
      rest,
    )
    return response instanceof Promise
      ? response.then((ready) => answerOf(exchange, ready, definitions, httpDate))
      : answerOf(exchange, response, definitions, httpDate)
  }

  function serveBody(exchange: HttpExchange, found: Found, bytes: Buffer): Answer | Promise<Answer> {
    const { 'content-type': type, 'content-encoding': encoding } = exchange.request.headers
    const body = readBody(bytes, type, encoding, limits.bodyBytes, definitions)
    return body instanceof Promise
      ? body.then((read) => serveRead(exchange, found, read))
      : serveRead(exchange, found, body)
  }

  function serveRead(exchange: HttpExchange, found: Found, body: RestBody): Answer | Promise<Answer> {
    if (body.kind === 'form') shapeAnswer(exchange, found.route, found.query, body.text, mediaTypeOf)
    return serve(exchange, found, body)
  }

  return (exchange, bytes) => {
    const url = exchange.request.url ?? ''
    const at = url.indexOf('?')
    const query = at < 0 ? '' : url.slice(at + 1)
    const segments = segmentsOf(at < 0 ? url : url.slice(0, at), basePath)
    const route = findRoute(exchange.method, segments, definitions)
    exchange.route = basePath + labelOf(route)
    exchange.interaction = route.name
    exchange.type = route.type
    shapeAnswer(exchange, route, query, '', mediaTypeOf)
    const found = { route, segments, query }
    return bytes === undefined || bytes.length === 0
      ? serve(exchange, found, undefined)
      : serveBody(exchange, found, bytes)
  }
}

/** A request whose interaction is known. */
interface Found {
  readonly route: Route
  readonly segments: readonly string[]
  readonly query: string
}

/** The path pattern with the type in its place: it has no ids. */
function labelOf({ path, type }: Route): string {
  if (path === '/') return ''
  return path.startsWith(TYPE) ? `/${type}${path.slice(TYPE.length)}` : path
}

/** Decoded, without an empty one at the end. @throws FhirError `malformed` */
export function segmentsOf(path: string, basePath: string): readonly string[] {
  const below = path.slice(basePath.length + 1)
  const trimmed = below.endsWith('/') ? below.slice(0, -1) : below
  if (trimmed === '') return []
  const segments: string[] = []
  let from = 0
  for (let to = trimmed.indexOf('/'); to >= 0; to = trimmed.indexOf('/', from)) {
    segments.push(trimmed.slice(from, to))
    from = to + 1
  }
  segments.push(trimmed.slice(from))
  if (!trimmed.includes('%')) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch (cause) {
    throw new FhirError(
      'malformed',
      'The URL has a % that is not followed by the escape of a UTF-8 character.',
      {
        cause,
      },
    )
  }
}

/** An error as its OperationOutcome, with the headers that belong to it. */
export function answerFailure(
  error: unknown,
  exchange: HttpExchange,
  basePath: string,
  definitions: Definitions,
): { readonly failure: FhirError; readonly answer: Answer } {
  const failure = asFhirError(error)
  const headers: string[] = []
  if (failure.code === 'method-not-allowed')
    headers.push('Allow', allowedMethods(pathSegments(exchange, basePath)).join(', '))
  if (failure.retryAfterSeconds !== undefined) headers.push('Retry-After', String(failure.retryAfterSeconds))
  if (exchange.endsConnection || failure.code === 'too-large' || failure.code === 'timed-out')
    headers.push('Connection', 'close')
  if (exchange.mediaType === undefined || formatOf(exchange.mediaType) === undefined)
    exchange.mediaType = mediaTypeOfFailure(exchange)
  const body = resourceBytes(operationOutcome(failure.issues))
  return {
    failure,
    answer: {
      status: failure.status,
      contentType: contentTypeOf(exchange.mediaType),
      headers,
      body: shapedBytes(body, exchange.mediaType, exchange.pretty, definitions),
    },
  }
}

export function pathSegments(exchange: HttpExchange, basePath: string): readonly string[] {
  try {
    return segmentsOf((exchange.request.url ?? '').split('?', 1)[0] as string, basePath)
  } catch {
    return []
  }
}

/** Reads Accept, `_format` and `_pretty`. @throws FhirError `not-acceptable`, `invalid-search` */
function shapeAnswer(
  exchange: HttpExchange,
  { operation }: Route,
  query: string,
  form: string,
  mediaTypeOf: (accept: string) => string,
): void {
  const { accept } = exchange.request.headers
  const also = operation?.alsoIn
  if (query === '' && form === '' && also === undefined) {
    exchange.mediaType = accept === undefined ? FHIR_JSON : mediaTypeOf(accept)
    return
  }
  const parameters = [query, form].filter((text) => /_(?:format|pretty)=/.test(text)).flatMap(readPairs)
  const pretty = parameters.find(([name]) => name === '_pretty')?.[1]
  if (pretty !== undefined && pretty !== 'true' && pretty !== 'false')
    throw new FhirError('invalid-search', '_pretty must be true or false.')
  exchange.pretty = pretty === 'true'
  const format = parameters.find(([name]) => name === '_format')?.[1]
  exchange.mediaType =
    format === undefined && accept !== undefined && also === undefined
      ? mediaTypeOf(accept)
      : negotiateMediaType(accept, format, also)
}

/** Of what failed before the answer's format was settled; JSON when that is what failed. */
function mediaTypeOfFailure({ request }: HttpExchange): string {
  const query = /\?(.*)$/s.exec(request.url ?? '')?.[1] ?? ''
  try {
    const format = readPairs(query).find(([name]) => name === '_format')?.[1]
    return negotiateMediaType(request.headers.accept, format)
  } catch {
    return FHIR_JSON
  }
}

function restHeaders(headers: HttpExchange['request']['headers']): RestHeaders {
  const modifiedSince = headers['if-modified-since']
  // A date that cannot be read is passed over (RFC 9110 section 13.1.3).
  const ifModifiedSince = modifiedSince === undefined ? Number.NaN : Date.parse(modifiedSince)
  return {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: Number.isNaN(ifModifiedSince) ? undefined : ifModifiedSince,
    ifNoneExist: readCriteria(joined(headers['if-none-exist'])),
    prefer: joined(headers.prefer),
  }
}

/** Node gives headers a character a byte; what a client did not escape is UTF-8. @throws FhirError `malformed` */
function readCriteria(header: string | undefined): string | undefined {
  if (header === undefined || /^[\x20-\x7e]*$/.test(header)) return header
  const bytes = Buffer.from(header, 'latin1')
  if (isUtf8(bytes)) return bytes.toString()
  throw new FhirError('malformed', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: 'If-None-Exist is not in UTF-8; escape its characters as a URL does.',
      expression: 'http.if-none-exist',
    },
  ])
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function answerOf(
  exchange: HttpExchange,
  response: RestResponse,
  definitions: Definitions,
  httpDate: (milliseconds: number) => string,
): Answer {
  const { status, etag, lastModified, location, contentLocation, body, ownsBody, mediaType } = response
  const headers: string[] = []
  if (etag !== undefined) headers.push('ETag', etag)
  if (lastModified !== undefined) headers.push('Last-Modified', httpDate(lastModified))
  if (location !== undefined) headers.push('Location', location)
  if (contentLocation !== undefined) headers.push('Content-Location', contentLocation)
  if (mediaType !== undefined) return { status, contentType: mediaType, headers, body }
  // The operation answered with a resource after all.
  if (exchange.mediaType === undefined || formatOf(exchange.mediaType) === undefined)
    exchange.mediaType = FHIR_JSON
  const shaped = body === undefined ? undefined : shapedAnswer(exchange, body, definitions)
  return {
    status,
    contentType: shaped === undefined ? undefined : contentTypeOf(exchange.mediaType),
    headers: headers.length === 0 ? NO_HEADERS : headers,
    body: shaped,
    ownsBody: ownsBody === true && shaped === body,
  }
}

/** What cannot be said in XML is refused to a reader; who has written is answered all the same. */
function shapedAnswer(exchange: HttpExchange, body: Buffer, definitions: Definitions): Buffer {
  const { mediaType = FHIR_JSON, pretty, method } = exchange
  try {
    return shapedBytes(body, mediaType, pretty, definitions)
  } catch (error) {
    const written = method !== 'GET' && method !== 'HEAD'
    if (!written || !(error instanceof FhirError) || error.code !== 'not-acceptable') throw error
    exchange.mediaType = FHIR_JSON
    return shapedBytes(body, FHIR_JSON, pretty, definitions)
  }
}

/** In a searchset within a batch-response a resource stands deeper than it may alone. */
const LEVELS_OF_BUNDLES = 10

/** The bytes of a resource in JSON, in the format asked for; themselves, when that is JSON in one line. */
function shapedBytes(body: Buffer, mediaType: string, pretty: boolean, definitions: Definitions): Buffer {
  const format = formatOf(mediaType)
  if (format === 'json' && !pretty) return body
  const value = parseJson(body, MAX_DEPTH + LEVELS_OF_BUNDLES)
  return Buffer.from(
    format === 'xml'
      ? writeXml(value as Resource, definitions, { pretty })
      : `${writeJson(value, { pretty })}\n`,
  )
}
