// Terminology's face.
export { createTerminology, type Terminology } from './terminology.ts'
export type { StoredTerminology } from './stored.ts'
