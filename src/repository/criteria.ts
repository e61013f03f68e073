// Answers conditional criteria before the write turn, and records what the turn must find true again.
import { matchesIndex, type Search, type SearchLookup } from '../search/index.ts'
import type { AccessFilter, Expression, MatchAssertion, ResourceIndex, Store } from '../store/index.ts'

/**
 * What a transaction will have changed by the time that criteria are decided: R4 processes deletes, creates and
 * updates in this order, and conditional references last.
 */
export class PendingChanges {
  /** `Type/id` of stored resources that are deleted or replaced: their stored state no longer counts. */
  readonly replaced = new Set<string>()
  readonly #written = new Map<string, PendingResource[]>()
  readonly #byToken = new Map<string, TokenLists>()

  replace(type: string, id: string): void {
    this.replaced.add(`${type}/${id}`)
  }

  /** `extract` is called once, and only when criteria are about this type. */
  write(type: string, id: string, extract: () => ResourceIndex): void {
    const ofType = this.#written.get(type) ?? []
    let index: ResourceIndex | undefined
    ofType.push({
      id,
      get index() {
        index ??= extract()
        return index
      },
    })
    this.#written.set(type, ofType)
  }

  /** What will have been written and meets the condition; found by a token where it asks for one. */
  matching(type: string, where: Expression): readonly string[] {
    const ofType = this.#written.get(type) ?? []
    const token = tokenAsked(where)
    const candidates = token === undefined ? ofType : (this.#listsOf(type, ofType).get(token) ?? [])
    return candidates.filter((candidate) => matchesIndex(where, candidate)).map(({ id }) => id)
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

interface PendingResource {
  readonly id: string
  readonly index: ResourceIndex
}

export class CriteriaResolver {
  readonly assertions: MatchAssertion[] = []
  readonly #store: Store
  readonly #search: Search
  readonly #access: AccessFilter
  readonly #lookup: SearchLookup

  constructor(store: Store, search: Search, access: AccessFilter, lookup: SearchLookup) {
    this.#store = store
    this.#search = search
    this.#access = access
    this.#lookup = lookup
  }

  /**
   * Ids that match, at most two (which stand for "several").
   * @throws FhirError `invalid-search`
   */
  async resolve(type: string, criteria: string, pending: PendingChanges): Promise<readonly string[]> {
    const where = await this.#search.parseCriteria(type, criteria, this.#lookup)
    const stored = await this.#storedMatches(type, where, pending)
    return [...stored, ...pending.matching(type, where)].slice(0, 2)
  }

  async #storedMatches(
    type: string,
    where: Expression,
    { replaced }: PendingChanges,
  ): Promise<readonly string[]> {
    const limit = 2 + replaced.size
    const ids = await this.#store.matches(type, where, limit, this.#access)
    // At the limit two are left in any case, and "several" ends the write: nothing to assert.
    if (ids.length < limit) this.assertions.push({ type, where, ids })
    return ids.filter((id) => !replaced.has(`${type}/${id}`))
  }
}
