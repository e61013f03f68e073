// How a patch is refused: which operation, and why.
import { ERRORS, FhirError } from '../errors.ts'

/** Makes the errors of one operation. */
export interface Refusal {
  /** The operation itself is wrong, whatever the resource: 400. */
  malformed(reason: string): FhirError
  /** The operation cannot be done on this resource: 422. */
  failed(reason: string): FhirError
}

/** `expression`: FHIRPath of the operation where it stands in a resource. */
export function refusalOf(operation: string, expression?: string): Refusal {
  const refuse = (code: 'invalid' | 'business-rule', reason: string): FhirError =>
    new FhirError(code, [
      {
        severity: 'error',
        code: ERRORS[code].issueType,
        diagnostics: `${operation}: ${reason}.`,
        ...(expression === undefined ? {} : { expression }),
      },
    ])
  return {
    malformed: (reason) => refuse('invalid', reason),
    failed: (reason) => refuse('business-rule', reason),
  }
}

/** The client's own words in quotes, cut where they are long. */
export function shown(text: string): string {
  return `'${text.length <= 160 ? text : `${text.slice(0, 157)}...`}'`
}
