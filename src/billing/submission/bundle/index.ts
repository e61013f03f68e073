// The face of what an 837 is written from.
export { claimBundleOf, payerBehind } from './claim-bundle-of.ts'
export { CLAIM_TERMS } from './claim-terms.ts'
