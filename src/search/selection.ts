// What of a resource a search parameter is about: steps that were compiled, or whatever the FHIRPath engine selects.
import type { JsonValue } from '../fhir/index.ts'
import type { Scope } from './extraction/refers-to.ts'
import type { Program } from './steps.ts'

export type Selection =
  | { readonly kind: 'steps'; readonly program: Program }
  | { readonly kind: 'engine'; readonly select: (scope: Scope) => readonly SelectedValue[] }

export interface SelectedValue {
  /** null for a primitive that has only extensions. */
  readonly value: JsonValue
  /** FHIR type; undefined where it is not known. */
  readonly type: string | undefined
}
