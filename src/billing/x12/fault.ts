// How a fault in X12 text is told: by segment and element, never by what stands there, for that may be a patient's.
import { FhirError, type Issue } from '../../fhir/index.ts'

/** A segment's place: its number in the file from 1, and its name, such as `CLM`. */
export interface SegmentPlace {
  readonly position: number
  readonly id: string
}

/**
 * A 400 that names the segment, the element (`5`, or `5-1` for a component) and the rule that is broken.
 * `what` must quote nothing of the file.
 */
export function x12Fault(place: SegmentPlace, element: string | undefined, what: string): FhirError {
  const id = /^[A-Z][A-Z0-9]{1,2}$/.test(place.id) ? place.id : 'unnamed'
  const [index = '', ...part] = element?.split('-') ?? []
  const at = [id + (element === undefined ? '' : index.padStart(2, '0')), ...part].join('-')
  return new FhirError('malformed', `X12 segment ${place.position}, ${at}: ${what}`)
}

/** A 422 for what cannot be written as X12, at the FHIR element `expression`. */
export function unwritable(expression: string, what: string): FhirError {
  const issue: Issue = {
    severity: 'error',
    code: 'business-rule',
    diagnostics: `${expression}: ${what}`,
    expression,
  }
  return new FhirError('business-rule', [issue])
}

/** 422 when there is none, saying what must be there. */
export function required<T>(value: T | undefined, expression: string, what: string): T {
  if (value === undefined) throw unwritable(expression, what)
  return value
}
