// A rule that a StructureDefinition states in FHIRPath (https://hl7.org/fhir/R4/conformance-rules.html#constraints).
import type { JsonObject, JsonValue } from '../../fhir/index.ts'

export interface InvariantContext {
  /** `%resource`: the nearest resource around the node; a contained resource is one of its own. */
  readonly resource: JsonObject
  /** `%rootResource`: the resource that contains `resource`, else `resource` itself. An entry of a Bundle is its own root. */
  readonly rootResource: JsonObject
  /** The contained resource of `rootResource` that has this id. */
  containedById(id: string): JsonObject | undefined
}

export interface Invariant {
  /** `pat-1`. Unique within a type, not across them: three types have an `inv-1`. */
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human: string
  /** In FHIRPath, as it is checked: a mended rule shows its mended form. */
  readonly expression: string
  /**
   * Whether the rule holds. An expression that comes out empty does not, except of a rule that
   * only warns, or of the few whose question need not arise (listed in scripts/build-definitions/invariants-mended.ts).
   * `node` is the element as it stands in JSON: an object, or the value of a primitive (one without a value
   * is not checked). A body of the wrong structure gives an arbitrary answer, and throws nothing.
   */
  check(node: JsonValue, context: InvariantContext): boolean
}
