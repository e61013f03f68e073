// Conformance's face: is this resource what R4 says it must be?
export type { Validator } from './validator.ts'
export { createValidator } from './validation/validator.ts'
export { Report } from './validation/report.ts'
export { createTerminology, type StoredTerminology, type Terminology } from './terminology/index.ts'
export { newestOf, splitCanonical, type Versioned } from './terminology/canonical.ts'
