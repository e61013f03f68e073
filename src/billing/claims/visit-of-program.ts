// Visits of what is billed by the episode: days of a program, weeks of dosing, a stay.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { objectsAt } from '../elements.ts'
import type { RulesInForce } from '../rules/index.ts'
import { conceptMapOf, SERVICES_OF_LEVELS } from './episodes/concept-maps.ts'
import { programOf } from './episodes/program-of.ts'
import { problem } from './problems.ts'
import { referenced } from './references.ts'

/** Whether the visit belongs to an episode that is billed by its days or weeks. */
export async function isOfProgram(
  view: WorldView,
  encounter: Resource,
  rules: RulesInForce,
  baseUrl: string,
): Promise<boolean> {
  const references = objectsAt(encounter, 'episodeOfCare')
  if (references.length === 0) return false
  const levels = await conceptMapOf(view, SERVICES_OF_LEVELS)
  for (const reference of references) {
    const episode = await referenced(view, reference, baseUrl, ['EpisodeOfCare'])
    if (episode !== undefined && programOf(episode.resource, rules, levels).program.scheme !== 'month')
      return true
  }
  return false
}

/** Why a visit at which no service is recorded has no claim. */
export function nothingBilled(ofProgram: boolean): Issue {
  return ofProgram
    ? problem(
        'visit-of-period',
        'Encounter.type',
        'It is billed with its episode: EpisodeOfCare/[id]/$generate-claim counts its days or weeks.',
      )
    : problem(
        'nothing-billed',
        'Encounter.type',
        'Nothing that is recorded of the visit is a service that is billed.',
      )
}
