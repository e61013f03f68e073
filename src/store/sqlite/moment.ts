// An earlier moment that pages go on showing while others write.
import type { TypedCondition } from '../query/search-query.ts'

/**
 * What was current when the first page was read. A resource without a later version is as its index rows say; for
 * those that changed since, the rows kept with the version of that time are asked (`body.rows`).
 */
export interface Moment {
  /** The last sequence number that counts. */
  readonly seq: number
  /**
   * Keys (`ref.tgt`) that stand for resources which changed since, and which then were of this type, current,
   * visible to the caller, and met the condition.
   */
  changedTargets(target: TypedCondition): readonly number[]
  /** `rid`s of what such resources of the source type then referred to under `param`. */
  changedReferrers(source: TypedCondition, param: string): readonly number[]
}
