// Which format and encoding the client accepts (https://hl7.org/fhir/R4/http.html#mime-type, RFC 9110 section 12.5).
import { FhirError } from '../fhir/index.ts'

const FHIR_JSON = 'application/fhir+json'
/** What is spoken, best first; each is sent under the name that was asked for. */
const JSON_TYPES = [FHIR_JSON, 'application/json', 'text/json']
const FORMATS = new Map([
  ['json', FHIR_JSON],
  ...JSON_TYPES.map((type): [string, string] => [type, type]),
  ['application/json+fhir', FHIR_JSON],
])
const CHOICE = `This server answers in JSON: Accept or _format must allow ${JSON_TYPES.join(', ')}, or _format=json.`

interface Range {
  readonly type: string
  readonly quality: number
  readonly parameters: ReadonlyMap<string, string>
}

/** The media type to answer with; `_format`, where given, decides alone. @throws FhirError `not-acceptable` */
export function negotiateMediaType(accept: string | undefined, format: string | undefined): string {
  if (format !== undefined) {
    const { type, parameters } = readRange(format.replaceAll(' ', '+'))
    const known = FORMATS.get(type)
    if (known === undefined) throw new FhirError('not-acceptable', CHOICE)
    requireR4(parameters, 'not-acceptable')
    return known
  }
  if (accept === undefined || accept === '*/*' || accept === FHIR_JSON) return FHIR_JSON
  if (accept === 'application/json') return accept
  const ranges = accept.split(',').map(readRange)
  let best: Range | undefined
  for (const range of ranges)
    if (
      range.quality > (best?.quality ?? 0) &&
      matched(range.type) !== undefined &&
      !isRefused(range, ranges)
    )
      best = range
  if (best === undefined) throw new FhirError('not-acceptable', CHOICE)
  requireR4(best.parameters, 'not-acceptable')
  return matched(best.type) as string
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

function matched(range: string): string | undefined {
  if (range === '*/*' || range === 'application/*') return FHIR_JSON
  if (range === 'text/*') return 'text/json'
  return FORMATS.get(range)
}

/** `application/fhir+json;q=0` takes back what a wildcard beside it allows. */
function isRefused({ type }: Range, ranges: readonly Range[]): boolean {
  return type.includes('*') && ranges.some((other) => other.quality === 0 && other.type === matched(type))
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
