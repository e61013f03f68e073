// The face of patching.
export { applyPatch, type Patch } from './patch.ts'
