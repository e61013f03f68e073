// Answers conditional criteria before the write turn, and records what the turn must find true again.
import type { Search, SearchLookup } from '../search/index.ts'
import type { AccessFilter, Expression, MatchAssertion, Store } from '../store/index.ts'
import type { PendingChanges } from './pending-changes.ts'
import { looksElsewhere, TransactionWorld } from './transaction-world.ts'

export class CriteriaResolver {
  readonly assertions: MatchAssertion[] = []
  readonly #store: Store
  readonly #search: Search
  readonly #access: AccessFilter
  readonly #lookup: () => SearchLookup

  /** @param lookup made when it is needed: most writes have no criteria */
  constructor(store: Store, search: Search, access: AccessFilter, lookup: () => SearchLookup) {
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
    const where = await this.#search.parseCriteria(type, criteria, this.#lookup())
    if (!looksElsewhere(where)) {
      const stored = await this.#storedMatches(type, where, pending)
      return [...stored, ...pending.matching(type, where)].slice(0, 2)
    }
    const world = new TransactionWorld({
      store: this.#store,
      access: this.#access,
      pending,
      assertions: this.assertions,
    })
    const ids = [...(await this.#storedMatches(type, await world.forStored(type, where), pending))]
    for (const candidate of pending.candidates(type, where))
      if (ids.length < 2 && (await world.meets(type, candidate, where))) ids.push(candidate.id)
    return ids.slice(0, 2)
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
