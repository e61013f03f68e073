// What a write starts from: the resource that was sent with the id that it gets, or the current version patched.
import { applyPatch, cloneJson, FhirError, isJsonObject, type Resource } from '../fhir/index.ts'
import type { RepositoryParts } from './parts.ts'
import { inEntry } from './refusals.ts'
import type { PlannedTarget } from './targets.ts'

interface DraftContext {
  readonly parts: Pick<RepositoryParts, 'definitions'>
  /** Whether the writes came as a transaction: errors name the entry. */
  readonly transaction: boolean
}

/**
 * At once, unless it is a patch.
 * @throws FhirError `invalid`, or as the patch fails
 */
export function draftOf(context: DraftContext, target: PlannedTarget): Resource | Promise<Resource> {
  const told = (error: unknown): unknown =>
    error instanceof FhirError && context.transaction ? inEntry(error, target.request.entry) : error
  try {
    const draft = contentOf(context, target)
    return draft instanceof Promise
      ? draft.catch((error: unknown) => {
          throw told(error)
        })
      : draft
  } catch (error) {
    throw told(error)
  }
}

function contentOf(
  { parts, transaction }: DraftContext,
  { request, resource, type, id }: PlannedTarget,
): Resource | Promise<Resource> {
  const base = resource as Resource
  if (request.kind === 'patch')
    return applyPatch(base, request.patch, parts.definitions).then((patched) => {
      requireMeta(patched)
      return { ...patched, id }
    })
  if (base.resourceType !== type)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The resource is of type ${base.resourceType}, but was sent as ${type}.`,
        expression: 'Resource.resourceType',
      },
    ])
  if (request.kind === 'update' && 'id' in request.target && base.id !== request.target.id)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The resource must carry the id of the URL, ${request.target.id}${base.id === undefined ? '; it has none' : ''}.`,
        expression: `${type}.id`,
      },
    ])
  requireMeta(base)
  // References are rewritten in place, so a transaction works on a copy that a retry can make again.
  return { ...(transaction ? (cloneJson(base) as Resource) : base), id }
}

/** The server writes version and time into it, whatever validation may let through. */
function requireMeta({ resourceType, meta }: Resource): void {
  if (meta === undefined || isJsonObject(meta)) return
  throw new FhirError('invalid', [
    {
      severity: 'error',
      code: 'structure',
      diagnostics: 'meta must be an object (Meta).',
      expression: `${resourceType}.meta`,
    },
  ])
}
