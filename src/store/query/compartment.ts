// The resource is in the compartment of one of these Patients (`ResourceIndex.patients`).

export interface CompartmentMatch {
  readonly kind: 'compartment'
  /** Ids of Patients. */
  readonly patients: readonly string[]
}

export function compartmentMatch(patients: readonly string[]): CompartmentMatch {
  return Object.freeze({ kind: 'compartment', patients: Object.freeze([...patients]) })
}
