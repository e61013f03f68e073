// In which lines the writer of a plan stands when others write the same: those of what the plan was made from.
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type Commit,
  type ResourceKey,
  type Store,
} from '../store/index.ts'
import type { PlannedWrite } from './bodies.ts'
import { nameOf } from './labelling/label-graph.ts'

interface PlannedCommit {
  readonly writes: readonly PlannedWrite[]
  readonly commit: Pick<Commit, 'writes' | 'labels'>
}

/** Names of the resources whose versions were read for the plan: it is made anew when somebody else writes one. */
export function linesOf(plan: PlannedCommit): readonly string[] {
  return basesOf(plan).map(nameOf)
}

/** Not for whoever may not see all of these: to wait would tell that others write what is hidden. */
export async function mayWait(
  store: Pick<Store, 'read'>,
  access: AccessFilter,
  plan: PlannedCommit,
): Promise<boolean> {
  if (access === SEE_EVERYTHING) return true
  for (const key of basesOf(plan)) if ((await store.read(key, access)) === undefined) return false
  return true
}

function basesOf({ writes, commit }: PlannedCommit): readonly ResourceKey[] {
  const requests = new Map(writes.map(({ write, target }) => [write, target.request]))
  const keys: ResourceKey[] = commit.writes.filter((write) => {
    const request = requests.get(write)
    // A version that the client names is not planned anew when it has gone by.
    const isNamed = request !== undefined && 'ifMatch' in request && request.ifMatch !== undefined
    return write.expect.kind === 'version' && !isNamed
  })
  for (const { key, versionId } of commit.labels ?? []) if (versionId !== undefined) keys.push(key)
  return keys
}
