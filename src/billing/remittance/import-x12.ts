// Reads a file of payers' answers (271, 277CA, 278, 835, 999) and stores what it says. However often it is read, in whatever order
// with others, and wherever reading it has ended before: what is stored in the end is the same.
import { FhirError, type Issue } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import { importAuthorizationAnswer } from '../authorizations/import-answer.ts'
import { importEligibilityAnswers } from '../eligibility/import-answer.ts'
import type { BillingParts } from '../parts.ts'
import { readCostSharing } from './cost-sharing.ts'
import { importAcknowledgement, importClaimAcknowledgement } from './import-acknowledgements.ts'
import { importRemittance, type Importing } from './import-remittance.ts'
import { ImportTally, type ImportReport } from './import-report.ts'
import { readAnswers, type Answer } from './read-answers.ts'
import { nameRemittance } from './remittance-names.ts'
import { Replacements } from './replacements.ts'

/**
 * Sets that cannot be read, or do not add up, are left out and told of as faults; the others are stored.
 * @param view what the caller may see: claims that it does not show are unknown to it
 * @param now milliseconds since 1970
 * @throws FhirError `malformed` where the envelopes do not fit, `too-large`; `malformed`, `business-rule` or `conflict`
 *   where no set at all could be read
 */
export async function importX12(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  bytes: Uint8Array,
  now: number,
): Promise<ImportReport> {
  const { answers, faults } = readAnswers(bytes, parts.settings.isTest)
  const tally = new ImportTally()
  tally.fault(...faults)
  const importing = {
    repository,
    view,
    parts,
    now,
    tally,
    shares: await readCostSharing(view),
    replacements: new Replacements(view, parts.baseUrl),
  }
  for (const answer of answers) await importAnswer(importing, answer)
  const { report } = tally
  if (Object.keys(report.sets).length === 0) throw nothingRead(report.faults)
  return report
}

function importAnswer(importing: Importing, answer: Answer): Promise<void> {
  switch (answer.id) {
    case '999':
      return importAcknowledgement(importing, answer.read, answer.made)
    case '271':
      return importEligibilityAnswers(importing, answer.read)
    case '278':
      return importAuthorizationAnswer(importing, answer.read)
    case '277':
      return importClaimAcknowledgement(importing, answer.read)
    case '835':
      return importRemittance(importing, nameRemittance(answer.read))
  }
}

function nothingRead(faults: readonly Issue[]): FhirError {
  if (faults.length === 0) return new FhirError('business-rule', 'The file has no transaction set.')
  const isAll = (code: Issue['code']): boolean => faults.every((fault) => fault.code === code)
  return new FhirError(
    isAll('structure') ? 'malformed' : isAll('conflict') ? 'conflict' : 'business-rule',
    faults,
  )
}
