// What a transaction will have changed by the time that criteria are decided: R4 processes deletes, creates and
// updates in this order, and conditional references last (https://hl7.org/fhir/R4/http.html#trules).
import { isJsonObject, parseReference, type JsonValue, type Resource } from '../fhir/index.ts'
import { matchesIndex, type Candidate } from '../search/index.ts'
import type { Expression, IndexEntry, ResourceIndex } from '../store/index.ts'

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
  readonly #byValue = new Map<string, ValueLists>()

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

  /** What will have been written of this type and may meet the condition: by a token or reference, where it asks for one. */
  candidates(type: string, where: Expression): readonly PendingResource[] {
    const ofType = this.#written.get(type) ?? []
    const value = valueAsked(where)
    return value === undefined ? ofType : (this.#listsOf(type, ofType).get(value) ?? [])
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
    const lists = this.#byValue.get(type) ?? { resources: 0, byValue: new Map() }
    this.#byValue.set(type, lists)
    for (; lists.resources < ofType.length; lists.resources++) {
      const resource = ofType[lists.resources] as PendingResource
      for (const key of resource.index.entries.flatMap(valueKeys)) {
        const list = lists.byValue.get(key)
        if (list === undefined) lists.byValue.set(key, [resource])
        else if (list.at(-1) !== resource) list.push(resource)
      }
    }
    return lists.byValue
  }
}

/**
 * The resources of one type by their tokens and references: so that thousands of criteria do not each look at thousands
 * of resources.
 */
interface ValueLists {
  /** How many of the resources are in the lists. */
  resources: number
  readonly byValue: Map<string, PendingResource[]>
}

/** Of a token or reference that whatever meets the condition must have; undefined when it asks for none. */
function valueAsked(where: Expression): string | undefined {
  if (where.kind === 'token' && where.code !== undefined)
    return tokenKey(where.param, where.code, where.system)
  if (where.kind === 'reference' && where.target.kind === 'local' && where.target.types.length === 1)
    return referenceKey(where.param, where.target.types[0] as string, where.target.id)
  if (where.kind !== 'and') return undefined
  return where.all.map(valueAsked).find((value) => value !== undefined)
}

function valueKeys(entry: IndexEntry): readonly string[] {
  if (entry.kind === 'token')
    return [tokenKey(entry.param, entry.code, undefined), tokenKey(entry.param, entry.code, entry.system)]
  if (entry.kind === 'reference' && entry.target.kind === 'local')
    return [referenceKey(entry.param, entry.target.type, entry.target.id)]
  return []
}

function referenceKey(param: string, type: string, id: string): string {
  return `${param} ${type}/${id}`
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
