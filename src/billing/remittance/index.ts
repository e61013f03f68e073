// The face of what payers answer.
export { importX12 } from './import-x12.ts'
export { importReceived, type ImportedFile } from './import-received.ts'
export type { ClaimOutcome, ImportReport, UnmatchedAnswer } from './import-report.ts'
export { answersTo, readAnswer, type ClaimAnswer } from './claim-answers.ts'
export {
  claimPosition,
  decisionsIn,
  isDenied,
  isSuperseded,
  standingDecisions,
  totalOf,
  type ClaimPosition,
} from './claim-position.ts'
export { settleClaim, type Settling } from './settle-claim.ts'
export { PAYER_CLAIM_NUMBERS, REMITTANCE_STATUS } from './urls.ts'
