// Makes the Task of what is to be done, and completes it when that is done: of one thing there is one Task.
import { isDeepStrictEqual } from 'node:util'
import { FhirError, formatInstant, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import { objectAt, textAt } from '../elements.ts'
import { createOnce, madeId } from '../made.ts'
import { isOver, isPutAway, opened, settled, workTask, type WorkKind } from '../worklist/index.ts'
import type { WatchedWork } from './watch.ts'

export type Kept = 'made' | 'opened' | 'changed' | 'same'

/** Who has it, and how far they say that they are, stays. */
export async function keepWork(
  repository: Repository,
  kind: WorkKind,
  work: WatchedWork,
  now: number,
): Promise<Kept> {
  const fresh = workTask({ ...work, kind, now })
  const { created, resources } = await createOnce(repository, work.name, (attempt) => [
    { ...fresh, id: madeId(work.name, attempt) },
  ])
  if (created) return 'made'
  const [known] = resources
  if (isPutAway(known)) return 'same'
  if (isOver(known))
    return (await put(repository, { ...opened(known), ...toldOf(fresh) }, now)) ? 'opened' : 'same'
  if (isDeepStrictEqual(toldOf(known), toldOf(fresh))) return 'same'
  return (await put(repository, { ...known, ...toldOf(fresh) }, now)) ? 'changed' : 'same'
}

/** What the server says in it. */
function toldOf({ description, input, restriction }: Resource): Partial<Resource> {
  return {
    ...(description === undefined ? {} : { description }),
    ...(input === undefined ? {} : { input }),
    ...(restriction === undefined ? {} : { restriction }),
  }
}

/** Whether it was; not, where somebody else changes it at the same time. */
export function settleWork(repository: Repository, task: Resource, now: number): Promise<boolean> {
  return put(repository, settled(task), now)
}

async function put(repository: Repository, task: Resource, now: number): Promise<boolean> {
  try {
    await repository.write({
      kind: 'update',
      target: { type: 'Task', id: String(task['id']) },
      resource: { ...task, lastModified: formatInstant(now) },
      ifMatch: { versions: [String(textAt(objectAt(task, 'meta'), 'versionId'))] },
    })
    return true
  } catch (error) {
    if (error instanceof FhirError && (error.code === 'precondition-failed' || error.code === 'conflict'))
      return false
    throw error
  }
}
