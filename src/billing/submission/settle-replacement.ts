// What becomes of a claim once what replaces or voids it is taken on.
import { parseReference, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { codeIn, hasCode, informationOf, objectAt, objectsAt, textAt } from '../elements.ts'

/** `Claim/[id]` of the claim that this one replaces (frequency 7) or voids (8); undefined where it does neither. */
export function replacedClaimOf(claim: Resource, baseUrl?: string): string | undefined {
  if (!REPLACING.has(frequencyOf(claim))) return undefined
  const prior = objectsAt(claim, 'related').find((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
  const reference = parseReference(textAt(objectAt(prior, 'claim'), 'reference') ?? '', baseUrl)
  return reference.kind === 'local' && reference.type === 'Claim' ? `Claim/${reference.id}` : undefined
}

const REPLACING: ReadonlySet<string> = new Set(['7', '8'])

/** CLM05-3. */
function frequencyOf(claim: Resource): string {
  const [told] = [...informationOf(claim, 'claimFrequency'), ...informationOf(claim, 'typeofbill')]
  return codeIn(objectAt(told, 'code'))?.slice(-1) ?? '1'
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
