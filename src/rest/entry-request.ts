// One entry of a batch or transaction as a request of its own (https://hl7.org/fhir/R4/bundle.html#transaction).
import {
  FhirError,
  isInstant,
  isJsonObject,
  parseDateRange,
  parseJson,
  type Definitions,
  type Issue,
  type JsonObject,
  type JsonValue,
} from '../fhir/index.ts'
import { asResource } from './body.ts'
import { PREFERS_MINIMAL } from './prefer.ts'
import type { RestBody, RestRequest } from './request.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

export interface EntryContext {
  readonly baseUrl: string
  readonly definitions: Definitions
  /** The Prefer header of the whole; entries return minimal where it does not say. */
  readonly prefer: string | undefined
}

/** @throws FhirError `malformed`, `invalid`, `unsupported-media-type`, its issues naming `Bundle.entry[index]` */
export function readEntry(entry: JsonValue, index: number, context: EntryContext): RestRequest {
  const place = `Bundle.entry[${index}]`
  if (!isJsonObject(entry)) throw fault('structure', place, 'An entry is a JSON object.')
  const { request } = entry
  if (!isJsonObject(request))
    throw fault(
      'required',
      `${place}.request`,
      'An entry of a batch or transaction needs a request with method and url.',
    )
  requireKnown(entry, 'Bundle.entry', place, context.definitions)
  requireKnown(request, 'Bundle.entry.request', `${place}.request`, context.definitions)

  const method = textOf(request, 'method', place)
  if (method === undefined || !METHODS.includes(method))
    throw fault('value', `${place}.request.method`, `The method must be one of ${METHODS.join(', ')}.`)
  const url = textOf(request, 'url', place)
  if (url === undefined) throw fault('required', `${place}.request.url`, 'The request needs a url.')

  const { path, query } = splitUrl(url, context.baseUrl, place)
  return {
    method,
    segments: decodeSegments(path, place),
    query,
    headers: {
      ifMatch: textOf(request, 'ifMatch', place),
      ifNoneMatch: textOf(request, 'ifNoneMatch', place),
      ifModifiedSince: readInstant(textOf(request, 'ifModifiedSince', place), place),
      ifNoneExist: textOf(request, 'ifNoneExist', place),
      prefer: preferOf(context.prefer),
    },
    body: readBody(method, entry.resource, place),
  }
}

/** @throws FhirError `invalid` when an object has a property that its type has not */
export function requireKnown(
  object: JsonObject,
  typeName: string,
  place: string,
  definitions: Definitions,
): void {
  const properties = definitions.type(typeName)?.properties
  if (properties === undefined) return
  for (const key of Object.keys(object)) {
    const name = key.startsWith('_') ? key.slice(1) : key
    if (properties.has(name) || key === 'resourceType') continue
    throw fault(
      'structure',
      place,
      `${typeName} has no element ${/^\w{1,64}$/.test(key) ? key : 'of such a name'}.`,
    )
  }
}

function splitUrl(url: string, baseUrl: string, place: string): { path: string; query: string } {
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  const query = at < 0 ? '' : url.slice(at + 1)
  if (path === baseUrl || path.startsWith(`${baseUrl}/`))
    return { path: path.slice(baseUrl.length + 1), query }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path) || path.includes('#'))
    throw fault(
      'value',
      `${place}.request.url`,
      `The url must be relative to the server's base, as Patient/123, or start with ${baseUrl}/.`,
    )
  return { path: path.replace(/^\//, ''), query }
}

function decodeSegments(path: string, place: string): readonly string[] {
  try {
    return path === '' ? [] : path.replace(/\/$/, '').split('/').map(decodeURIComponent)
  } catch (cause) {
    throw fault('value', `${place}.request.url`, 'The url has a % that is not followed by an escape.', cause)
  }
}

/** A patch stands in a Binary that holds a JSON Patch, or is a Parameters resource. */
function readBody(method: string, resource: JsonValue | undefined, place: string): RestBody | undefined {
  if (method === 'GET' || method === 'HEAD' || method === 'DELETE') {
    if (resource === undefined) return undefined
    throw fault('structure', `${place}.resource`, `A request with the method ${method} takes no resource.`)
  }
  if (resource === undefined) return undefined
  const binary = method === 'PATCH' ? asResource(resource) : undefined
  if (binary?.resourceType !== 'Binary') return { kind: 'json', value: resource }
  const { contentType, data } = binary
  const operations = typeof data === 'string' ? Buffer.from(data, 'base64') : undefined
  // Node passes over what is no base64.
  const isBase64 = operations?.toString('base64') === String(data).replaceAll(/\s/g, '')
  if (contentType !== 'application/json-patch+json' || operations === undefined || !isBase64)
    throw fault(
      'value',
      `${place}.resource.contentType`,
      'A patch in a Binary has contentType application/json-patch+json and data in base64.',
    )
  return { kind: 'json-patch', operations: parseJson(operations) }
}

function preferOf(prefer: string | undefined): string {
  if (prefer === undefined) return PREFERS_MINIMAL
  return /(?:^|[,;\s])return\s*=/i.test(prefer) ? prefer : `${prefer}, ${PREFERS_MINIMAL}`
}

function readInstant(text: string | undefined, place: string): number | undefined {
  if (text === undefined) return undefined
  if (isInstant(text)) return parseDateRange(text)?.low
  throw fault(
    'value',
    `${place}.request.ifModifiedSince`,
    'It must be an instant, such as 2026-01-31T08:00:00Z.',
  )
}

function textOf(request: JsonObject, name: string, place: string): string | undefined {
  const value = request[name]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw fault('structure', `${place}.request.${name}`, `${name} must be a string that is not empty.`)
}

function fault(code: Issue['code'], expression: string, diagnostics: string, cause?: unknown): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code, diagnostics, expression }], { cause })
}
