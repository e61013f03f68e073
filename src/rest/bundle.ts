// Bundles are spliced from the bytes of what is in them: nothing stored is parsed or written anew
// (https://hl7.org/fhir/R4/bundle.html).
import { formatInstant } from '../fhir/index.ts'
import { ByteWriter } from './byte-writer.ts'
import { writePairs, type Pair } from './query-string.ts'

export interface BundleHead {
  readonly type: 'searchset' | 'history' | 'batch-response' | 'transaction-response'
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly total?: number | undefined
  readonly links?: readonly { readonly relation: string; readonly url: string }[]
}

export interface BundleEntry {
  readonly fullUrl?: string | ResourceUrl
  readonly resource?: Buffer | undefined
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' }
  readonly request?: { readonly method: string; readonly url: string }
  readonly response?: EntryResponse
}

/** `[base]/[type]/[id]`, in parts. */
export interface ResourceUrl {
  /** The same for all entries of a Bundle. */
  readonly base: string
  readonly type: string
  readonly id: string
}

export interface EntryResponse {
  readonly status: string
  readonly location?: string
  readonly etag?: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number | undefined
  readonly outcome?: Buffer | undefined
}

/** In memory of its own. */
export function bundleBytes(
  { type, timestamp, total, links = [] }: BundleHead,
  entries: readonly BundleEntry[],
): Buffer {
  const head = {
    resourceType: 'Bundle',
    type,
    timestamp: formatInstant(timestamp),
    total,
    link: links.length === 0 ? undefined : links,
  }
  const bundle = new BundleWriter(JSON.stringify(head).slice(0, -1), entries)
  for (const entry of entries) bundle.add(entry)
  return bundle.end()
}

/** Cursors of the page itself, undefined for the first, and of those beside it, undefined for none. */
export interface PageCursors {
  readonly self?: string | undefined
  readonly next?: string | undefined
  readonly previous?: string | undefined
}

/** The links of a page of results; `parameters` are those really used, without `_cursor`. */
export function pageLinks(
  url: string,
  parameters: readonly Pair[],
  { self, next, previous }: PageCursors,
): NonNullable<BundleHead['links']> {
  const query = writePairs(parameters)
  const first = query === '' ? url : `${url}?${query}`
  const link = (relation: string, at: string | undefined) => ({
    relation,
    url: at === undefined ? first : `${first}${query === '' ? '?' : '&'}${writePairs([['_cursor', at]])}`,
  })
  const links = [link('self', self), link('first', undefined)]
  if (previous !== undefined) links.push(link('previous', previous))
  if (next !== undefined) links.push(link('next', next))
  return links
}

/** Bytes of an entry beside its resource, usually. */
const ENTRY_BYTES = 250
const [RESOURCE, MATCH, INCLUDE] = [
  '"resource":',
  '"search":{"mode":"match"}',
  '"search":{"mode":"include"}',
].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

/** What stands in most entries is kept as bytes, which are copied faster than texts are encoded. */
class BundleWriter {
  readonly #out: ByteWriter
  /** Of a fullUrl, up to the id, by the type. */
  readonly #urls = new Map<string, Buffer>()
  #entries = 0

  /** @param head without the brace at its end */
  constructor(head: string, entries: readonly BundleEntry[]) {
    let expected = 3 * head.length + 2
    for (const { resource } of entries) expected += ENTRY_BYTES + (resource?.length ?? 0)
    this.#out = new ByteWriter(expected)
    this.#out.text(head)
  }

  add({ fullUrl, resource, search, request, response }: BundleEntry): void {
    const out = this.#out
    out.ascii(this.#entries++ === 0 ? ',"entry":[{' : ',{')
    let separator = ''
    if (fullUrl !== undefined) {
      this.#addUrl(fullUrl)
      separator = ','
    }
    if (resource !== undefined) {
      out.ascii(separator)
      out.bytes(RESOURCE)
      out.bytes(resource)
      separator = ','
    }
    if (search !== undefined) {
      out.ascii(separator)
      if (search.mode === 'match') out.bytes(MATCH)
      else if (search.mode === 'include') out.bytes(INCLUDE)
      else out.text(`"search":${JSON.stringify(search)}`)
      separator = ','
    }
    if (request !== undefined) {
      out.text(`${separator}"request":${JSON.stringify(request)}`)
      separator = ','
    }
    if (response !== undefined) this.#addResponse(separator, response)
    out.ascii('}')
  }

  end(): Buffer {
    this.#out.ascii(this.#entries === 0 ? '}' : ']}')
    return this.#out.end()
  }

  #addUrl(url: string | ResourceUrl): void {
    const out = this.#out
    if (typeof url === 'string') return out.text(`"fullUrl":${JSON.stringify(url)}`)
    let start = this.#urls.get(url.type)
    if (start === undefined) {
      start = Buffer.from(`"fullUrl":${JSON.stringify(`${url.base}/${url.type}/`).slice(0, -1)}`)
      this.#urls.set(url.type, start)
    }
    out.bytes(start)
    // Of letters, digits, `-` and `.` (https://hl7.org/fhir/R4/datatypes.html#id).
    out.ascii(url.id)
    out.ascii('"')
  }

  #addResponse(separator: string, { outcome, lastModified, ...rest }: EntryResponse): void {
    const told = {
      ...rest,
      lastModified: lastModified === undefined ? undefined : formatInstant(lastModified),
    }
    this.#out.text(`${separator}"response":${JSON.stringify(told).slice(0, -1)}`)
    if (outcome !== undefined) {
      this.#out.text(',"outcome":')
      this.#out.bytes(outcome)
    }
    this.#out.ascii('}')
  }
}
