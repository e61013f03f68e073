// Which format and encoding the client accepts (https://hl7.org/fhir/R4/http.html#mime-type, RFC 9110 section 12.5).
import { FhirError } from '../fhir/index.ts'

export const FHIR_JSON = 'application/fhir+json'
const FHIR_XML = 'application/fhir+xml'
/** What is spoken, best first; each is sent under the name that was asked for. */
const MEDIA_TYPES = [FHIR_JSON, 'application/json', 'text/json', FHIR_XML, 'application/xml', 'text/xml']
/** Names of DSTU 2, which `_format` and bodies may still use. */
const FORMER_NAMES: readonly [string, string][] = [
  ['application/json+fhir', FHIR_JSON],
  ['application/xml+fhir', FHIR_XML],
]
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['json', FHIR_JSON],
  ['xml', FHIR_XML],
  ...MEDIA_TYPES.map((type): [string, string] => [type, type]),
  ...FORMER_NAMES,
])
const CHOICE = `This server answers in JSON and XML: Accept or _format must allow ${MEDIA_TYPES.join(', ')}, or _format=json or xml.`

export type Format = 'json' | 'xml'

interface Range {
  readonly type: string
  readonly quality: number
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * The media type to answer with; `_format`, where given, decides alone.
 * @param also further types that are spoken here, for who asks for them: `image/svg+xml`, as `_format` also `svg`
 * @throws FhirError `not-acceptable`
 */
export function negotiateMediaType(
  accept: string | undefined,
  format: string | undefined,
  also: readonly string[] = [],
): string {
  if (format !== undefined) {
    const { type, parameters } = readRange(format.replaceAll(' ', '+'))
    const known = FORMATS.get(type) ?? also.find((one) => one === type || shortNameOf(one) === type)
    if (known === undefined) throw notAcceptable(also)
    requireR4(parameters, 'not-acceptable')
    return known
  }
  if (accept === undefined || accept === '*/*' || accept === FHIR_JSON) return FHIR_JSON
  if (accept === 'application/json' || accept === FHIR_XML) return accept
  const ranges = accept.split(',').map(readRange)
  const { type, range } = bestOf(ranges, also)
  requireR4(range.parameters, 'not-acceptable')
  return type
}

/** Of the types with the highest quality, the one that comes first in Accept; of those in one range, the best. */
function bestOf(
  ranges: readonly Range[],
  also: readonly string[],
): { readonly type: string; readonly range: Range } {
  const first = new Map<string, Range>()
  for (const range of ranges) {
    const key = FORMATS.get(range.type) ?? range.type
    if (!first.has(key)) first.set(key, range)
  }
  let best: { type: string; range: Range; quality: number } | undefined
  for (const range of ranges)
    for (const type of typesIn(range.type, also)) {
      const quality = qualityOf(type, first)
      if (quality > (best?.quality ?? 0)) best = { type, range, quality }
    }
  if (best === undefined) throw notAcceptable(also)
  return best
}

/** What the most specific of the ranges says of a type (RFC 9110 section 12.5.1); `first`: the first of each name. */
function qualityOf(type: string, first: ReadonlyMap<string, Range>): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`
  return (first.get(type) ?? first.get(group) ?? first.get('*/*'))?.quality ?? 0
}

function typesIn(range: string, also: readonly string[]): readonly string[] {
  if (range === '*/*') return [...MEDIA_TYPES, ...also]
  if (range.endsWith('/*'))
    return [...MEDIA_TYPES, ...also].filter((type) => type.startsWith(range.slice(0, -1)))
  if (also.includes(range)) return [range]
  const type = range.includes('/') ? FORMATS.get(range) : undefined
  return type === undefined ? [] : [type]
}

/** `svg` of `image/svg+xml`. */
function shortNameOf(type: string): string {
  return type.replace(/^.*\/|\+.*$/g, '')
}

function notAcceptable(also: readonly string[]): FhirError {
  return new FhirError(
    'not-acceptable',
    also.length === 0 ? CHOICE : `${CHOICE} What is asked for here can also be had as ${also.join(', ')}.`,
  )
}

/** In which format a resource of this media type is written; undefined when it is none of FHIR's. */
export function formatOf(mediaType: string): Format | undefined {
  const type = mediaType.includes('/') ? FORMATS.get(mediaType) : undefined
  return type === undefined ? undefined : type.endsWith('xml') ? 'xml' : 'json'
}

const FHIR_JSON_UTF8 = `${FHIR_JSON}; charset=utf-8`

/** The Content-Type of an answer. */
export function contentTypeOf(mediaType: string): string {
  return mediaType === FHIR_JSON ? FHIR_JSON_UTF8 : `${mediaType}; charset=utf-8`
}

/** Whether the answer may be sent in gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const ranges = acceptEncoding.split(',').map(readRange)
  const range =
    ranges.find(({ type }) => type === 'gzip' || type === 'x-gzip') ?? ranges.find(({ type }) => type === '*')
  return range !== undefined && range.quality > 0
}

/**
 * A media type without its parameters, in lower case.
 * @throws FhirError `unsupported-media-type` for a charset other than UTF-8 or another version of FHIR
 */
export function readContentType(header: string | undefined): string {
  const { type, parameters } = readRange(header ?? '')
  const charset = parameters.get('charset')?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii')
    throw new FhirError('unsupported-media-type', 'Bodies are read in UTF-8 only; send charset=utf-8.')
  requireR4(parameters, 'unsupported-media-type')
  return type
}

function requireR4(
  parameters: ReadonlyMap<string, string>,
  code: 'not-acceptable' | 'unsupported-media-type',
): void {
  const version = parameters.get('fhirversion')
  if (version !== undefined && !/^4\.0(\.\d+)?$/.test(version))
    throw new FhirError(code, 'This server speaks FHIR R4: fhirVersion must be 4.0.')
}

function readRange(text: string): Range {
  const [type = '', ...rest] = text.split(';')
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const at = part.indexOf('=')
    if (at > 0)
      parameters.set(
        part.slice(0, at).trim().toLowerCase(),
        part
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      )
  }
  const quality = Number(parameters.get('q') ?? 1)
  return { type: type.trim().toLowerCase(), quality: Number.isFinite(quality) ? quality : 0, parameters }
}
