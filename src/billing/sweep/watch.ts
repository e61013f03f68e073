// What a sweep of the worklist is made of: something that is watched for, by one kind of Task.
import type { Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import type { BillingParts } from '../parts.ts'
import type { WorkItem, WorkKind } from '../worklist/index.ts'

/** What the sweep looks with. */
export interface Sweeping {
  readonly repository: Repository
  readonly view: WorldView
  readonly parts: BillingParts
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether it is to end where it is. */
  readonly isStopped: () => boolean
}

export type WatchedWork = Omit<WorkItem, 'kind' | 'now' | 'status' | 'businessStatus'>

export interface Watch {
  readonly kind: WorkKind
  /** All that is to be done now, some at a time. */
  readonly found: (sweeping: Sweeping) => AsyncIterable<readonly WatchedWork[]>
  /** Of these Tasks of the kind those, by id, whose work is still to be done. */
  readonly standing: (sweeping: Sweeping, tasks: readonly Resource[]) => Promise<ReadonlySet<string>>
}

/** The ids of Tasks of which this holds. */
export function idsOf(tasks: readonly Resource[], holds: (task: Resource) => boolean): ReadonlySet<string> {
  return new Set(tasks.filter(holds).map(({ id }) => String(id)))
}
