export { applyPatch, type Patch } from './patch.ts'
