// The Tasks that somebody still has to do.
import type { Repository } from '../../repository/index.ts'
import { and, or, searchQuery, tokenMatch, type Expression } from '../../store/index.ts'
import { BILLING_TASKS, type WorkKind } from '../worklist/index.ts'

const OPEN = ['draft', 'requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'] as const

/** What somebody has to do; Tasks of other kinds tell how far something is. */
export const WORK_KINDS: readonly WorkKind[] = Object.freeze([
  'authorization-expiring',
  'claim-denial',
  'claim-edit',
  'claim-rejection',
  'filing-limit-near',
  'late-note',
  'unbillable-visit',
  'unmatched-answer',
])

/** Tasks of the kind that are not over. */
export function openWork(kind: WorkKind): Expression {
  return and([
    tokenMatch('code', BILLING_TASKS, kind),
    or(OPEN.map((status) => tokenMatch('status', undefined, status))),
  ])
}

/** How many Tasks of each kind are open, as far as the caller may see them. */
export async function countOpenWork(repository: Repository): Promise<ReadonlyMap<WorkKind, number>> {
  const counts = new Map<WorkKind, number>()
  for (const kind of WORK_KINDS) {
    const { total } = await repository.search(
      searchQuery({ type: 'Task', where: openWork(kind), count: 0, total: 'accurate' }),
    )
    counts.set(kind, total ?? 0)
  }
  return counts
}
