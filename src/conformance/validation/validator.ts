// Base validation of R4 (https://hl7.org/fhir/R4/validation.html): structure, formats, codes, references, invariants.
import type { Definitions } from '../../fhir/index.ts'
import type { Validator } from '../validator.ts'
import { createShapes } from './shape.ts'
import { Walk } from './walk.ts'

/** Links a type at its first use, and allocates next to nothing for a resource without faults. */
export function createValidator(definitions: Definitions): Validator {
  const shapes = createShapes(definitions)
  return {
    validate(resource, named) {
      const walk = new Walk(definitions, shapes, resource, named)
      walk.resource(resource)
      return walk.report.issues
    },
  }
}
