// A coded value that is one of many (`:in`, `:below`); the set has been looked up before the store is asked.

export interface CodeSet {
  /** '' for codes without a system. */
  readonly system: string
  /** `all`: whatever code the system has. */
  readonly codes: readonly string[] | 'all'
}

export interface TokenSetMatch {
  readonly kind: 'token-set'
  readonly param: string
  readonly sets: readonly CodeSet[]
}

export function tokenSetMatch(param: string, sets: readonly CodeSet[]): TokenSetMatch {
  return Object.freeze({ kind: 'token-set', param, sets: Object.freeze([...sets]) })
}
