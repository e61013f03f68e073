// What a practice has agreed on with a payer and its patients, as an 837 tells it beside the Claim.
import { collectFaults, type Issue, type JsonObject, type Resource } from '../../../fhir/index.ts'
import { extensionPartsOf, extensionsOf, oneOfCodes } from '../../../fhir/index.ts'
import type { ClaimTerms } from '../../x12/index.ts'

/** Extension of Coverage and Organization, of parts `assignment`, `release` and `signature`. */
export const CLAIM_TERMS = 'https://alcove.health/fhir/StructureDefinition/claim-terms'

/** Where nobody says otherwise: the payer's price is taken, and the signatures of patient and provider are on file. */
const USUAL: ClaimTerms = { assignment: 'A', release: 'Y', signature: true }

const PARTS = { assignment: 'code', release: 'code', signature: 'boolean' } as const

/**
 * Each part as the first of these resources has it that says anything of it.
 * @param holders the most specific first: coverage, payer, provider
 */
export function claimTermsOf(holders: readonly Resource[]): {
  readonly terms: ClaimTerms
  readonly issues: readonly Issue[]
} {
  const faults = collectFaults()
  const told = holders.map((holder) => termsIn(holder, faults))
  return { terms: Object.assign({}, USUAL, ...told.toReversed()) as ClaimTerms, issues: faults.issues }
}

function termsIn(holder: Resource, faults: ReturnType<typeof collectFaults>): Partial<ClaimTerms> {
  const [first, second] = extensionsOf(holder as JsonObject, holder.resourceType, CLAIM_TERMS)
  if (second !== undefined) faults.add(second.element, 'it may be there once', 'extension')
  if (first === undefined) return {}
  const parts = extensionPartsOf(first, PARTS, faults)
  const assignment = oneOfCodes(parts.one('assignment'), ['A', 'B', 'C'], faults)
  const release = oneOfCodes(parts.one('release'), ['Y', 'I'], faults)
  const signature = parts.one('signature')?.value
  return {
    ...(assignment === undefined ? {} : { assignment }),
    ...(release === undefined ? {} : { release }),
    ...(signature === undefined ? {} : { signature }),
  }
}
