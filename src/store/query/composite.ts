// Several values that stand together in one element (https://hl7.org/fhir/R4/search.html#composite).
import type { Expression } from './expression.ts'

/** Some composite entry under `param` has, at each place, a component entry that meets the condition of that place. */
export interface CompositeMatch {
  readonly kind: 'composite'
  readonly param: string
  /**
   * As many as the entries' components. Leaves (token, token-set, string, reference, date, number, quantity, uri) and
   * and, or, not of them; a leaf's own `param` is that of the component entry.
   */
  readonly components: readonly Expression[]
}

export function compositeMatch(param: string, components: readonly Expression[]): CompositeMatch {
  return Object.freeze({ kind: 'composite', param, components: Object.freeze([...components]) })
}
