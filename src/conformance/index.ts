// Conformance's face: is this resource what R4 says it must be?
import type { Issue, Resource } from '../fhir/index.ts'

export interface Validator {
  /** Every fault found, in document order; empty when there is none. Warnings may be among them. */
  validate(resource: Resource): readonly Issue[]
}
