// The 271's face.
export type * from './answer.ts'
export { readEligibilityAnswers } from './read-answer.ts'
export { eligibilityResponseOf } from './to-response.ts'
