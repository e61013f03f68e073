// What a caller may see, as a condition that the store and-s into every query it answers.

export interface SecurityLabel {
  readonly system: string
  readonly code: string
}

/**
 * One way in. A resource passes when all three hold. Of a version that has been superseded, the labels and compartments
 * that it had when it was written and those that the resource has now must both be let pass by a filter.
 */
export interface AccessRule {
  /** Resource types, or every one. */
  readonly types: readonly string[] | '*'
  /** Ids of Patients in whose compartment the resource must be (one is enough), or no such condition. */
  readonly patients: readonly string[] | '*'
  /** Labels (`meta.security`) of which the resource may carry none. */
  readonly withoutLabels: readonly SecurityLabel[]
}

/** A resource is visible when one rule lets it pass; no rule, nothing visible. */
export interface AccessFilter {
  readonly anyOf: readonly AccessRule[]
}

export const SEE_EVERYTHING: AccessFilter = Object.freeze({
  anyOf: Object.freeze([Object.freeze({ types: '*', patients: '*', withoutLabels: Object.freeze([]) })]),
}) as AccessFilter

export const SEE_NOTHING: AccessFilter = Object.freeze({ anyOf: Object.freeze([]) })
