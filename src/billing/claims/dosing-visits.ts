// Days of dosing in a program: visits at which a drug was given or handed out, of which that is the record.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, or, searchQuery, tokenMatch } from '../../store/index.ts'
import { objectAt, objectsAt } from '../elements.ts'
import { localKeyOf } from './references.ts'

/** Of the visits that are looked at together. */
const MOST_GIVEN = 20_000

/**
 * `Encounter/[id]` of those of the visits that belong to an episode, and at which a drug was given or handed out: they
 * need no note of their own.
 * @throws FhirError `too-costly`
 */
export async function dosingVisits(
  view: WorldView,
  visits: readonly Resource[],
  baseUrl: string,
): Promise<ReadonlySet<string>> {
  const given = new Set<string>()
  const ofPrograms = visits.filter((visit) => objectsAt(visit, 'episodeOfCare').length > 0)
  if (ofPrograms.length === 0) return given
  const where = and([
    tokenMatch('status', undefined, 'completed'),
    or(ofPrograms.map(({ id }) => localReferenceMatch('context', ['Encounter'], String(id)))),
  ])
  for (const type of ['MedicationAdministration', 'MedicationDispense'])
    for (const { resource } of await view.every(searchQuery({ type, where }), MOST_GIVEN))
      given.add(localKeyOf(objectAt(resource, 'context'), baseUrl) ?? '')
  return given
}
