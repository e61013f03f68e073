// Reads a file into the things to load, one at a time: a resource, or a Bundle whose entries belong together.
import { createReadStream, type ReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createGunzip } from 'node:zlib'
import {
  FhirError,
  isJsonObject,
  parseJson,
  parseXml,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import { linesOf } from './lines.ts'
import { lineOfElement } from './locate-line.ts'
import { lineOfXmlElement } from './locate-xml-line.ts'
import type { Source } from './sources.ts'

/** Where something in the input stands; what a refusal is told with. */
export interface Place {
  readonly file: string
  /** The line of an element of the input, from 1; of the whole when no path is given. */
  lineOf(path?: string): number
  /** What stands before an element's path inside the file: `Bundle.entry[2].resource`, or '' for a lone resource. */
  readonly prefix: string
}

export type Item =
  | {
      readonly kind: 'resource'
      readonly place: Place
      readonly resource: Resource
      /** Of its text; 0 within a Bundle. */
      readonly bytes: number
    }
  /** A Bundle of type transaction or batch, to be carried out as such. */
  | { readonly kind: 'bundle'; readonly place: Place; readonly bundle: Resource; readonly bytes: number }
  /** What could not be read. */
  | { readonly kind: 'fault'; readonly place: Place; readonly element: string; readonly rule: string }

/** Bytes of one resource or Bundle; V8's longest string is near. */
const LONGEST = 480 * 1024 * 1024

/** The file's items in their order. `consumed` is told how many bytes of the file have been read. */
export async function* itemsOf(
  source: Source,
  cwd: string,
  definitions: Definitions,
  consumed: (bytes: number) => void,
): AsyncGenerator<Item> {
  const file = createReadStream(resolve(cwd, source.file), { highWaterMark: 256 * 1024 })
  let line = 1
  try {
    if (source.format === 'ndjson') {
      for await (const { number, bytes } of linesOf(chunksOf(file, source.gzip), LONGEST)) {
        line = number
        consumed(file.bytesRead)
        if (bytes === undefined) yield fault(source.file, line, '', `longer than ${LONGEST} bytes`)
        else yield* itemsOfText(source.file, bytes, number, () => parseJson(bytes), lineOfElement)
      }
    } else {
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of chunksOf(file, source.gzip)) {
        length += chunk.length
        if (length > LONGEST) {
          yield fault(source.file, 1, '', `longer than ${LONGEST} bytes; write its resources as NDJSON`)
          return
        }
        chunks.push(chunk)
      }
      consumed(file.bytesRead)
      const bytes = Buffer.concat(chunks, length)
      if (source.format === 'xml' || beginsAsXml(bytes))
        yield* itemsOfText(
          source.file,
          bytes,
          undefined,
          () => parseXml(bytes, definitions),
          lineOfXmlElement,
        )
      else yield* itemsOfText(source.file, bytes, undefined, () => parseJson(bytes), lineOfElement)
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!/^(Z_|ERR_.*(ZLIB|STREAM)|E[A-Z]+$)/.test(code)) throw error
    yield fault(
      source.file,
      line,
      '',
      code.startsWith('Z_') ? 'is not whole, sound gzip' : `cannot be read: ${code}`,
    )
  } finally {
    file.destroy()
  }
}

async function* chunksOf(file: ReadStream, gzip: boolean): AsyncGenerator<Buffer> {
  if (!gzip) {
    yield* file as AsyncIterable<Buffer>
    return
  }
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  yield* file.pipe(gunzip) as AsyncIterable<Buffer>
}

/** Whatever the file's name says. */
function beginsAsXml(bytes: Buffer): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*</.test(bytes.toString('latin1', 0, 1024))
}

/** `line`: of NDJSON; undefined when the text is the whole file. */
function* itemsOfText(
  file: string,
  bytes: Buffer,
  line: number | undefined,
  parse: () => JsonValue,
  lineOf: (text: string, path: string) => number,
): Generator<Item> {
  let value: unknown
  try {
    value = parse()
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    yield malformed(file, error, line)
    return
  }
  const at = (prefix: string): Place => ({
    file,
    prefix,
    lineOf: (path) => line ?? lineOf(bytes.toString('utf8'), path === undefined ? prefix : path),
  })
  if (!isJsonObject(value) || typeof value['resourceType'] !== 'string') {
    yield {
      kind: 'fault',
      place: at(''),
      element: '',
      rule: isJsonObject(value)
        ? 'has no resourceType: a FHIR resource is a JSON object that names its type'
        : 'is no FHIR resource: a JSON object was expected',
    }
    return
  }
  const resource = value as Resource
  if (resource.resourceType !== 'Bundle')
    yield { kind: 'resource', place: at(''), resource, bytes: bytes.length }
  else if (resource['type'] === 'transaction' || resource['type'] === 'batch')
    yield { kind: 'bundle', place: at(''), bundle: resource, bytes: bytes.length }
  else yield* entriesOf(resource, at, bytes.length)
}

/** Collections, search results, documents: each entry's resource for itself, unless they refer to each other. */
function* entriesOf(bundle: JsonObject, at: (prefix: string) => Place, bytes: number): Generator<Item> {
  const fault = (element: string, rule: string): Item => ({
    kind: 'fault',
    place: at(element),
    element,
    rule,
  })
  const entries = bundle['entry'] ?? []
  if (bundle['type'] === 'history') {
    yield fault('Bundle.type', 'a history cannot be loaded: its versions belong to the server they came from')
    return
  }
  if (!Array.isArray(entries)) {
    yield fault('Bundle.entry', 'must be an array')
    return
  }
  if (
    entries.some(
      (it) => isJsonObject(it) && String(it['fullUrl']).startsWith('urn:') && hasType(it['resource']),
    )
  ) {
    yield { kind: 'bundle', place: at(''), bundle: transactionOf(entries), bytes }
    return
  }
  for (const [index, entry] of entries.entries()) {
    const prefix = `Bundle.entry[${index}].resource`
    const resource = isJsonObject(entry) ? entry['resource'] : undefined
    // A searchset may bring an OperationOutcome about the search; it is no record.
    if (isJsonObject(entry) && isJsonObject(entry['search']) && entry['search']['mode'] === 'outcome')
      continue
    if (hasType(resource)) yield { kind: 'resource', place: at(prefix), resource, bytes: 0 }
    else yield fault(prefix, 'must be a resource that names its resourceType')
  }
}

/** Entries that know each other by `urn:` URLs only make sense together: a transaction gives them their places. */
function transactionOf(entries: readonly JsonValue[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: entries.map((entry) => {
      const resource = isJsonObject(entry) ? entry['resource'] : undefined
      if (!isJsonObject(entry) || !hasType(resource)) return entry
      const { resourceType: type, id } = resource
      const request =
        id === undefined ? { method: 'POST', url: type } : { method: 'PUT', url: `${type}/${String(id)}` }
      return { ...(entry['fullUrl'] === undefined ? {} : { fullUrl: entry['fullUrl'] }), resource, request }
    }),
  }
}

function hasType(value: JsonValue | undefined): value is Resource {
  return isJsonObject(value) && typeof value['resourceType'] === 'string'
}

/** The line within the text, which the parser's message begins with, becomes the line of the file. */
function malformed(file: string, error: FhirError, line: number | undefined): Item {
  const [, within, rest] = /^Line (\d+), (.+)$/s.exec(error.message) ?? []
  const element = error.issues[0]?.expression ?? ''
  return fault(file, line ?? Number(within ?? 1), element, rest ?? error.message)
}

function fault(file: string, line: number, element: string, rule: string): Item {
  return { kind: 'fault', place: { file, prefix: element, lineOf: () => line }, element, rule }
}
