// A resource posted to an operation as one of its parameters.
import { FhirError, type Resource } from '../fhir/index.ts'
import type { OperationCall } from './operation.ts'

/**
 * The one resource under a name; undefined when there is none.
 * @throws FhirError `invalid` for several, another type, or one that is not valid R4
 */
export function postedPart(
  { parts, structures, repository }: Pick<OperationCall, 'parts' | 'structures' | 'repository'>,
  name: string,
  type: string,
): Resource | undefined {
  const [other] = structures.get(name) ?? []
  if (other !== undefined) throw refusal(`The parameter ${name} must have a resource.`, other.place)
  const [resource, second] = parts.get(name) ?? []
  if (resource === undefined) return undefined
  if (second !== undefined)
    throw refusal(`The parameter ${name} stands more than once.`, 'Parameters.parameter')
  if (resource.resourceType !== type)
    throw refusal(
      `The parameter ${name} must be a ${type}, not a ${resource.resourceType}.`,
      'Parameters.parameter',
    )
  const errors = repository
    .check(resource)
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
  if (errors.length > 0) throw new FhirError('invalid', errors)
  return resource
}

function refusal(diagnostics: string, expression: string): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code: 'structure', diagnostics, expression }])
}
