// Stores what a payer told of patients' coverage.
import { FhirError, type Resource } from '../../fhir/index.ts'
import { objectsAt } from '../elements.ts'
import { keepAnswer } from '../questions/keep-answer.ts'
import type { Importing } from '../remittance/import-remittance.ts'
import type { ClaimOutcome } from '../remittance/import-report.ts'
import { eligibilityResponseOf, type EligibilityAnswer } from '../x12/index.ts'

/**
 * As the CoverageEligibilityResponse to each request, of which one is kept. Of several answers of a set those that name no
 * request are about somebody else, such as the subscriber of whom nobody asked.
 */
export async function importEligibilityAnswers(
  importing: Importing,
  answers: readonly EligibilityAnswer[],
): Promise<void> {
  const { tally } = importing
  const isOnly = answers.length === 1
  for (const answer of answers)
    try {
      const response = await keepAnswer(importing, {
        kind: 'eligibility',
        traces: answer.traces,
        reference: answer.reference,
        isOnly,
        said: answer,
        make: (request) => eligibilityResponseOf(answer, request),
      })
      if (response !== undefined) tally.claim(outcomeOf(response))
    } catch (error) {
      if (!(error instanceof FhirError) || error.code !== 'business-rule') throw error
      tally.fault(...error.issues)
    }
  tally.set('271')
}

function outcomeOf(response: Resource): ClaimOutcome {
  const [insurance] = objectsAt(response, 'insurance')
  if (insurance?.['inforce'] === undefined) return response['outcome'] === 'error' ? 'rejected' : 'not-told'
  return insurance['inforce'] === true ? 'covered' : 'not-covered'
}
