// What one plan puts and deletes, as rules of the domain find it beside what is stored.
import { equalJson, type Resource } from '../fhir/index.ts'
import { matchesIndex } from '../search/index.ts'
import type { Expression, ResourceIndex, ResourceKey, SearchQuery } from '../store/index.ts'
import type { Replaced } from './follow-ups.ts'
import { PendingChanges } from './pending-changes.ts'
import { looksElsewhere } from './transaction-world.ts'
import type { KnownVersion } from './write-rules.ts'

export class WrittenAlong {
  /** By `Type/id`; undefined for what is deleted. */
  readonly #written = new Map<string, KnownVersion | undefined>()
  readonly #changes = new PendingChanges()
  readonly #types = new Set<string>()
  readonly #extract: (resource: Resource) => ResourceIndex

  constructor(extract: (resource: Resource) => ResourceIndex) {
    this.#extract = extract
  }

  /**
   * @param resource undefined: it is deleted
   * @param replaced where it is known
   */
  add({ type, id }: ResourceKey, resource: Resource | undefined, replaced: Replaced | undefined): void {
    this.#types.add(type)
    this.#written.set(`${type}/${id}`, resource && new Written(id, resource, replaced))
    if (resource !== undefined) this.#changes.write(type, id, resource, this.#extract)
  }

  /** Whether any of the type is written or deleted. */
  hasType(type: string): boolean {
    return this.#types.has(type)
  }

  /** Whether it is written or deleted. */
  has(type: string, id: string): boolean {
    return this.#written.has(`${type}/${id}`)
  }

  read(type: string, id: string): KnownVersion | undefined {
    return this.#written.get(`${type}/${id}`)
  }

  /**
   * What a search finds: of what is stored that which is not written here, then what is and meets the condition. A
   * condition that looks at other resources is one on what is stored.
   */
  among(query: SearchQuery, stored: readonly KnownVersion[]): readonly KnownVersion[] {
    const types = query.from.filter(({ type }) => this.#types.has(type))
    if (types.length === 0) return stored
    if (types.some(({ where }) => looksElsewhere(where)))
      return stored.flatMap((version) => this.#asWritten(version) ?? [])
    const left = stored.filter(({ id, resource }) => !this.has(resource.resourceType, id))
    return [...left, ...types.flatMap(({ type, where }) => this.#matching(type, where))]
  }

  #matching(type: string, where: Expression): readonly KnownVersion[] {
    return this.#changes
      .candidates(type, where)
      .filter((candidate) => matchesIndex(where, candidate))
      .map(({ id }) => this.read(type, id) as KnownVersion)
  }

  #asWritten(version: KnownVersion): KnownVersion | undefined {
    const { resourceType } = version.resource
    return this.has(resourceType, version.id) ? this.read(resourceType, version.id) : version
  }
}

class Written implements KnownVersion {
  readonly id: string
  readonly resource: Resource
  readonly versionId = 0
  readonly #replaced: Replaced | undefined

  constructor(id: string, resource: Resource, replaced: Replaced | undefined) {
    this.id = id
    this.resource = resource
    this.#replaced = replaced
  }

  /** What says the same as the version that it replaces makes none. */
  get becomes(): number | undefined {
    if (this.#replaced === undefined) return undefined
    const { resource, versionId } = this.#replaced
    return resource !== undefined && saysTheSame(resource, this.resource) ? versionId : versionId + 1
  }
}

function saysTheSame(one: Resource, other: Resource): boolean {
  return equalJson({ ...one, meta: undefined }, { ...other, meta: undefined })
}
