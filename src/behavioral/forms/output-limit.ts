// How much may be made of one form: what is copied from answers or selected by expressions can be many times its size.
import { roughSize, type JsonValue } from '../../fhir/index.ts'
import { tooCostly } from './expressions.ts'

/** Characters of JSON. */
const MOST_CHARACTERS = 20_000_000

export class OutputLimit {
  #left = MOST_CHARACTERS

  /** Counts what is made; `place` is the FHIRPath of the element that asks for it. @throws FhirError `too-costly` */
  spend(made: JsonValue, place: string): void {
    this.#left -= roughSize(made)
    if (this.#left < 0) throw tooCostly('What would be made of this form is too large.', place)
  }
}
