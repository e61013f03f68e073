// What labelling makes of a write: the labels of what is written, and what else is written because of them.
import type { LabelLink, Sent } from '../../access/index.ts'
import type { Resource } from '../../fhir/index.ts'
import type { LabelAssertion, ReferrerAssertion, ResourceKey, SecurityLabel } from '../../store/index.ts'

/** A resource that is to be written. */
export interface LabelDraft {
  readonly key: ResourceKey
  readonly resource: Resource
  /** Its id was made for it, so that nobody refers to it yet. */
  readonly isNew: boolean
}

export interface LabelledDraft {
  readonly key: ResourceKey
  /** With its labels in `meta.security`. */
  readonly resource: Resource
  readonly labels: readonly SecurityLabel[]
  /** What it would have if it took nothing from others. */
  readonly alone: () => readonly SecurityLabel[]
  readonly sent: Sent
  readonly links: readonly LabelLink[]
  /** From which it takes, by its own links. */
  readonly givers: readonly ResourceKey[]
}

/** A resource that is written along with the drafts, for its labels alone. */
export interface Relabelled {
  readonly key: ResourceKey
  readonly versionId: number
  readonly resource: Resource
  readonly before: readonly SecurityLabel[]
  readonly labels: readonly SecurityLabel[]
}

export interface LabelPlan {
  /** In the order in which they were given. */
  readonly drafts: readonly LabelledDraft[]
  readonly relabelled: readonly Relabelled[]
  /** What the commit must find as the plan did. */
  readonly labels: readonly LabelAssertion[]
  readonly referrers: readonly ReferrerAssertion[]
  /** Resources whose dependents may have fewer labels once the commit is done: too many for it. */
  readonly lowered: readonly ResourceKey[]
}
