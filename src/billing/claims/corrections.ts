// Correcting a claim: whether it may be replaced, and by which number the payer knows it.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { MADE_FROM } from '../made.ts'
import type { ClaimPlan } from './claim-plan.ts'
import { problem } from './problems.ts'
import { localKeyOf } from './references.ts'

const MOST_RESPONSES = 1000

export interface Corrected {
  /** Also beside refusals, where it is known here. */
  readonly claim?: Resource
  readonly related?: NonNullable<ClaimPlan['related']>
  readonly refusals: readonly Issue[]
}

/** @param isOfSource whether a claim bills what the new one is to bill */
export async function correctionOf(
  view: WorldView,
  asked: { readonly claim: string; readonly patient: string; readonly baseUrl: string },
  isOfSource: (claim: Resource) => boolean,
): Promise<Corrected> {
  const { patient, baseUrl } = asked
  const key = asked.claim.includes('/')
    ? localKeyOf({ reference: asked.claim }, baseUrl)
    : `Claim/${asked.claim}`
  const [type, id = ''] = key?.split('/') ?? []
  const claim = type === 'Claim' ? (await view.read('Claim', id))?.resource : undefined
  const another = (why: string): Corrected => ({
    refusals: [problem('correction-of-another', 'Claim', why)],
  })
  if (claim === undefined) return another('The claim that is to be corrected is not known here.')
  if (
    claim['use'] !== 'claim' ||
    localKeyOf(objectAt(claim, 'patient'), baseUrl) !== patient ||
    !isOfSource(claim)
  )
    return another('The claim that is to be corrected bills something else.')
  if (claim['status'] === 'cancelled' || claim['status'] === 'entered-in-error')
    return {
      claim,
      refusals: [
        problem(
          'correction-not-accepted',
          'Claim.status',
          'The claim does not stand any more: correct what replaced it.',
        ),
      ],
    }
  const number = await payersNumberOf(view, id)
  if (claim['status'] === 'draft' || number === undefined)
    return {
      claim,
      refusals: [
        problem(
          'correction-not-accepted',
          number === undefined ? 'ClaimResponse.identifier' : 'Claim.status',
          'The payer has not accepted the claim and given it a number: mend or delete the claim itself, and make it again.',
        ),
      ],
    }
  return { claim, related: { claim: `Claim/${id}`, payerControlNumber: number }, refusals: [] }
}

/** By the last answer that took the claim on. */
async function payersNumberOf(view: WorldView, claimId: string): Promise<string | undefined> {
  const where = and([localReferenceMatch('request', ['Claim'], claimId)])
  const found = (await view.every(searchQuery({ type: 'ClaimResponse', where }), MOST_RESPONSES))
    .map(({ resource }) => resource)
    .filter(({ status, outcome }) => status === 'active' && outcome !== 'error')
    .toSorted((one, other) => ((textAt(one, 'created') ?? '') < (textAt(other, 'created') ?? '') ? 1 : -1))
  for (const response of found) {
    const number = objectsAt(response, 'identifier').find(({ system }) => system !== MADE_FROM)
    const value = textAt(number, 'value')
    if (value !== undefined) return value
  }
  return undefined
}
