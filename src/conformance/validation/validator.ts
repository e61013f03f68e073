// Base validation of R4 (https://hl7.org/fhir/R4/validation.html): structure, formats, codes, references, invariants.
import type { Definitions } from '../../fhir/index.ts'
import type { Validator } from '../validator.ts'
import type { Invariants } from './invariants.ts'
import { createShapes } from './shape.ts'
import { Walk } from './walk.ts'

/** What the walk itself keeps, and says better; and dom-6, a best practice that most resources rightly do without. */
const KEPT_BY_THE_WALK = new Set(['ele-1', 'ext-1', 'ref-1', 'sqty-1', 'txt-1', 'txt-2', 'dom-6'])

const NO_INVARIANTS: Invariants = { ofType: () => [], ofElement: () => [] }

/** Links a type at its first use, and allocates next to nothing for a resource without faults. */
export function createValidator(definitions: Definitions, invariants: Invariants = NO_INVARIANTS): Validator {
  const shapes = createShapes(definitions, {
    ofType: (name) => invariants.ofType(name).filter(({ key }) => !KEPT_BY_THE_WALK.has(key)),
    ofElement: (path) => invariants.ofElement(path).filter(({ key }) => !KEPT_BY_THE_WALK.has(key)),
  })
  return {
    validate(resource) {
      const walk = new Walk(definitions, shapes, resource)
      walk.resource(resource)
      return walk.report.issues
    },
  }
}
