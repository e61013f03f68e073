// Writing a claim that was generated, once, with what it was made of.
import { FhirError } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import { createOnce, type CreatedOnce } from '../made.ts'
import { claimOf } from './claim-of.ts'
import type { ClaimPlan } from './claim-plan.ts'
import type { Generated } from './generate-for-encounter.ts'
import { provenanceOf } from './provenance-of.ts'

/**
 * Resolves to the claim that bills it already, or to the new one: whoever asks at the same time gets the same.
 * @throws FhirError `business-rule` with all refusals, and the warnings with them; else as `Repository.transaction`
 */
export async function saveGenerated(
  repository: Repository,
  { name, existing, plan, refusals, warnings }: Generated,
  now: number,
): Promise<CreatedOnce> {
  if (existing !== undefined) return { created: false, resources: [existing] }
  if (plan === undefined) throw new FhirError('business-rule', [...refusals, ...warnings])
  return savePlan(repository, plan, name, now)
}

/** As `createOnce`: the Claim first, then its Provenance. */
export function savePlan(
  repository: Repository,
  plan: ClaimPlan,
  name: string,
  now: number,
): Promise<CreatedOnce> {
  return createOnce(repository, name, (attempt) => {
    const made = { name, attempt, now }
    return [claimOf(plan, made), provenanceOf(plan, made)]
  })
}
