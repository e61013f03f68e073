// The body as it came: unpacked within the limit, and parsed by its media type.
import { isUtf8 } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import {
  FhirError,
  parseJson,
  parseXmlInSteps,
  readJson,
  type Definitions,
  type Resource,
} from '../fhir/index.ts'
import type { RestBody } from '../rest/index.ts'
import { formatOf, readContentType } from './negotiate.ts'

const UNPACK = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
] as const) as unknown as ReadonlyMap<string, (bytes: Buffer, options: UnpackOptions) => Promise<Unpacked>>

interface UnpackOptions {
  readonly maxOutputLength: number
  readonly info: true
}

interface Unpacked {
  readonly buffer: Buffer
  /** `bytesWritten`: how many of the packed bytes were read. */
  readonly engine: { readonly bytesWritten: number }
}

/**
 * At once, unless it is packed or XML.
 * @param bytes at least one
 * @throws FhirError `unsupported-media-type`, `too-large`, `malformed`
 */
export function readBody(
  bytes: Buffer,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  limitBytes: number,
  definitions: Definitions,
): RestBody | Promise<RestBody> {
  const type = readContentType(contentType)
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  return encoding === '' || encoding === 'identity'
    ? readPlain(bytes, type, definitions)
    : unpack(bytes, encoding, limitBytes).then((plain) => readPlain(plain, type, definitions))
}

function readPlain(plain: Buffer, type: string, definitions: Definitions): RestBody | Promise<RestBody> {
  const format = formatOf(type)
  if (format === 'json') {
    const { value, text } = readJson(plain)
    return { kind: 'json', value, text }
  }
  if (format === 'xml') return readXml(plain, definitions).then((value) => ({ kind: 'json', value }))
  switch (type) {
    case 'application/json-patch+json':
      return { kind: 'json-patch', operations: parseJson(plain) }
    case 'application/x-www-form-urlencoded':
      return { kind: 'form', text: readForm(plain) }
    case 'application/edi-x12':
      return { kind: 'x12', bytes: plain }
    case 'application/xml-patch+xml':
      throw new FhirError(
        'unsupported-media-type',
        'XML Patch (application/xml-patch+xml) is not read here: send a FHIRPath Patch, which is a Parameters resource, as application/fhir+xml or application/fhir+json, or a JSON Patch as application/json-patch+json.',
      )
    default:
      throw new FhirError(
        'unsupported-media-type',
        `${type === '' ? 'A body needs a Content-Type' : 'A body of this Content-Type is not read here'}: send resources as application/fhir+json or application/fhir+xml, JSON Patches as application/json-patch+json, the parameters of _search as application/x-www-form-urlencoded.`,
      )
  }
}

export function tooLarge(limitBytes: number): FhirError {
  return new FhirError(
    'too-large',
    `The body is larger than ${Math.floor(limitBytes / 1024)} KiB, the most that this server accepts.`,
  )
}

/** XML takes several times as long as JSON: others are served between its steps. */
async function readXml(bytes: Buffer, definitions: Definitions): Promise<Resource> {
  const steps = parseXmlInSteps(bytes, definitions)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    await setImmediate()
  }
}

/** What a client did not escape is UTF-8. */
function readForm(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  throw new FhirError('malformed', 'The parameters are not in UTF-8.')
}

async function unpack(bytes: Buffer, name: string, limitBytes: number): Promise<Buffer> {
  const decode = UNPACK.get(name)
  if (decode === undefined)
    throw new FhirError(
      'unsupported-media-type',
      'The Content-Encoding is not one that is read here: gzip, deflate, br or none.',
    )
  let unpacked: Unpacked
  try {
    unpacked = await decode(bytes, { maxOutputLength: limitBytes, info: true })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes)
    throw new FhirError('malformed', `The body is not the ${name} that its Content-Encoding says.`, { cause })
  }
  const rest = bytes.length - unpacked.engine.bytesWritten
  if (rest > 0)
    throw new FhirError('malformed', `The last ${rest} bytes of the body are beyond the end of its ${name}.`)
  return unpacked.buffer
}
