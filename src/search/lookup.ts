// What reading a search must look up in stored resources: the sets of codes and places that its values name.
import { FhirError } from '../fhir/index.ts'
import type { CodeSet } from '../store/index.ts'

/** Bound to a caller: what they may not see is not there. */
export interface SearchLookup {
  /**
   * The codes of a ValueSet, named by its canonical URL (perhaps with `|version`) or as `ValueSet/[id]`.
   * @throws FhirError `invalid-search` when it is not known here or nobody could say what is in it, `too-costly`
   */
  codesIn(valueSet: string): Promise<readonly CodeSet[]>
  /**
   * The code itself and those above or below it in its code system's hierarchy.
   * @throws FhirError `invalid-search` when the code system, or the code in it, is not known here
   */
  codesBy(direction: 'above' | 'below', system: string, code: string): Promise<readonly string[]>
  /** Ids of the resource itself and of those above or below it by `partOf` (Location, Organization and the like). */
  placesBy(direction: 'above' | 'below', type: string, id: string): Promise<readonly string[]>
}

/** For searches where nothing can be looked up: refuses by name. */
export const NO_LOOKUP: SearchLookup = Object.freeze({
  codesIn: (valueSet: string) => refuse(`the codes of ${valueSet}`),
  codesBy: (direction: 'above' | 'below', system: string, code: string) =>
    refuse(`what is ${direction} ${system}|${code}`),
  placesBy: (direction: 'above' | 'below', type: string, id: string) =>
    refuse(`what is ${direction} ${type}/${id}`),
})

function refuse(what: string): Promise<never> {
  return Promise.reject(new FhirError('invalid-search', `Here nothing can be looked up, nor then ${what}.`))
}
