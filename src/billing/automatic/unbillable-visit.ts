// The Task that says what is missing for the claim of a visit.
import type { Issue, Resource } from '../../fhir/index.ts'
import { writeJson } from '../../fhir/index.ts'
import type { FollowUp, WorldView } from '../../repository/index.ts'
import { textAt, objectAt } from '../elements.ts'
import { madeId, madeName } from '../made.ts'
import { isOver, isPutAway, opened, settled, type WorkFinding, workTask } from '../worklist/index.ts'
import { followUp, placeOf } from './places.ts'

export interface Unbilled {
  /** Why no claim can be made. */
  readonly refusals: readonly Issue[]
  /** Why what was done is not in the claim that there is. */
  readonly leftOut: readonly Issue[]
}

/**
 * What makes the Task, brings it up to date, or completes it where all is billed. Who has it stays.
 * @param now milliseconds since 1970
 */
export async function unbillableVisit(
  view: WorldView,
  encounter: Resource,
  { refusals, leftOut }: Unbilled,
  now: number,
): Promise<readonly FollowUp[]> {
  const told = [...refusals, ...leftOut]
  const id = String(encounter['id'])
  const name = madeName('unbillable-visit', `Encounter/${id}`)
  const place = await placeOf(view, 'Task', name)
  if (place === undefined) return []
  const { known, attempt } = place
  const patient = textAt(objectAt(encounter, 'subject'), 'reference')
  const fresh = {
    ...workTask({
      kind: 'unbillable-visit',
      name,
      focus: `Encounter/${id}`,
      ...(patient === undefined ? {} : { patient }),
      encounter: `Encounter/${id}`,
      description:
        refusals.length > 0
          ? 'The visit is over and its note is final, and its claim cannot be made: mend what is named.'
          : 'The visit is over, and not all that was done at it is in its claim: mend what is named, or close this.',
      findings: told.map(findingOf),
      now,
    }),
    id: madeId(name, attempt),
  }
  if (known === undefined) return told.length === 0 ? [] : [followUp(fresh, undefined)]
  const changed = broughtUpToDate(known.resource, fresh, told.length === 0)
  return changed === undefined ? [] : [followUp(changed, known)]
}

function findingOf({ details, diagnostics, expression }: Issue): WorkFinding {
  return { code: details?.code ?? 'refused', text: `${expression ?? 'Claim'}: ${diagnostics}` }
}

/** undefined when nothing changes: what a person has put away opens again only when there is something new to tell. */
function broughtUpToDate(known: Resource, fresh: Resource, isDone: boolean): Resource | undefined {
  const lastModified = fresh['lastModified'] as string
  if (isDone) return isOver(known) ? undefined : { ...settled(known), lastModified }
  const input = fresh['input'] as string
  const description = fresh['description'] as string
  const isSame = writeJson([known['input'] ?? null]) === writeJson([input])
  if (isSame && (!isOver(known) || isPutAway(known))) return undefined
  return { ...opened(known), description, input, lastModified }
}
