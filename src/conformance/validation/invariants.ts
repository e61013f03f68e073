// The constraints that a walk evaluates, and those that it need not because the walk itself keeps them.
import type { JsonObject, JsonValue } from '../../fhir/index.ts'

/** One constraint of R4, compiled (https://hl7.org/fhir/R4/conformance-rules.html#constraints). */
export interface Invariant {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human: string
  readonly expression: string
  /** Whether it holds of this node. */
  check(
    node: JsonValue,
    context: { readonly resource: JsonObject; readonly rootResource: JsonObject },
  ): boolean
}

export interface Invariants {
  ofType(name: string): readonly Invariant[]
  ofElement(path: string): readonly Invariant[]
}
