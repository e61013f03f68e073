// Gathers what decides until when a claim is taken: far less than all edits look at.
import type { Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { referenced } from '../../claims/index.ts'
import { jurisdictionsOf } from '../../claims/places.ts'
import { objectAt } from '../../elements.ts'
import type { BillingParts } from '../../parts.ts'
import { linesOfClaim } from '../billed-line.ts'
import type { FiledClaim } from '../filing.ts'
import { claimKind, readKey } from './gather-claim.ts'
import { focalOf, payerKeyOf } from './other-claims.ts'
import { payerNamesOf } from './rule-scope.ts'

export async function filedClaimOf(
  view: WorldView,
  { baseUrl, books }: Pick<BillingParts, 'baseUrl' | 'books'>,
  claim: Resource,
): Promise<FiledClaim> {
  const read = async (holder: Resource | undefined, key: string, ...types: readonly string[]) =>
    (await referenced(view, objectAt(holder, key), baseUrl, types))?.resource
  const [payer, provider, facility, book] = await Promise.all([
    payerKeyOf(view, claim, baseUrl).then((key) => readKey(view, key)),
    read(claim, 'provider', 'Organization', 'Practitioner'),
    read(claim, 'facility', 'Location', 'Organization'),
    books.of(view),
  ])
  const scope = {
    ...(payer === undefined ? {} : { payer: payerNamesOf(payer, baseUrl) }),
    jurisdictions: jurisdictionsOf(facility, provider),
  }
  return {
    claim,
    kind: claimKind(claim),
    lines: linesOfClaim(claim, baseUrl),
    patient: await read(claim, 'patient', 'Patient'),
    coverage: await read(focalOf(claim) as Resource | undefined, 'coverage', 'Coverage'),
    payer,
    rulesOn: (day) => book.inForce({ ...scope, date: day }),
  }
}
