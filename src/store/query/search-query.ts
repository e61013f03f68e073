// A whole search as the store is asked it: conditions, order, page and what to include.
import type { IndexEntry } from '../index-entry.ts'
import { and } from './and.ts'
import type { Expression } from './expression.ts'

/** Resources of a type that meet a condition, whose `param`s are those of the type. */
export interface TypedCondition {
  readonly type: string
  readonly where: Expression
}

export function typedCondition(type: string, where: Expression): TypedCondition {
  return Object.freeze({ type, where })
}

export type SortableEntry = Exclude<IndexEntry['kind'], 'composite' | 'position'>

/**
 * `entry`: by the least value under `param` when ascending, by the greatest when descending; resources without a
 * value come last in both. A token counts by its code, a string as folded, a local reference as `Type/id`, one to
 * elsewhere as its URL without a version, one into the same resource not at all, a range by its low end; texts compare
 * by code points. What is equal by all keys stands in the order
 * in which the resources first came to be.
 */
export type SortKey =
  | { readonly by: 'lastUpdated' | 'id'; readonly descending: boolean }
  | {
      readonly by: 'entry'
      readonly entry: SortableEntry
      readonly param: string
      /** For types whose values are kept under other names: those, in place of `param`. */
      readonly kept?: Readonly<Record<string, readonly string[]>>
      readonly descending: boolean
      /**
       * Of dates: set when for every type no resource has more than one value, and that begins at the resource's
       * `ResourceIndex.date`, unless its beginning is open. A store may walk by that.
       */
      readonly clinical?: true
    }

/** The names under which a key's values are kept for resources of a type. */
export function namesOfKey(
  { param, kept }: Extract<SortKey, { by: 'entry' }>,
  type: string,
): readonly string[] {
  return (kept !== undefined && Object.hasOwn(kept, type) ? kept[type] : undefined) ?? [param]
}

export interface Include {
  /** `forward`: what a resource refers to (`_include`); `reverse`: what refers to it (`_revinclude`). */
  readonly direction: 'forward' | 'reverse'
  /** Whether it holds for what was included as well, again and again (`:iterate`); else for the matches alone. */
  readonly iterate: boolean
  /** The type that refers: `MedicationRequest`; undefined for any. */
  readonly source: string | undefined
  /** The reference parameter followed; undefined for `*`: all but the server's own, which have a colon in their names. */
  readonly param: string | undefined
  /** Only between the source and targets of this type; undefined for any. */
  readonly target: string | undefined
}

export interface SearchQuery {
  /** What is searched; a type stands once. */
  readonly from: readonly TypedCondition[]
  /** Empty: an order of the store's own choosing, the same on every page. */
  readonly sort: readonly SortKey[]
  /** Matches a page, at least 0; 0 asks for the total only. */
  readonly count: number
  /** The `next` or `previous` of another page of this search, as the store gave it. */
  readonly cursor: string | undefined
  readonly total: 'none' | 'accurate'
  readonly includes: readonly Include[]
  /** More than this are not included with one page, and the page says so. */
  readonly mostIncluded: number
}

const EVERYTHING = and([])
const NONE: readonly never[] = Object.freeze([])

/** One type, or `from`; whatever is not given has a default. */
export function searchQuery(
  query: Partial<SearchQuery> & { readonly type?: string; readonly where?: Expression },
): SearchQuery {
  const { type, where = EVERYTHING } = query
  return Object.freeze({
    from: query.from ?? Object.freeze(type === undefined ? [] : [typedCondition(type, where)]),
    sort: query.sort ?? NONE,
    count: query.count ?? 20,
    cursor: query.cursor,
    total: query.total ?? 'none',
    includes: query.includes ?? NONE,
    mostIncluded: query.mostIncluded ?? 1000,
  } satisfies SearchQuery)
}
