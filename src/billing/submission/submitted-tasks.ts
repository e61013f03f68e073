// Finds the Tasks of claims that were sent, or are to be.
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, or, searchQuery, tokenMatch, type Expression } from '../../store/index.ts'
import { BILLING_TASKS } from '../worklist/index.ts'
import { objectAt, textAt } from '../elements.ts'
import { X12_GROUP } from './submission-task.ts'

/** Far beyond what one file, or the claims that are looked at together, can have. */
const MOST_TASKS = 20_000
const AT_ONCE = 50

const OURS = tokenMatch('code', BILLING_TASKS, 'claim-submission')

/** By the id of the claim, newest first. @throws FhirError `too-costly` */
export async function tasksOfClaims(
  view: WorldView,
  claimIds: readonly string[],
): Promise<ReadonlyMap<string, readonly KnownVersion[]>> {
  const found = new Map<string, KnownVersion[]>(claimIds.map((id) => [id, []]))
  for (let at = 0; at < claimIds.length; at += AT_ONCE) {
    const ids = claimIds.slice(at, at + AT_ONCE)
    const focus = or(ids.map((id) => localReferenceMatch('focus', ['Claim'], id)))
    for (const task of await tasks(view, and([OURS, focus]))) found.get(claimOf(task) ?? '')?.push(task)
  }
  for (const list of found.values()) list.sort(newestFirst)
  return found
}

function claimOf({ resource }: KnownVersion): string | undefined {
  return /(?:^|\/)Claim\/([^/]+)/.exec(textAt(objectAt(resource, 'focus'), 'reference') ?? '')?.[1]
}

function newestFirst(one: KnownVersion, other: KnownVersion): number {
  const [a, b] = [one, other].map(({ resource }) => Date.parse(textAt(resource, 'authoredOn') ?? ''))
  return (b as number) - (a as number) || numberOf(other) - numberOf(one)
}

/** The control number of the file that a Task's claim stands in; NaN when it names none. */
export function numberOf({ resource }: KnownVersion): number {
  return Number(textAt(objectAt(resource, 'groupIdentifier'), 'value'))
}

/** Of all claims of the file. @throws FhirError `too-costly` */
export function tasksOfFile(view: WorldView, number: number): Promise<readonly KnownVersion[]> {
  return tasks(view, and([OURS, tokenMatch('group-identifier', X12_GROUP, String(number))]))
}

/** Of all claims that are not known to be sent. @throws FhirError `too-costly` */
export function openTasks(view: WorldView): Promise<readonly KnownVersion[]> {
  return tasks(view, and([OURS, tokenMatch('status', undefined, 'requested')]))
}

function tasks(view: WorldView, where: Expression): Promise<readonly KnownVersion[]> {
  return view.every(searchQuery({ type: 'Task', where }), MOST_TASKS)
}
