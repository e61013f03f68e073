// The base invariants of R4 by the place they stand on, compiled ahead (https://hl7.org/fhir/R4/conformance-rules.html#constraints).
import { OF_ELEMENT, OF_TYPE } from './generated/invariants.ts'
import type { Invariant } from './invariant.ts'

export type { Invariant, InvariantContext } from './invariant.ts'

const NONE: readonly Invariant[] = []

/**
 * The rules of a resource type, data type or backbone (`Patient`, `Period`, `Patient.contact`), inherited ones
 * among them, to be checked for every node of the type. Not there are dom-6, a best practice, and what the
 * validator keeps as it walks: ele-1 (nothing is empty), ext-1, ref-1, txt-1 and txt-2.
 */
export function invariantsOfType(typeName: string): readonly Invariant[] {
  return OF_TYPE.get(typeName) ?? NONE
}

/**
 * The rules that stand on the element of this path beside those of its type: org-2 on `Organization.address`,
 * ras-1 on `RiskAssessment.prediction.probability[x]`. They are to be checked for every
 * repetition, together with the type's. The path is `ElementDefinition.path`.
 */
export function invariantsOfElement(path: string): readonly Invariant[] {
  return OF_ELEMENT.get(path) ?? NONE
}
