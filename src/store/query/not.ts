// The resource does not meet a condition: it has no value that does, or none at all (`:not`, `:missing=true`).
import type { Expression } from './expression.ts'

export interface Not {
  readonly kind: 'not'
  readonly node: Expression
}

export function not(node: Expression): Not {
  return Object.freeze({ kind: 'not', node })
}
