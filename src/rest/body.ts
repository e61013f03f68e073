// Reads what an interaction takes from a request's body, or says what it should have been.
import { FhirError, isJsonObject, type JsonObject, type Patch, type Resource } from '../fhir/index.ts'
import type { RestRequest } from './request.ts'

/** @throws FhirError `malformed`, `unsupported-media-type`, `invalid` */
export function resourceBody({ body }: RestRequest, type: string): Resource {
  if (body === undefined) throw new FhirError('malformed', `The body is empty; a ${type} was expected.`)
  if (body.kind !== 'json')
    throw new FhirError(
      'unsupported-media-type',
      `A ${type} is sent as application/fhir+json or application/fhir+xml.`,
    )
  const resource = asResource(body.value)
  if (resource === undefined)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'structure',
        diagnostics: `The body must be one JSON object with "resourceType": "${type}".`,
        expression: type,
      },
    ])
  if (resource.resourceType !== type)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The resourceType of the body is not that of the URL, which is ${type}.`,
        expression: `${type}.resourceType`,
      },
    ])
  return resource
}

/** The text of the resource that `resourceBody` returns, where that need not be written anew. */
export function textOfBody({ body }: RestRequest): string | undefined {
  return body?.kind === 'json' ? body.text : undefined
}

/** @throws FhirError `malformed`, `unsupported-media-type` */
export function patchBody({ body }: RestRequest): Patch {
  if (body === undefined) throw new FhirError('malformed', 'The body is empty; a patch was expected.')
  if (body.kind === 'json-patch') return { kind: 'json-patch', operations: body.operations }
  const parameters = body.kind === 'json' ? asResource(body.value) : undefined
  if (parameters?.resourceType === 'Parameters') return { kind: 'fhirpath-patch', parameters }
  throw new FhirError(
    'unsupported-media-type',
    'A patch is a JSON Patch sent as application/json-patch+json, or a FHIRPath Patch in a Parameters resource sent as application/fhir+json or application/fhir+xml.',
  )
}

export function asResource(value: unknown): (JsonObject & Resource) | undefined {
  return isJsonObject(value) && typeof value.resourceType === 'string' ? (value as Resource) : undefined
}
