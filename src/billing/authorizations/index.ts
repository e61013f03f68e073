// What payers authorized: the ledger of units, and asking for more.
export {
  isOnDay,
  shareUsed,
  type Authorization,
  type AuthorizedPeriod,
  type AuthorizedService,
} from './authorization.ts'
export {
  authorizationFor,
  isAuthorizationNeeded,
  whyNotAuthorized,
  type AuthorizationAsked,
  type NoAuthorization,
  type UsableAuthorization,
} from './authorization-for.ts'
export { authorizationsOf } from './authorizations-of.ts'
