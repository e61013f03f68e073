// Any of several conditions; no condition at all matches nothing.
import type { Expression } from './expression.ts'

export interface Or {
  readonly kind: 'or'
  readonly any: readonly Expression[]
}

export function or(any: readonly Expression[]): Or {
  return Object.freeze({ kind: 'or', any: Object.freeze([...any]) })
}
