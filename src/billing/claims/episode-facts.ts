// What the programs that a visit is part of say for billing: their kinds and the level of care.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { objectAt, objectsAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { codingsOf } from './people.ts'
import { referenced } from './references.ts'
import { LEVELS_OF_CARE } from './urls.ts'

export interface ProgramFacts {
  readonly programs: readonly Coding[]
  readonly levelOfCare?: Coding
}

/** By EpisodeOfCare.type and Encounter.serviceType; the level of care also by Encounter.type. */
export async function programFactsOf(
  view: WorldView,
  encounter: Resource,
  baseUrl: string,
): Promise<ProgramFacts> {
  const episodes = await Promise.all(
    objectsAt(encounter, 'episodeOfCare').map((one) => referenced(view, one, baseUrl, ['EpisodeOfCare'])),
  )
  const types = episodes.flatMap((episode) =>
    episode === undefined ? [] : objectsAt(episode.resource, 'type').flatMap(codingsOf),
  )
  const own = codingsOf(objectAt(encounter, 'serviceType'))
  const programs = [...own, ...types]
  const level = [...objectsAt(encounter, 'type').flatMap(codingsOf), ...programs].find(
    ({ system }) => system === LEVELS_OF_CARE,
  )
  return {
    programs: programs.filter(({ system }) => system !== LEVELS_OF_CARE),
    ...(level === undefined ? {} : { levelOfCare: level }),
  }
}
