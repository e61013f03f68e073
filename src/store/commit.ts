// What a write turn is asked to do, all of it or nothing, and what it answers.
import type { AccessFilter, SecurityLabel } from './access-filter.ts'
import type { BodyTemplate } from './body.ts'
import type { ResourceIndex } from './index-entry.ts'
import type { Expression } from './query/index.ts'

/** What must hold of the resource's current version when the turn comes. A deleted resource is absent. */
export type Expectation =
  | { readonly kind: 'any' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'version'; readonly versionId: number }

export interface Put {
  readonly kind: 'put'
  readonly type: string
  readonly id: string
  readonly expect: Expectation
  /** How the client asked for it: the history tells. */
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly body: BodyTemplate
  readonly index: ResourceIndex
  /**
   * Resources of this server that must be there, and visible, when the commit ends (also when the put changes
   * nothing); none when references are not checked.
   */
  readonly mustExist: readonly ResourceKey[]
  /** Written by the server along with what was asked for: whether the caller sees it is not asked. `mustExist` is empty. */
  readonly byServer?: true
}

export interface Delete {
  readonly kind: 'delete'
  readonly type: string
  readonly id: string
  readonly expect: Expectation
}

/** Whether what is expected holds; `current` undefined when the resource is absent. */
export function isExpected({ expect }: Put | Delete, current: number | undefined): boolean {
  switch (expect.kind) {
    case 'any':
      return true
    case 'absent':
      return current === undefined
    case 'version':
      return current === expect.versionId
  }
}

export interface ResourceKey {
  readonly type: string
  readonly id: string
}

/** A conditional query that was answered before the turn, and must be answered the same in it. */
export interface MatchAssertion {
  readonly type: string
  readonly where: Expression
  /** All ids that matched, in no order. The turn asks for one more than these and compares the sets. */
  readonly ids: readonly string[]
}

/** The labels of a resource's last version, a deletion included, in no order; undefined: there never was one. */
export interface LabelAssertion {
  readonly key: ResourceKey
  readonly labels: readonly SecurityLabel[] | undefined
  /** The last version's, where it is that version that counts. */
  readonly versionId?: number | undefined
}

/** All that `Store.referrers` finds, in no order. */
export interface ReferrerAssertion {
  readonly key: ResourceKey
  readonly referrers: readonly ResourceKey[]
}

export interface Commit {
  /** And-ed into `assertions`, expectations (a hidden resource cannot be written) and `mustExist`. */
  readonly access: AccessFilter
  readonly assertions: readonly MatchAssertion[]
  /** Held, as `referrers`, against what there is before this commit's own writes, whoever may see it. */
  readonly labels?: readonly LabelAssertion[]
  readonly referrers?: readonly ReferrerAssertion[]
  /** Done in this order; no resource twice. */
  readonly writes: readonly (Put | Delete)[]
}

export interface WriteResult {
  /**
   * `created`: there was no current version, also after a deletion; `unchanged`: the content equals the current
   * version (numbers by how they are written); `absent`: a delete of nothing. These last two make no version.
   */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent'
  /** Of the version that is current now; 0 for `absent`. */
  readonly versionId: number
  /** Milliseconds since 1970; 0 for `absent`. */
  readonly lastUpdated: number
}

/**
 * The first reason in this order: assertions, those about labels, those about referrers, then each write's visibility
 * and expectation, then references.
 */
export type CommitResult =
  | { readonly kind: 'committed'; readonly results: readonly WriteResult[] }
  /** An assertion no longer holds: ask again and prepare anew. `assertion` is its index. */
  | { readonly kind: 'matches-changed'; readonly assertion: number }
  /** This resource has other labels, or other referrers, than was asserted. */
  | { readonly kind: 'labels-changed'; readonly assertion: ResourceKey }
  /** An expectation does not hold. `current`: the version there now; undefined when absent. */
  | { readonly kind: 'unexpected-version'; readonly write: number; readonly current: number | undefined }
  /** The id belongs to a resource that the caller may not see, also when that is deleted. */
  | { readonly kind: 'hidden'; readonly write: number }
  /** Targets of `mustExist` that are not there. */
  | { readonly kind: 'missing-references'; readonly write: number; readonly missing: readonly ResourceKey[] }
