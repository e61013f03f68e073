// Whether an 837 can be written of the claim at all.
import type { Edit } from './claim-under-check.ts'

/** Told only where no other edit tells of the same element. */
export const WRITABLE: Edit = ({ unwritable }) => unwritable
