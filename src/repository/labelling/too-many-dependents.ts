// Why a plan stops: more take from a resource than one commit relabels.
import type { ResourceKey, SecurityLabel } from '../../store/index.ts'

/** Thrown by planning: `dependents` of this resource must come to these labels before it does. */
export class TooManyDependents extends Error {
  readonly key: ResourceKey
  readonly added: readonly SecurityLabel[]

  constructor(key: ResourceKey, added: readonly SecurityLabel[]) {
    super('more resources take labels from one than a commit relabels')
    this.key = key
    this.added = added
  }
}
