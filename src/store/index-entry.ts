// What the store keeps of a resource so that searches and access filters find it.
import type { SecurityLabel } from './access-filter.ts'

export interface TokenEntry {
  readonly kind: 'token'
  readonly param: string
  /** '' when the value has no system. */
  readonly system: string
  readonly code: string
}

export interface StringEntry {
  readonly kind: 'string'
  readonly param: string
  /** As folded by the search layer. */
  readonly folded: string
  readonly exact: string
}

export interface ReferenceEntry {
  readonly kind: 'reference'
  readonly param: string
  readonly target:
    | { readonly kind: 'local'; readonly type: string; readonly id: string }
    /** Absolute or canonical; `version` is what stood behind `|`. */
    | { readonly kind: 'url'; readonly url: string; readonly version: string | undefined }
    /** In the same resource; `id` without `#`. As if it were not there when the resource contains no such one. */
    | { readonly kind: 'contained'; readonly id: string }
}

/** [low, high) in milliseconds since 1970, UTC; an open end is -Infinity or Infinity. */
export interface DateEntry {
  readonly kind: 'date'
  readonly param: string
  readonly low: number
  readonly high: number
}

/** low = high for a plain number. */
export interface NumberEntry {
  readonly kind: 'number'
  readonly param: string
  readonly low: number
  readonly high: number
}

/** low = high for a plain Quantity; an open Range end is -Infinity or Infinity. */
export interface QuantityEntry {
  readonly kind: 'quantity'
  readonly param: string
  readonly low: number
  readonly high: number
  /** '' where absent, for all three. */
  readonly system: string
  readonly code: string
  readonly unit: string
}

export interface UriEntry {
  readonly kind: 'uri'
  readonly param: string
  readonly value: string
}

/** Degrees, WGS84. */
export interface PositionEntry {
  readonly kind: 'position'
  readonly param: string
  readonly latitude: number
  readonly longitude: number
}

/** Values that stand together in one element: one entry for every way to pick a value of each component. */
export interface CompositeEntry {
  readonly kind: 'composite'
  readonly param: string
  readonly components: readonly Exclude<IndexEntry, CompositeEntry | PositionEntry>[]
}

export type IndexEntry =
  | TokenEntry
  | StringEntry
  | ReferenceEntry
  | DateEntry
  | NumberEntry
  | QuantityEntry
  | UriEntry
  | PositionEntry
  | CompositeEntry

/** A contained resource; whoever sees the container sees it. */
export interface ContainedIndex {
  readonly type: string
  /** Its id within the container, without `#`. */
  readonly id: string
  readonly entries: readonly IndexEntry[]
}

export interface ResourceIndex {
  readonly entries: readonly IndexEntry[]
  /** Ids of the Patients in whose compartment the resource is; its own id for a Patient. */
  readonly patients: readonly string[]
  readonly labels: readonly SecurityLabel[]
  /** The clinically relevant date, milliseconds since 1970, by which results are ordered; undefined when it has none. */
  readonly date: number | undefined
  readonly contained: readonly ContainedIndex[]
}
