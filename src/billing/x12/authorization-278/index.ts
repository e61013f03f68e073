// The 278's face: requests for authorization, and what payers answer.
export type * from './answer.ts'
export type { AuthorizationBundle, AuthorizationRequest, RequestedService } from './request.ts'
export { AUTHORIZATION_GUIDE } from './request.ts'
export { authorizationRequestOf } from './from-claim.ts'
export {
  readAuthorizationSet,
  writeAuthorizationSet,
  type AuthorizationSet,
  type AuthorizationSetHeader,
} from './transaction.ts'
export { authorizes, isCertified, isPended } from './decided-items.ts'
export { PAS_EXTENSIONS } from './pas.ts'
export { readAuthorizationAnswer } from './read-answer.ts'
export { authorizationResponseOf } from './to-response.ts'
