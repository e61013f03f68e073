// Edits before sending.
export { checkClaim } from './check-claim.ts'
export { CLAIM_EDITS, EDIT_CODES, type EditCode, type Finding } from './finding.ts'
export { keepEditTask } from './edit-task.ts'
