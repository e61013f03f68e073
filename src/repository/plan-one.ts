// Plans what most writes are, one resource that is as it should be, without waiting for anything.
import { admits, loweredBy } from '../access/index.ts'
import type { Issue, Resource } from '../fhir/index.ts'
import { putOf, unresolvedIssues, type BodyContext, type PlannedBodies } from './bodies.ts'
import { draftOf } from './draft.ts'
import { areReferencesAsked } from './draft-references.ts'
import { areGoverned } from './follow-ups.ts'
import type { LabelledDraft } from './labelling/label-plan.ts'
import type { PlannedTarget } from './targets.ts'

const NO_ISSUES: readonly Issue[] = Object.freeze([])

/**
 * What `planBodies` comes to for a resource that was sent by itself, and of which nothing is wrong or to be asked of the
 * store; undefined for all else, which is for `planBodies` to plan, or to refuse.
 * @throws FhirError `invalid`
 */
export function planOne(context: BodyContext, targets: readonly PlannedTarget[]): PlannedBodies | undefined {
  const { parts, access, transaction } = context
  const [target] = targets
  if (transaction || target === undefined || targets.length > 1 || areGoverned(parts, targets))
    return undefined
  const { type, id, action, request } = target
  if (action !== 'put' || request.kind === 'patch' || parts.labelling === undefined) return undefined

  const sent = draftOf(context, target) as Resource
  const references: string[] = []
  const faults = parts.validator.validate(sent, areReferencesAsked(context, sent) ? references : undefined)
  if (faults.length > 0 || unresolvedIssues(parts, sent, references).length > 0) return undefined
  const labels = parts.labelling.planAtOnce({
    key: { type, id },
    resource: sent,
    isNew: request.kind === 'create',
  })
  if (labels === undefined) return undefined
  const { resource, labels: found, links } = labels.drafts[0] as LabelledDraft
  if (found.length > 0 && loweredBy(sent, found) !== undefined) return undefined
  const write = putOf(context, { target, references, resource, links, sent })
  if (!admits(access, type, write.index)) return undefined
  return { writes: [{ target, write, resource, warnings: NO_ISSUES }], labels }
}
