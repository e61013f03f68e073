// Answers conditional criteria before the write turn, and records what the turn must find true again.
import { matchesIndex, type Search } from '../search/index.ts'
import type { AccessFilter, Expression, MatchAssertion, ResourceIndex, Store } from '../store/index.ts'

/**
 * What a transaction will have changed by the time that criteria are decided: R4 processes deletes, creates and
 * updates in this order, and conditional references last.
 */
export class PendingChanges {
  /** `Type/id` of stored resources that are deleted or replaced: their stored state no longer counts. */
  readonly replaced = new Set<string>()
  readonly #written = new Map<string, PendingResource[]>()

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

  written(type: string): readonly PendingResource[] {
    return this.#written.get(type) ?? []
  }
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

  constructor(store: Store, search: Search, access: AccessFilter) {
    this.#store = store
    this.#search = search
    this.#access = access
  }

  /**
   * Ids that match, at most two (which stand for "several").
   * @throws FhirError `invalid-search`
   */
  async resolve(type: string, criteria: string, pending: PendingChanges): Promise<readonly string[]> {
    const where = this.#search.parseCriteria(type, criteria)
    const stored = await this.#storedMatches(type, where, pending)
    const written = pending
      .written(type)
      .filter((candidate) => matchesIndex(where, candidate))
      .map(({ id }) => id)
    return [...stored, ...written].slice(0, 2)
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
