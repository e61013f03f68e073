// What a transaction will have changed by the time that criteria are decided: R4 processes deletes, creates and
// updates in this order, and conditional references last (https://hl7.org/fhir/R4/http.html#trules).
import { isJsonObject, parseReference, type JsonValue, type Resource } from '../fhir/index.ts'
import { matchesIndex, type Candidate } from '../search/index.ts'
import type { Expression, ResourceIndex } from '../store/index.ts'

/** A resource as it will have been written. */
export interface PendingResource extends Candidate {
  /** Whether it refers to something that is settled only later: an entry by its fullUrl, or by criteria. */
  readonly unresolved: boolean
}

/** Looked at more closely only when criteria are about its type. */
class Pending implements PendingResource {
  readonly id: string
  readonly resource: Resource
  readonly #extract: (resource: Resource) => ResourceIndex
  #index: ResourceIndex | undefined
  #unresolved: boolean | undefined

  constructor(id: string, resource: Resource, extract: (resource: Resource) => ResourceIndex) {
    this.id = id
    this.resource = resource
    this.#extract = extract
  }

  get index(): ResourceIndex {
    return (this.#index ??= this.#extract(this.resource))
  }

  get unresolved(): boolean {
    return (this.#unresolved ??= refersLater(this.resource))
  }
}

export class PendingChanges {
  /** `Type/id` of stored resources that are deleted or replaced: their stored state no longer counts. */
  readonly replaced = new Set<string>()
  readonly #written = new Map<string, PendingResource[]>()
  readonly #byKey = new Map<string, PendingResource>()
  readonly #byToken = new Map<string, TokenLists>()

  replace(type: string, id: string): void {
    this.replaced.add(`${type}/${id}`)
  }

  /** `extract` is called once, and only when criteria are about this type. */
  write(type: string, id: string, resource: Resource, extract: (resource: Resource) => ResourceIndex): void {
    const ofType = this.#written.get(type) ?? []
    const pending = new Pending(id, resource, extract)
    ofType.push(pending)
    this.#written.set(type, ofType)
    this.#byKey.set(`${type}/${id}`, pending)
  }

  written(type: string, id: string): PendingResource | undefined {
    return this.#byKey.get(`${type}/${id}`)
  }

  /** What will have been written of this type and may meet the condition: by a token, where it asks for one. */
  candidates(type: string, where: Expression): readonly PendingResource[] {
    const ofType = this.#written.get(type) ?? []
    const token = tokenAsked(where)
    return token === undefined ? ofType : (this.#listsOf(type, ofType).get(token) ?? [])
  }

  /** Ids of what will have been written and meets a condition that looks at nothing else. */
  matching(type: string, where: Expression): readonly string[] {
    return this.candidates(type, where)
      .filter((candidate) => matchesIndex(where, candidate))
      .map(({ id }) => id)
  }

  #listsOf(
    type: string,
    ofType: readonly PendingResource[],
  ): ReadonlyMap<string, readonly PendingResource[]> {
    const lists = this.#byToken.get(type) ?? { resources: 0, byToken: new Map() }
    this.#byToken.set(type, lists)
    for (; lists.resources < ofType.length; lists.resources++) {
      const resource = ofType[lists.resources] as PendingResource
      for (const entry of resource.index.entries)
        if (entry.kind === 'token')
          for (const key of [
            tokenKey(entry.param, entry.code, undefined),
            tokenKey(entry.param, entry.code, entry.system),
          ]) {
            const list = lists.byToken.get(key)
            if (list === undefined) lists.byToken.set(key, [resource])
            else if (list.at(-1) !== resource) list.push(resource)
          }
    }
    return lists.byToken
  }
}

/** The resources of one type by their tokens: so that thousands of criteria do not each look at thousands of resources. */
interface TokenLists {
  /** How many of the resources are in the lists. */
  resources: number
  readonly byToken: Map<string, PendingResource[]>
}

/** Of a token that whatever meets the condition must have; undefined when it asks for none. */
function tokenAsked(where: Expression): string | undefined {
  if (where.kind === 'token' && where.code !== undefined)
    return tokenKey(where.param, where.code, where.system)
  if (where.kind !== 'and') return undefined
  return where.all.map(tokenAsked).find((token) => token !== undefined)
}

function tokenKey(param: string, code: string, system: string | undefined): string {
  return system === undefined ? `${param} ${code}` : `${param} ${code} ${system}`
}

function refersLater(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(refersLater)
  if (!isJsonObject(value)) return false
  const { reference } = value
  if (typeof reference === 'string')
    if (reference.startsWith('urn:') || parseReference(reference).kind === 'conditional') return true
  return Object.values(value).some((member) => refersLater(member as JsonValue))
}
