// A coded value: system and code, either, or a system alone (https://hl7.org/fhir/R4/search.html#token).

export interface TokenMatch {
  readonly kind: 'token'
  readonly param: string
  /** undefined: any system (`code`); '' : explicitly no system (`|code`); else that system (`system|code`). */
  readonly system: string | undefined
  /** undefined: any code of the system (`system|`). */
  readonly code: string | undefined
}

export function tokenMatch(param: string, system: string | undefined, code: string | undefined): TokenMatch {
  return Object.freeze({ kind: 'token', param, system, code })
}
