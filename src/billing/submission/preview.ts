// What the file of a claim would say if it were sent now, for who wants to look at it first.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import type { BillingParts } from '../parts.ts'
import { claimFileText } from './claim-file.ts'
import { tellClaim } from './prepare-claim.ts'

/** No file that is sent counts: X12 has no number 0, and this is marked as a trial. */
const PREVIEW_NUMBER = 1

/**
 * An interchange with this claim alone, under the control number 1 and for test (ISA15 `T`) whatever the settings say.
 * Nothing is written, no number is used up, and it is not asked whether the claim may be sent.
 * @param now milliseconds since 1970
 * @throws FhirError `business-rule` naming the elements that stand against writing it
 */
export async function previewClaim(
  view: Pick<WorldView, 'read'>,
  parts: BillingParts,
  claim: Resource,
  now: number,
): Promise<string> {
  const { content, receiver, submitter } = await tellClaim(view, claim, parts)
  const file = {
    number: PREVIEW_NUMBER,
    kind: content.kind,
    sender: parts.settings.sender,
    receiver: receiver.partner,
    isTest: true,
    at: now,
  }
  return claimFileText(file, submitter, receiver.name, [content])
}
