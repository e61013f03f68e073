// A final note on a finished visit makes its draft claim, in the same commit.
import { FhirError, type Issue } from '../../fhir/index.ts'
import type { DomainChange, FollowUp, World, WriteRules } from '../../repository/index.ts'
import { and, idMatch, localReferenceMatch } from '../../store/index.ts'
import type { BillingParts } from '../parts.ts'
import { draftClaim } from './draft-claim.ts'
import { type LabelsOf, labelledView } from './labelled-view.ts'
import { unbillableVisit } from './unbillable-visit.ts'
import { VISIT_TYPES, visitsOfChange } from './visits-of-change.ts'

export interface AutomaticParts {
  readonly billing: BillingParts
  readonly labelsOf: LabelsOf
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told of what went wrong in making a claim: the visit and its note are stored in any case. */
  readonly report: (error: unknown) => void
}

/** Where the practice wants no draft claims they look at nothing. */
export function billingWriteRules(parts: AutomaticParts): WriteRules {
  return {
    types: parts.billing.settings.draftsClaims ? VISIT_TYPES : new Set(),
    check: () => Promise.resolve([]),
    async follow(change, world) {
      const followUps: FollowUp[] = []
      for (const encounterId of visitsOfChange(change, parts.billing.baseUrl))
        followUps.push(...(await followVisit(parts, change, world, encounterId)))
      return followUps
    },
  }
}

async function followVisit(
  { billing, labelsOf, now, report }: AutomaticParts,
  change: DomainChange,
  world: World,
  encounterId: string,
): Promise<readonly FollowUp[]> {
  // Whoever finishes the other half at the same time sees this one, or this one sees it.
  await world.hold('Encounter', idMatch(encounterId))
  const ofVisit = and([localReferenceMatch('encounter', ['Encounter'], encounterId)])
  for (const type of ['DocumentReference', 'Composition']) await world.hold(type, ofVisit)
  const visit = await world.read('Encounter', encounterId)
  if (visit === undefined) return []
  // In one commit the visit itself speaks for its notes.
  if (change.type !== 'Encounter' && visit.versionId === 0) return []
  const view = labelledView(world, labelsOf)
  try {
    return await draftClaim(view, billing, visit, now())
  } catch (error) {
    report(error)
    const issues = error instanceof FhirError ? error.issues : []
    const [refusal] = issues
    const told = refusal ?? { severity: 'error', code: 'exception', diagnostics: 'Making the claim failed.' }
    const refusals: Issue[] = [{ ...told, severity: 'error' }]
    return unbillableVisit(view, visit.resource, { refusals, leftOut: [] }, now())
  }
}
