// All of several conditions; no condition at all matches everything.
import type { Expression } from './expression.ts'

export interface And {
  readonly kind: 'and'
  readonly all: readonly Expression[]
}

export function and(all: readonly Expression[]): And {
  return Object.freeze({ kind: 'and', all: Object.freeze([...all]) })
}
