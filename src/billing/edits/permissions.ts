// Whether the payer may be told at all: consent for payment where the record is of Part 2 origin, and self-pay.
import type { Edit } from './claim-under-check.ts'

/** As the consents on file stand today, whatever they were when the claim was made. */
export const PERMISSIONS: Edit = ({ permissions }) => permissions
