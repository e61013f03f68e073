// The conditions of a search: a frozen tree, one node a file, that every store adapter compiles.
import type { And } from './and.ts'
import type { ChainMatch, ContainsMatch, HasMatch } from './chain.ts'
import type { CompartmentMatch } from './compartment.ts'
import type { CompositeMatch } from './composite.ts'
import type { DateMatch } from './date.ts'
import type { IdMatch } from './id.ts'
import type { LastUpdatedMatch } from './last-updated.ts'
import type { NearMatch } from './near.ts'
import type { Not } from './not.ts'
import type { NumberMatch } from './number.ts'
import type { Or } from './or.ts'
import type { PresenceMatch } from './presence.ts'
import type { QuantityMatch } from './quantity.ts'
import type { ReferenceMatch } from './reference.ts'
import type { StringMatch, StringOrderMatch } from './string.ts'
import type { TextMatch } from './text.ts'
import type { TokenMatch } from './token.ts'
import type { TokenSetMatch } from './token-set.ts'
import type { UnlikeMatch } from './unlike.ts'
import type { UriBelowMatch, UriMatch } from './uri.ts'

export type Expression =
  | And
  | Or
  | Not
  | IdMatch
  | LastUpdatedMatch
  | CompartmentMatch
  | PresenceMatch
  | TokenMatch
  | TokenSetMatch
  | StringMatch
  | StringOrderMatch
  | ReferenceMatch
  | DateMatch
  | NumberMatch
  | QuantityMatch
  | UriMatch
  | UriBelowMatch
  | UnlikeMatch
  | NearMatch
  | TextMatch
  | CompositeMatch
  | ChainMatch
  | HasMatch
  | ContainsMatch

/** One method a node, so that a new node does not compile until every adapter handles it. */
export type ExpressionVisitor<Result> = {
  readonly [Kind in Expression['kind']]: (node: Extract<Expression, { kind: Kind }>) => Result
}

export function visitExpression<Result>(node: Expression, visitor: ExpressionVisitor<Result>): Result {
  return (visitor[node.kind] as (node: Expression) => Result)(node)
}
