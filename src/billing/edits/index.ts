// Edits before sending.
export { permissionFaultsOf } from './gather/permissions.ts'
export { checkClaim } from './check-claim.ts'
export { CLAIM_EDITS, EDIT_CODES, type EditCode, type Finding } from './finding.ts'
export { keepEditTask } from './edit-task.ts'
