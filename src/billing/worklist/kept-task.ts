// How a Task is kept: what the server has completed it may open again; what a person has put away stays so.
import type { Resource } from '../../fhir/index.ts'
import { codeIn, objectAt } from '../elements.ts'
import { BILLING_TASKS } from './work-task.ts'

/** `Task.businessStatus` of one that the server has completed. */
const SETTLED = { code: 'settled', display: 'Settled' } as const

const OVER: ReadonlySet<unknown> = new Set([
  'completed',
  'cancelled',
  'rejected',
  'failed',
  'entered-in-error',
])

/** Whether nobody has to do it any more. */
export function isOver({ status }: Resource): boolean {
  return OVER.has(status)
}

/** Whether a person has put it away, and not the server. */
export function isPutAway(task: Resource): boolean {
  return isOver(task) && codeIn(objectAt(task, 'businessStatus'), BILLING_TASKS) !== SETTLED.code
}

/** The Task, completed by the server. */
export function settled(task: Resource): Resource {
  return { ...task, status: 'completed', businessStatus: { coding: [{ system: BILLING_TASKS, ...SETTLED }] } }
}

/** The Task, to be done again where the server had completed it. */
export function opened(task: Resource): Resource {
  if (!isOver(task)) return task
  const { businessStatus: _, ...kept } = task
  return { ...kept, status: 'requested' } as Resource
}
