// What becomes of a claim once what replaces or voids it is taken on.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { FREQUENCIES } from '../claims/frequency.ts'
import { frequencyOf, priorOf } from '../claims/replacement.ts'

const REPLACING: ReadonlySet<string> = new Set([FREQUENCIES.replacement, FREQUENCIES.void])

/** `Claim/[id]` of the claim that this one replaces (frequency 7) or voids (8); undefined where it does neither. */
export function replacedClaimOf(claim: Resource, baseUrl?: string): string | undefined {
  return REPLACING.has(frequencyOf(claim)) ? priorOf(claim, baseUrl) : undefined
}

/**
 * What is to be written when `claim` was accepted by the payer: the claim that it replaces or voids, cancelled, with
 * its `meta.versionId` as the version that it must still be. Nothing where it stands for itself, or that is done. A claim
 * that is itself replaced by now counts too, so that it does not matter whose answer is read first.
 */
export async function settleReplacement(
  view: Pick<WorldView, 'read'>,
  claim: Resource,
  baseUrl?: string,
): Promise<readonly Resource[]> {
  const [, id] = replacedClaimOf(claim, baseUrl)?.split('/') ?? []
  if (id === undefined || id === claim['id'] || !SENT.has(claim['status'])) return []
  const original = (await view.read('Claim', id))?.resource
  return original?.['status'] === 'active' ? [{ ...original, status: 'cancelled' }] : []
}

const SENT: ReadonlySet<unknown> = new Set(['active', 'cancelled'])
