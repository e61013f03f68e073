// Stores what a payer decided of services that it was asked to authorize.
import { FhirError, type Resource } from '../../fhir/index.ts'
import { keepAnswer } from '../questions/keep-answer.ts'
import type { Importing } from '../remittance/import-remittance.ts'
import type { ClaimOutcome } from '../remittance/import-report.ts'
import { authorizationResponseOf, type AuthorizationAnswer } from '../x12/index.ts'

/** As the ClaimResponse to its request, of which one is kept; a decision in place of none, a later one of an earlier. */
export async function importAuthorizationAnswer(
  importing: Importing,
  answer: AuthorizationAnswer,
): Promise<void> {
  const { event, services, reference } = answer
  const { tally } = importing
  try {
    const response = await keepAnswer(importing, {
      kind: 'authorization',
      traces: event?.traces ?? services.flatMap(({ traces }) => traces),
      reference,
      isOnly: true,
      said: answer,
      make: (claim) => authorizationResponseOf(answer, claim),
    })
    if (response !== undefined) tally.claim(outcomeOf(response))
    tally.set('278')
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'business-rule') throw error
    tally.fault(...error.issues)
  }
}

function outcomeOf({ outcome, preAuthRef }: Resource): ClaimOutcome {
  if (outcome === 'error') return 'rejected'
  if (preAuthRef !== undefined) return 'authorized'
  return outcome === 'complete' ? 'not-authorized' : 'pended'
}
