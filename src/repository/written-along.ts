// What one plan puts and deletes, as rules of the domain find it beside what is stored.
import type { Resource } from '../fhir/index.ts'
import { matchesIndex } from '../search/index.ts'
import type { Expression, ResourceIndex, SearchQuery } from '../store/index.ts'
import { PendingChanges } from './pending-changes.ts'
import { looksElsewhere } from './transaction-world.ts'
import type { KnownVersion } from './write-rules.ts'

export class WrittenAlong {
  /** By `Type/id`; undefined for what is deleted. */
  readonly #resources: ReadonlyMap<string, Resource | undefined>
  readonly #changes = new PendingChanges()
  readonly #types = new Set<string>()

  constructor(
    resources: ReadonlyMap<string, Resource | undefined>,
    extract: (resource: Resource) => ResourceIndex,
  ) {
    this.#resources = resources
    for (const [key, resource] of resources) {
      const [type = '', id = ''] = key.split('/')
      this.#types.add(type)
      if (resource !== undefined) this.#changes.write(type, id, resource, extract)
    }
  }

  /** Whether any of the type is written or deleted. */
  hasType(type: string): boolean {
    return this.#types.has(type)
  }

  /** Whether it is written or deleted. */
  has(type: string, id: string): boolean {
    return this.#resources.has(`${type}/${id}`)
  }

  read(type: string, id: string): KnownVersion | undefined {
    const resource = this.#resources.get(`${type}/${id}`)
    return resource === undefined ? undefined : written(id, resource)
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
      .map(({ id, resource }) => written(id, resource as Resource))
  }

  #asWritten(version: KnownVersion): KnownVersion | undefined {
    const { resourceType } = version.resource
    return this.has(resourceType, version.id) ? this.read(resourceType, version.id) : version
  }
}

function written(id: string, resource: Resource): KnownVersion {
  return { id, resource, versionId: 0 }
}
