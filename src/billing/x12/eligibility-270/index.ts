// The 270's face.
export type { Asked, EligibilityBundle, Inquiry } from './inquiry.ts'
export { INQUIRY_GUIDE, USUAL_SERVICE_TYPES } from './inquiry.ts'
export { inquiryOf } from './from-request.ts'
export { eligibilityBundleOf } from './to-request.ts'
export { readInquirySet, writeInquirySet, type InquirySet, type InquirySetHeader } from './transaction.ts'
