// Patching a resource (https://hl7.org/fhir/R4/http.html#patch): JSON Patch and FHIRPath Patch, all of it or none.
import type { Definitions } from '../definitions/index.ts'
import { FhirError } from '../errors.ts'
import { loadFhirPath } from '../fhirpath/index.ts'
import { cloneJson, isWithinDepth, MAX_DEPTH } from '../json/index.ts'
import { isJsonObject, type JsonValue, type Resource } from '../resource.ts'
import { timeLimit } from '../time-limit.ts'
import { applyFhirPathPatch } from './fhirpath-patch.ts'
import { applyJsonPatch } from './json-patch.ts'
import { readOperations } from './parameters.ts'

/** What a patch request carries: the array of https://www.rfc-editor.org/rfc/rfc6902, or Parameters. */
export type Patch =
  | { readonly kind: 'json-patch'; readonly operations: JsonValue }
  | { readonly kind: 'fhirpath-patch'; readonly parameters: Resource }

/** A thousand times what a FHIRPath Patch usually takes. */
const inTime = timeLimit(1000)

/**
 * The patched resource; the one given stays as it is. What comes out still has to be validated.
 * @throws FhirError `invalid` for a patch that is malformed, `business-rule` for one that does not fit this resource,
 * `too-costly` for one that would take too long or grow too large; each names the operation by its place, counted from 0
 */
export async function applyPatch(
  resource: Resource,
  patch: Patch,
  definitions: Definitions,
): Promise<Resource> {
  const patched =
    patch.kind === 'json-patch'
      ? applyJsonPatch(cloneJson(resource), patch.operations)
      : await applyFhirPath(resource, patch.parameters, definitions)
  if (!isWithinDepth(patched))
    throw new FhirError(
      'business-rule',
      `The patch leaves objects and arrays more than ${MAX_DEPTH} levels deep.`,
    )
  if (!isJsonObject(patched))
    throw new FhirError('business-rule', 'The patch leaves something that is no resource.')
  for (const name of ['resourceType', 'id'] as const) {
    if (patched[name] === resource[name]) continue
    throw new FhirError('business-rule', `A patch may not change ${resource.resourceType}.${name}.`)
  }
  return patched as Resource
}

async function applyFhirPath(
  resource: Resource,
  parameters: Resource,
  definitions: Definitions,
): Promise<Resource> {
  const operations = readOperations(parameters)
  const engine = await loadFhirPath()
  return inTime(
    () => applyFhirPathPatch(cloneJson(resource), operations, { definitions, engine }),
    (cause) =>
      new FhirError(
        'too-costly',
        'The operations of this patch take too long: send fewer, of plainer paths.',
        {
          cause,
        },
      ),
  )
}
