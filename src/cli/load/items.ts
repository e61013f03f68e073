// Reads a file into the things to load, one at a time: a resource, or a Bundle whose entries belong together.
import { createReadStream, type ReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createGunzip } from 'node:zlib'
import {
  FhirError,
  isJsonObject,
  parseXml,
  readJson,
  type Definitions,
  type JsonObject,
  type JsonValue,
  type ReadJson,
  type Resource,
} from '../../fhir/index.ts'
import { linesOf, type Line } from './lines.ts'
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
      /** Its JSON, where writing it again would give the same. */
      readonly text: string | undefined
      /** Of its text; 0 within a Bundle. */
      readonly bytes: number
    }
  /** A Bundle of type transaction or batch, to be carried out as such. */
  | { readonly kind: 'bundle'; readonly place: Place; readonly bundle: Resource; readonly bytes: number }
  /** What could not be read. */
  | { readonly kind: 'fault'; readonly place: Place; readonly element: string; readonly rule: string }

/** Bytes of one resource or Bundle; V8's longest string is near. */
const LONGEST = 480 * 1024 * 1024

/** How much of a file is read at once. */
const CHUNK_BYTES = 256 * 1024

/**
 * The file's items in their order, in groups: those of one are made as they are taken, and must be before the next is
 * asked for. `consumed` is told how many bytes of the file have been read.
 */
export async function* itemsOf(
  source: Source,
  cwd: string,
  definitions: Definitions,
  consumed: (bytes: number) => void,
): AsyncGenerator<Iterable<Item>> {
  const file = createReadStream(resolve(cwd, source.file), { highWaterMark: CHUNK_BYTES })
  let line = 1
  try {
    if (source.format === 'ndjson') {
      for await (const lines of linesOf(chunksOf(file, source.gzip), LONGEST)) {
        consumed(file.bytesRead)
        yield itemsOfLines(source.file, lines, (number) => (line = number))
      }
    } else {
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of chunksOf(file, source.gzip)) {
        length += chunk.length
        if (length > LONGEST) {
          yield [fault(source.file, 1, '', `longer than ${LONGEST} bytes; write its resources as NDJSON`)]
          return
        }
        chunks.push(chunk)
      }
      consumed(file.bytesRead)
      const bytes = Buffer.concat(chunks, length)
      const isXml = source.format === 'xml' || beginsAsXml(bytes)
      const lineOf = isXml ? lineOfXmlElement : lineOfElement
      const parse = (): ReadJson =>
        isXml ? { value: parseXml(bytes, definitions), text: undefined } : readJson(bytes)
      yield itemsOfText(bytes.length, parse, {
        file: source.file,
        line: undefined,
        lineOf: (path) => lineOf(bytes.toString('utf8'), path),
      })
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!/^(Z_|ERR_.*(ZLIB|STREAM)|E[A-Z]+$)/.test(code)) throw error
    const rule = code.startsWith('Z_') ? 'is not whole, sound gzip' : `cannot be read: ${code}`
    yield [fault(source.file, line, '', rule)]
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

/** Where a text stands: on a line of its own, or as all of a file that has many. */
interface TextPlace {
  readonly file: string
  readonly line: number | undefined
  /** The line of an element, from 1. */
  readonly lineOf: (path: string) => number
}

/** @param begun told of each line */
function* itemsOfLines(
  file: string,
  lines: Iterable<Line>,
  begun: (number: number) => void,
): Generator<Item> {
  for (const { number, bytes } of lines) {
    begun(number)
    if (bytes === undefined) yield fault(file, number, '', `longer than ${LONGEST} bytes`)
    else yield* itemsOfText(bytes.length, () => readJson(bytes), { file, line: number, lineOf: () => number })
  }
}

/** @param length in bytes */
function* itemsOfText(
  length: number,
  parse: () => ReadJson,
  { file, line, lineOf }: TextPlace,
): Generator<Item> {
  let read: { readonly value: unknown; readonly text: string | undefined }
  try {
    read = parse()
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    yield malformed(file, error, line)
    return
  }
  const { value, text } = read
  const at = (prefix: string): Place => ({
    file,
    prefix,
    lineOf: (path) => lineOf(path === undefined ? prefix : path),
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
    yield { kind: 'resource', place: at(''), resource, text, bytes: length }
  else if (resource['type'] === 'transaction' || resource['type'] === 'batch')
    yield { kind: 'bundle', place: at(''), bundle: resource, bytes: length }
  else yield* entriesOf(resource, at, length)
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
    if (hasType(resource)) yield { kind: 'resource', place: at(prefix), resource, text: undefined, bytes: 0 }
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
