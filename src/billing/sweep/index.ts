// The face of what looks after the worklist.
export { countOpenWork, WORK_KINDS } from './open-work.ts'
export { sweepWorklist, type SweepReport } from './sweep-worklist.ts'
