// What a form may read while it is filled in or extracted: what the caller may see, and so much of it.
import { newestOf, splitCanonical } from '../../conformance/index.ts'
import { FhirError, parseJson, parseReference, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import type { StoredVersion } from '../../store/index.ts'
import { textOf } from './elements.ts'

/** Reads and searches of one call. */
const MOST_LOOKUPS = 200
/** Matches of one search that are looked at. */
const MOST_MATCHES = 200

export interface ReadResource {
  readonly resource: Resource
  readonly versionId: number
}

/** What expressions and queries of a form may look at. */
export interface FormLookup {
  /** What a relative reference names; undefined when it is not there to be seen. */
  read(reference: string): Promise<ReadResource | undefined>
  /** The first matches of `Type?name=value`. @throws FhirError `invalid-search`, `too-costly` */
  find(query: string): Promise<readonly Resource[]>
}

/** For a form that is to be filled in from what is sent with it alone. */
export const NOTHING_STORED: FormLookup = Object.freeze({
  read: async () => undefined,
  find: async () => [],
})

export class FormReader implements FormLookup {
  readonly #repository: Repository
  readonly #byId: Repository
  readonly #search: Search
  readonly #known = new Map<string, Promise<ReadResource | undefined>>()
  readonly #found = new Map<string, Promise<readonly Resource[]>>()
  #left = MOST_LOOKUPS

  /** `byId`: the door for what is named by its id, where more is seen there than is found by searches. */
  constructor(repository: Repository, search: Search, byId = repository) {
    this.#repository = repository
    this.#byId = byId
    this.#search = search
  }

  /**
   * What a relative reference names, `Patient/1`; undefined when it is not there for the caller.
   * @throws FhirError `too-costly`
   */
  read(reference: string): Promise<ReadResource | undefined> {
    let known = this.#known.get(reference)
    if (known === undefined) {
      this.#count()
      known = this.#read(reference)
      this.#known.set(reference, known)
    }
    return known
  }

  async #read(reference: string): Promise<ReadResource | undefined> {
    const parsed = parseReference(reference)
    if (parsed.kind !== 'local') return undefined
    try {
      const { type, id, versionId } = parsed
      const version =
        versionId === undefined
          ? await this.#byId.read(type, id)
          : await this.#byId.readVersion(type, id, versionId)
      return { resource: resourceOf(version), versionId: version.versionId }
    } catch (error) {
      if (error instanceof FhirError && error.status < 500) return undefined
      throw error
    }
  }

  /**
   * The first matches of `Type?name=value`, decoded as a URL is.
   * @throws FhirError `invalid-search`, `too-costly`
   */
  find(query: string): Promise<readonly Resource[]> {
    let found = this.#found.get(query)
    if (found === undefined) {
      this.#count()
      found = this.#find(query)
      this.#found.set(query, found)
    }
    return found
  }

  /**
   * The Questionnaire of a canonical, `url` or `url|version`, or of the form `Questionnaire/1`; of several the newest,
   * those in use first.
   */
  async questionnaire(canonical: string): Promise<Resource | undefined> {
    const { url, version } = splitCanonical(canonical)
    const asked = version === undefined ? '' : `&version=${encodeURIComponent(version)}`
    const found = await this.find(`Questionnaire?url=${encodeURIComponent(url)}${asked}`)
    const newest = newestOf(
      found.map((resource) => ({
        resource,
        version: textOf(resource.version),
        status: textOf(resource.status) ?? 'unknown',
      })),
    )
    if (newest !== undefined) return newest.resource
    const named = await this.read(url)
    return named?.resource.resourceType === 'Questionnaire' ? named.resource : undefined
  }

  async #find(query: string): Promise<readonly Resource[]> {
    const [, type, text] = /^\/?([A-Z][A-Za-z]{1,63})\?(.*)$/s.exec(query) ?? []
    if (type === undefined || text === undefined)
      throw new FhirError('invalid-search', 'A query has the form Type?name=value.')
    const pairs = pairsOf(text)
    const parsed = await this.#search.parse(
      { kind: 'type', type },
      pairs,
      { handling: 'strict', defaultCount: MOST_MATCHES, maxCount: MOST_MATCHES },
      this.#repository.lookup,
    )
    return (await this.#repository.search(parsed.query)).matches.map(resourceOf)
  }

  #count(): void {
    this.#left -= 1
    if (this.#left < 0)
      throw new FhirError('too-costly', `The form asks for more than ${MOST_LOOKUPS} reads and searches.`)
  }
}

function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [decoded(part), ''] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))]
    })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new FhirError('invalid-search', 'The query has a % that begins no escape.', { cause })
  }
}

function resourceOf({ body }: StoredVersion): Resource {
  return parseJson(body as Buffer) as Resource
}
