// The face of what sends claims.
export * from './bundle/index.ts'
export { X12_RECEIVER } from './partners.ts'
export { previewClaim } from './preview.ts'
export { resumeSubmissions, type Resumed } from './resume-file.ts'
export { MOST_IN_FILE, submitClaims, type ClaimSubmission } from './submit-claims.ts'
export { replacedClaimOf, settleReplacement } from './settle-replacement.ts'
export {
  readSubmission,
  SENT,
  submissionState,
  X12_GROUP,
  type Submission,
  type SubmissionState,
} from './submission-task.ts'
export { tasksOfClaims, tasksOfFile } from './submitted-tasks.ts'
export { voidClaim } from './void-claim.ts'
