// The 837's face: claims to send, and claims that were sent.
export { LINE_CONTROL_NUMBER, type ClaimBundle, type ClaimTerms } from './claim-bundle.ts'
export type { ClaimContent, ClaimKind } from './content.ts'
export { GUIDES, MOST_LINES } from './content.ts'
export { MOST_DIAGNOSES } from './diagnoses-of.ts'
export { contentOf } from './from-bundle.ts'
export { bundleOf, type ToldElsewhere } from './to-bundle.ts'
export { readClaimSet, writeClaimSet, type ClaimSet, type ClaimSetHeader } from './transaction.ts'
