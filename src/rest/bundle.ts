// Bundles are spliced from the bytes of what is in them: nothing stored is parsed or written anew
// (https://hl7.org/fhir/R4/bundle.html).
import { formatInstant } from '../fhir/index.ts'
import { writePairs, type Pair } from './query-string.ts'

export interface BundleHead {
  readonly type: 'searchset' | 'history' | 'batch-response' | 'transaction-response'
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly total?: number | undefined
  readonly links?: readonly { readonly relation: string; readonly url: string }[]
}

export interface BundleEntry {
  readonly fullUrl?: string
  readonly resource?: Buffer | undefined
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' }
  readonly request?: { readonly method: string; readonly url: string }
  readonly response?: EntryResponse
}

export interface EntryResponse {
  readonly status: string
  readonly location?: string
  readonly etag?: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number | undefined
  readonly outcome?: Buffer | undefined
}

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
  const text = new Splicer()
  text.add(JSON.stringify(head).slice(0, -1))
  entries.forEach((entry, index) => {
    text.add(index === 0 ? ',"entry":[' : ',')
    addEntry(text, entry)
  })
  text.add(entries.length === 0 ? '}' : ']}')
  return text.bytes()
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
  const link = (relation: string, at: string | undefined) => {
    const query = writePairs(at === undefined ? parameters : [...parameters, ['_cursor', at]])
    return { relation, url: query === '' ? url : `${url}?${query}` }
  }
  const links = [link('self', self), link('first', undefined)]
  if (previous !== undefined) links.push(link('previous', previous))
  if (next !== undefined) links.push(link('next', next))
  return links
}

function addEntry(text: Splicer, { fullUrl, resource, search, request, response }: BundleEntry): void {
  let separator = '{'
  const add = (name: string, value: string): void => {
    text.add(`${separator}"${name}":${value}`)
    separator = ','
  }
  if (fullUrl !== undefined) add('fullUrl', JSON.stringify(fullUrl))
  if (resource !== undefined) {
    add('resource', '')
    text.addBytes(resource)
  }
  if (search !== undefined) add('search', `{"mode":"${search.mode}"}`)
  if (request !== undefined) add('request', JSON.stringify(request))
  if (response !== undefined) {
    const { outcome, lastModified, ...rest } = response
    const told = {
      ...rest,
      lastModified: lastModified === undefined ? undefined : formatInstant(lastModified),
    }
    add('response', JSON.stringify(told).slice(0, -1))
    if (outcome !== undefined) {
      text.add(',"outcome":')
      text.addBytes(outcome)
    }
    text.add('}')
  }
  text.add('}')
}

/** Joins text and bytes with one copy; text between two pieces of bytes is encoded once. */
class Splicer {
  readonly #parts: Buffer[] = []
  #text = ''

  add(text: string): void {
    this.#text += text
  }

  addBytes(bytes: Buffer): void {
    this.#flush()
    this.#parts.push(bytes)
  }

  bytes(): Buffer {
    this.#flush()
    return Buffer.concat(this.#parts)
  }

  #flush(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text))
    this.#text = ''
  }
}
