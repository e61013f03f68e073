// Which diagnoses claims of an episode bill for: its own, else those of the visits that they bill.
import type { Issue, JsonObject, Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { hasCode, objectAt, objectsAt } from '../../elements.ts'
import { diagnosesOfVisit, type FoundDiagnoses } from '../plan-diagnoses.ts'

const ADMITTING = 'AD'

export interface EpisodeDiagnoses extends FoundDiagnoses {
  /** That of admission, where the record marks one: its position among those found. */
  readonly admitting?: number
}

export async function episodeDiagnosesOf(
  view: WorldView,
  episode: Resource,
  visits: readonly Resource[],
  patientKey: string,
  baseUrl: string,
): Promise<EpisodeDiagnoses> {
  const stated = objectsAt(episode, 'diagnosis')
  const source = stated.length > 0 ? asVisit(episode, stated) : visitWithOnes(visits)
  if (source === undefined) return { found: [], refusals: [] }
  const { found, refusals } = await diagnosesOfVisit(view, source, patientKey, baseUrl)
  const isEpisode = stated.length > 0
  const rename = (element: string) =>
    isEpisode ? element.replace(/^Encounter\.diagnosis/, 'EpisodeOfCare.diagnosis') : element
  const marked = objectsAt(source, 'diagnosis').findIndex((one) => hasCode(objectAt(one, 'use'), ADMITTING))
  const admitting = found.findIndex(({ element }) => element === `Encounter.diagnosis[${marked}].condition`)
  return {
    found: found.map((one) => ({ ...one, element: rename(one.element) })),
    refusals: refusals.map((issue): Issue => ({ ...issue, expression: rename(issue.expression ?? '') })),
    ...(admitting < 0 ? {} : { admitting }),
  }
}

/** An episode marks its diagnoses as a visit does, by another name. */
function asVisit(episode: Resource, stated: readonly JsonObject[]): Resource {
  return {
    resourceType: 'Encounter',
    id: String(episode['id']),
    diagnosis: stated.map(({ role, ...one }) => ({ ...one, ...(role === undefined ? {} : { use: role }) })),
  }
}

function visitWithOnes(visits: readonly Resource[]): Resource | undefined {
  return visits.find((visit) => objectsAt(visit, 'diagnosis').length > 0) ?? visits[0]
}
