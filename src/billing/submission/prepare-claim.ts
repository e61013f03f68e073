// A claim made ready to be sent: whether it may be, to whom it goes, and which versions it is made of.
import { FhirError, type Issue, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { objectAt, textAt } from '../elements.ts'
import type { BillingParts, TradingPartnerId } from '../parts.ts'
import { contentOf, type ClaimContent, type ClaimSetHeader } from '../x12/index.ts'
import { claimBundleOf } from './bundle/index.ts'
import { withPartTwoNotice } from './part-two-notice.ts'
import { receiverOf, submitterOf, type Receiver } from './partners.ts'
import { notedView } from './noted-view.ts'

export interface PreparedClaim {
  readonly claim: KnownVersion
  readonly content: ClaimContent
  readonly receiver: Receiver
  readonly submitter: ClaimSetHeader['submitter']
  /** `Type/id/_history/version` of all that was read for it. */
  readonly madeOf: readonly string[]
  /** Claims that are alike in it may stand in one file. */
  readonly fileKey: string
}

/**
 * What an 837 tells of the claim, with the notice where it needs one.
 * @throws FhirError `business-rule` naming the elements at fault
 */
export async function tellClaim(
  view: Pick<WorldView, 'read'>,
  claim: Resource,
  {
    baseUrl,
    settings,
  }: Pick<BillingParts, 'baseUrl'> & {
    readonly settings: { readonly sender: TradingPartnerId; readonly receiver: TradingPartnerId }
  },
): Promise<Pick<PreparedClaim, 'content' | 'receiver' | 'submitter'>> {
  const bundle = await claimBundleOf(view, withPartTwoNotice(claim), baseUrl)
  const content = contentOf(bundle)
  const { receiver, issues } = receiverOf(bundle.payer, settings)
  const { submitter, issues: more } = submitterOf(bundle.billingProvider, settings)
  if (issues.length + more.length > 0) throw new FhirError('business-rule', [...issues, ...more])
  return { content, receiver, submitter }
}

/** @throws FhirError `business-rule` naming the elements at fault, also for a claim that is not to be sent */
export async function prepareClaim(
  view: WorldView,
  claim: KnownVersion,
  parts: BillingParts,
): Promise<PreparedClaim> {
  requireSendable(claim.resource)
  const noted = notedView(view)
  const told = await tellClaim(noted.view, claim.resource, parts)
  const { partner } = told.receiver
  const biller = textAt(objectAt(claim.resource, 'provider'), 'reference')
  return {
    claim,
    ...told,
    madeOf: noted.versions(),
    fileKey: [told.content.kind, partner.qualifier, partner.id, biller].join('\n'),
  }
}

function requireSendable(claim: Resource): void {
  const issues: Issue[] = []
  const refuse = (expression: string, what: string): void => {
    const diagnostics = `${expression} ${what}.`
    issues.push({ severity: 'error', code: 'business-rule', diagnostics, expression })
  }
  if (claim['status'] !== 'draft' && claim['status'] !== 'active')
    refuse('Claim.status', 'must be draft or active: what is cancelled is not sent')
  if (claim['use'] !== 'claim')
    refuse('Claim.use', 'must be claim: requests for authorization go another way')
  if (issues.length > 0) throw new FhirError('business-rule', issues)
}
