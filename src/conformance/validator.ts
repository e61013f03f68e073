// The one question asked of conformance: is this resource what it must be?
import type { Issue, Resource } from '../fhir/index.ts'

export interface Validator {
  /**
   * Every fault found, in document order; empty when there is none. Warnings may be among them.
   * @param named takes the text of each Reference.reference, in document order; of all only where there is no fault
   */
  validate(resource: Resource, named?: string[]): readonly Issue[]
}
