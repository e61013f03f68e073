// A session of a group: one Encounter of the group, and one of each member that is part of it.
import type { Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt } from '../elements.ts'
import { localKeyOf } from './references.ts'

/** Members of one session. */
const MOST_MEMBERS = 2000

/** How many patients came; undefined for a visit that is part of no session. */
export async function participantsOf(
  view: WorldView,
  encounter: Resource,
  baseUrl: string,
): Promise<number | undefined> {
  const [type, id = ''] = localKeyOf(objectAt(encounter, 'partOf'), baseUrl)?.split('/') ?? []
  if (type !== 'Encounter') return undefined
  return (await memberVisitsOf(view, id)).filter(({ resource }) => resource['status'] === 'finished').length
}

/** By their ids. */
export async function memberVisitsOf(view: WorldView, sessionId: string): Promise<readonly KnownVersion[]> {
  const where = and([localReferenceMatch('part-of', ['Encounter'], sessionId)])
  const found = await view.every(searchQuery({ type: 'Encounter', where }), MOST_MEMBERS)
  return found.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}
