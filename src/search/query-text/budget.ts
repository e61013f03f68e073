// What reading one search may amount to, so that none costs without bound.
import { FhirError } from '../../fhir/index.ts'

/** Values between commas, all parameters together. */
export const MOST_VALUES = 1000
/** Of all parameters together, names and values. */
export const MOST_CHARACTERS = 200_000
/** Conditions for one type that is searched, and for all of them together. */
export const MOST_CONDITIONS = 5000
export const MOST_CONDITIONS_IN_ALL = 20_000
/** Value sets, codes and places whose members are looked up, and the codes of value sets together. */
export const MOST_LOOKUPS = 100
export const MOST_CODES = 200_000
/** Steps of a chain, forwards and backwards, and parentheses within each other. */
export const MOST_STEPS = 10
export const MOST_NESTING = 50

/** What the conditions for one type come to; all types of a search spend of one sum as well. */
export class Budget {
  readonly #inAll: { spent: number }
  #spent = 0

  constructor(inAll: { spent: number } = { spent: 0 }) {
    this.#inAll = inAll
  }

  /** For another type of the same search. */
  another(): Budget {
    return new Budget(this.#inAll)
  }

  /** @throws FhirError `too-costly` */
  spend(conditions = 1): void {
    this.#spent += conditions
    this.#inAll.spent += conditions
    const most = this.#spent > MOST_CONDITIONS ? MOST_CONDITIONS : MOST_CONDITIONS_IN_ALL
    if (this.#spent <= MOST_CONDITIONS && this.#inAll.spent <= MOST_CONDITIONS_IN_ALL) return
    throw new FhirError(
      'too-costly',
      `The search comes to more than ${most} conditions, its values and the types that its chains lead to ` +
        'multiplied. Name the types, as in subject:Patient.name or with _type, or give fewer values.',
    )
  }
}

/** @throws FhirError `too-costly` */
export function requireSteps(name: string, steps: number): void {
  if (steps > MOST_STEPS)
    throw new FhirError(
      'too-costly',
      `Search parameter '${name.slice(0, 100)}' leads over more than ${MOST_STEPS} references.`,
    )
}
