// A whole search as the store is asked it: conditions, order, page and what to include.
import type { Expression } from './expression.ts'

export interface SortKey {
  readonly by: 'lastUpdated'
  readonly descending: boolean
}

export interface Include {
  /** The type that refers: `MedicationRequest`. */
  readonly source: string
  /** The reference parameter followed; undefined for `*`. */
  readonly param: string | undefined
  /** Only targets of this type; undefined for any. */
  readonly target: string | undefined
}

export interface SearchQuery {
  readonly type: string
  readonly where: Expression
  /** Empty: an order of the store's own choosing, the same on every page. */
  readonly sort: readonly SortKey[]
  /** Matches a page, at least 0; 0 asks for the total only. */
  readonly count: number
  /** The `next` of the page before, as the store gave it. */
  readonly after: string | undefined
  readonly total: 'none' | 'accurate'
  readonly includes: readonly Include[]
}

export function searchQuery(query: Pick<SearchQuery, 'type'> & Partial<SearchQuery>): SearchQuery {
  return Object.freeze({
    where: Object.freeze({ kind: 'and', all: Object.freeze([]) }),
    sort: Object.freeze([]),
    count: 20,
    after: undefined,
    total: 'none',
    includes: Object.freeze([]),
    ...query,
  } satisfies SearchQuery)
}
