// The resource refers to one that meets conditions of its own (https://hl7.org/fhir/R4/search.html#chaining).
import type { Expression } from './expression.ts'
import type { TypedCondition } from './search-query.ts'

/**
 * Holds when some reference under `param` leads to a current resource that the caller may see and that meets the
 * condition for its type; or to a contained one (`ReferenceEntry.target.kind` is `contained`) that does, which is
 * seen by whoever sees its container. A reference leads to a resource by type and id, or as a canonical: then to
 * every resource of the type whose entry `url` (kind uri) is its URL and, when the canonical names a version, whose
 * entry `version` (kind token, no system) is that version.
 */
export interface ChainMatch {
  readonly kind: 'chain'
  readonly param: string
  /** One for each type that the target may have. */
  readonly targets: readonly TypedCondition[]
}

export function chainMatch(param: string, targets: readonly TypedCondition[]): ChainMatch {
  return Object.freeze({ kind: 'chain', param, targets: Object.freeze([...targets]) })
}

/** `_has`: a current resource of `source.type` that the caller may see, and that meets `source.where`, refers to this one under `param`. */
export interface HasMatch {
  readonly kind: 'has'
  readonly param: string
  readonly source: TypedCondition
}

export function hasMatch(source: TypedCondition, param: string): HasMatch {
  return Object.freeze({ kind: 'has', source, param })
}

/**
 * The resource contains one of this type that meets the condition (https://hl7.org/fhir/R4/search.html#contained).
 * A contained resource has the id by which its container knows it, its container's compartments, and entries of its
 * own, but no time of writing, no text and nothing contained: such conditions do not hold of it.
 */
export interface ContainsMatch {
  readonly kind: 'contains'
  readonly type: string
  readonly where: Expression
}

export function containsMatch(type: string, where: Expression): ContainsMatch {
  return Object.freeze({ kind: 'contains', type, where })
}
