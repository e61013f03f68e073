// In which lines the writer of a plan stands when others write the same: those of what the plan was made from.
import { SEE_EVERYTHING, type AccessFilter, type Commit, type Store } from '../store/index.ts'
import type { PlannedWrite } from './bodies.ts'
import { nameOf } from './labelling/label-graph.ts'

interface PlannedCommit {
  readonly writes: readonly PlannedWrite[]
  readonly commit: Pick<Commit, 'writes' | 'labels'>
}

/** Names of the resources whose versions were read for the plan: it is made anew when somebody else writes one. */
export function linesOf({ writes, commit }: PlannedCommit): readonly string[] {
  const requests = new Map(writes.map(({ write, target }) => [write, target.request]))
  const names = commit.writes.flatMap((write) => {
    const request = requests.get(write)
    // A version that the client names is not planned anew when it has gone by.
    const isNamed = request !== undefined && 'ifMatch' in request && request.ifMatch !== undefined
    return write.expect.kind === 'version' && !isNamed ? [nameOf(write)] : []
  })
  for (const { key, versionId } of commit.labels ?? []) if (versionId !== undefined) names.push(nameOf(key))
  return names
}

/** Not for whoever may not see what the plan writes: to wait would tell that others write it. */
export async function mayWait(
  store: Pick<Store, 'read' | 'labelsOf'>,
  access: AccessFilter,
  { writes }: Pick<PlannedCommit, 'writes'>,
): Promise<boolean> {
  if (access === SEE_EVERYTHING) return true
  for (const { target, write } of writes) {
    if (write === undefined || target.byServer === true || (await store.read(target, access)) !== undefined)
      continue
    const [hidden] = await store.labelsOf([target])
    if (hidden !== undefined) return false
  }
  return true
}
