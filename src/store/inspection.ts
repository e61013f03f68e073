// A store that is looked at while it may be in use: nothing can be written to it, and no lock is taken.
import type { ResourceKey } from './commit.ts'
import type { ResourceIndex } from './index-entry.ts'
import type { Store } from './store.ts'

/** What extraction makes of a current version, to be compared with what the store has. */
export interface ExpectedIndex {
  readonly key: ResourceKey
  readonly versionId: number
  readonly index: ResourceIndex
  /** Whether the store must have the values of this parameter, of the resource or of a contained one of that type. */
  readonly compares: (type: string, param: string) => boolean
}

export interface Inspection {
  /** Refuses whatever would write. */
  readonly store: Store
  /**
   * Where what is stored is not what extraction makes: a sentence each that names the resource and the parameter, and
   * no value. A resource that is at another version by now is passed over.
   */
  indexFaults(expected: readonly ExpectedIndex[]): readonly string[]
}
