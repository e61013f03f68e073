// Draft claims of visits that could not be made with the visit, since what they lacked is of another record: a coverage,
// a price, an identifier of who rendered it.
import { FhirError } from '../../fhir/index.ts'
import type { KnownVersion } from '../../repository/index.ts'
import { and, dateMatch, lastUpdatedMatch, localReferenceMatch, tokenMatch } from '../../store/index.ts'
import { localIdOf } from '../claims/index.ts'
import { objectAt } from '../elements.ts'
import { openWork } from './open-work.ts'
import { pagesOf } from './pages.ts'
import type { Sweeping } from './watch.ts'

const DAY_MS = 86_400_000
/** Coverages that were written so lately are looked at: what came while the server was down for a night too. */
const COVERAGES_SINCE_MS = DAY_MS
/** Of these patients visits that ended so lately. */
const VISITS_SINCE_MS = 60 * DAY_MS

/** Where the practice wants draft claims: what follows from the visits is asked for again. */
export async function draftMissed(sweeping: Sweeping): Promise<void> {
  const { repository, view, parts, isStopped } = sweeping
  if (!parts.settings.draftsClaims) return
  for await (const tasks of pagesOf(repository, 'Task', openWork('unbillable-visit'), isStopped))
    for (const { resource } of tasks) {
      const id = localIdOf(objectAt(resource, 'focus'), 'Encounter', parts.baseUrl)
      const visit = id === undefined ? undefined : await view.read('Encounter', id)
      if (visit !== undefined) await askAgain(sweeping, visit)
    }
  for await (const visits of visitsNewlyCovered(sweeping))
    for (const visit of visits) await askAgain(sweeping, visit)
}

async function* visitsNewlyCovered(sweeping: Sweeping): AsyncGenerator<readonly KnownVersion[]> {
  const { repository, parts, now, isStopped } = sweeping
  const since = now - COVERAGES_SINCE_MS
  const written = and([
    tokenMatch('status', undefined, 'active'),
    lastUpdatedMatch({ comparator: 'ge', low: since, high: since + 1 }),
  ])
  const patients = new Set<string>()
  for await (const coverages of pagesOf(repository, 'Coverage', written, isStopped))
    for (const { resource } of coverages) {
      const id = localIdOf(objectAt(resource, 'beneficiary'), 'Patient', parts.baseUrl)
      if (id !== undefined) patients.add(id)
    }
  const ended = now - VISITS_SINCE_MS
  for (const patient of patients)
    yield* pagesOf(
      repository,
      'Encounter',
      and([
        localReferenceMatch('patient', ['Patient'], patient),
        tokenMatch('status', undefined, 'finished'),
        dateMatch('date', { comparator: 'gt', low: ended, high: ended }, true),
      ]),
      isStopped,
    )
}

/** Written as it is it makes no version; what follows from it is written. */
async function askAgain(
  { repository, isStopped }: Sweeping,
  { id, resource, versionId }: KnownVersion,
): Promise<void> {
  if (isStopped()) return
  try {
    await repository.write({
      kind: 'update',
      target: { type: 'Encounter', id },
      resource,
      ifMatch: { versions: [String(versionId)] },
    })
  } catch (error) {
    // Whoever changes it meanwhile has it drafted.
    const isRace = error instanceof FhirError && error.code === 'precondition-failed'
    if (!isRace) throw error
  }
}
