// A small client over fetch, typed by what /openapi.json says.
import type { components, paths } from './generated/openapi.ts'

export type ResourceType = components['schemas']['ResourceType']
export type Resource = components['schemas']['Resource']
export type Bundle = components['schemas']['Bundle']
export type OperationOutcome = components['schemas']['OperationOutcome']

/** The search parameters of a type; each may be given several times, which means and. */
export type SearchParameters<Type extends ResourceType> = NonNullable<
  paths[`/${Type}`]['get']['parameters']['query']
>

export interface Answer<Body = unknown> {
  readonly status: number
  readonly headers: Headers
  /** As it came. */
  readonly text: string
  /** Parsed at each use; throws where `text` is not JSON. */
  readonly json: Body
}

export interface Sending {
  /** An object is sent as FHIR JSON; text and bytes as they are. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** How many milliseconds an answer may take: more than any needs on a loaded machine. */
const PATIENCE_MS = 60_000

export class Client {
  /** Without `/fhir`. */
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** `GET Patient/1`: below the FHIR base, unless the path starts with `/`. An answer of any status is an answer. */
  async ask<Body = never>(line: string, { body, headers }: Sending = {}): Promise<Answer<Body>> {
    const [method = '', path = ''] = line.split(/ (.*)/s)
    const response = await fetch(this.url + (path.startsWith('/') ? path : `/fhir/${path}`), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined
        ? { headers: headers ?? {} }
        : { body: encode(body), headers: { 'content-type': 'application/fhir+json', ...headers } }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      get json() {
        return JSON.parse(text) as Body
      },
    }
  }

  read(type: ResourceType, id: string): Promise<Answer<Resource>> {
    return this.ask(`GET ${type}/${id}`)
  }

  vread(type: ResourceType, id: string, versionId: string): Promise<Answer<Resource>> {
    return this.ask(`GET ${type}/${id}/_history/${versionId}`)
  }

  /** With `ifNoneExist`, criteria of a search: only when nothing matches. */
  create(resource: Resource, ifNoneExist?: string): Promise<Answer<Resource>> {
    return this.ask(`POST ${resource.resourceType}`, {
      body: resource,
      ...(ifNoneExist === undefined ? {} : { headers: { 'if-none-exist': ifNoneExist } }),
    })
  }

  /** With `ifMatch`, an ETag: only on that version. */
  update(resource: Resource & { readonly id: string }, ifMatch?: string): Promise<Answer<Resource>> {
    return this.ask(`PUT ${resource.resourceType}/${resource.id}`, {
      body: resource,
      ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
    })
  }

  delete(type: ResourceType, id: string): Promise<Answer> {
    return this.ask(`DELETE ${type}/${id}`)
  }

  search<Type extends ResourceType>(
    type: Type,
    parameters: SearchParameters<Type> = {},
  ): Promise<Answer<Bundle>> {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters))
      for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
    return this.ask(`GET ${type}?${query}`)
  }

  history(type: ResourceType, id: string): Promise<Answer<Bundle>> {
    return this.ask(`GET ${type}/${id}/_history`)
  }

  transaction(entry: NonNullable<Bundle['entry']>): Promise<Answer<Bundle>> {
    return this.ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } })
  }
}

function encode(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return JSON.stringify(body)
}
