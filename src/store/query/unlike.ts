// Some value under a parameter is another than asked (`ne` of https://hl7.org/fhir/R4/search_filter.html); unlike `not`, it needs a value.
import type { StringMatch } from './string.ts'
import type { TokenMatch } from './token.ts'
import type { UriMatch } from './uri.ts'

export interface UnlikeMatch {
  readonly kind: 'unlike'
  /** Holds when an entry of the leaf's kind and parameter does not meet the leaf. */
  readonly leaf: TokenMatch | StringMatch | UriMatch
}

export function unlikeMatch(leaf: UnlikeMatch['leaf']): UnlikeMatch {
  return Object.freeze({ kind: 'unlike', leaf })
}
