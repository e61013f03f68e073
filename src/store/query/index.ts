// The query tree's face.
export * from './expression.ts'
export * from './comparator.ts'
export * from './search-query.ts'
export { and, type And } from './and.ts'
export { or, type Or } from './or.ts'
export { idMatch, type IdMatch } from './id.ts'
export { lastUpdatedMatch, type LastUpdatedMatch } from './last-updated.ts'
export { tokenMatch, type TokenMatch } from './token.ts'
export { stringMatch, stringOrderMatch, type StringMatch, type StringOrderMatch } from './string.ts'
export { localReferenceMatch, urlReferenceMatch, type ReferenceMatch } from './reference.ts'
export { dateMatch, type DateMatch } from './date.ts'
export { numberMatch, type NumberMatch } from './number.ts'
export { quantityMatch, type QuantityMatch } from './quantity.ts'
export { uriBelowMatch, uriMatch, type UriBelowMatch, type UriMatch } from './uri.ts'
export { unlikeMatch, type UnlikeMatch } from './unlike.ts'
export { not, type Not } from './not.ts'
export { presenceMatch, type PresenceMatch } from './presence.ts'
export { compartmentMatch, type CompartmentMatch } from './compartment.ts'
export { tokenSetMatch, type CodeSet, type TokenSetMatch } from './token-set.ts'
export { compositeMatch, type CompositeMatch } from './composite.ts'
export { kilometersBetween, nearMatch, type NearMatch } from './near.ts'
export { textMatch, type TextMatch } from './text.ts'
export {
  chainMatch,
  containsMatch,
  hasMatch,
  type ChainMatch,
  type ContainsMatch,
  type HasMatch,
} from './chain.ts'
export { amountHolds, rangeHolds, stringHolds, stringOrderHolds } from './values-hold.ts'
