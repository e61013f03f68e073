// A Measure that cannot be evaluated: what the client is told.
import { FhirError, type IssueType } from '../../fhir/index.ts'

/** @param path the element, as FHIRPath */
export function refusedMeasure(
  path: string,
  rule: string,
  cause?: unknown,
  code: IssueType = 'business-rule',
): FhirError {
  return new FhirError(
    'business-rule',
    [{ severity: 'error', code, diagnostics: `${path}: ${rule}`, expression: path }],
    { cause },
  )
}
