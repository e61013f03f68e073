// Codes of a claim for codes of the record, by ConceptMaps that ship and that a practice may change.
import { type JsonObject, type Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { and, searchQuery, uriMatch } from '../../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import { codingsOf } from '../people.ts'
import type { Coding } from '../../rules/index.ts'

const OURS = 'https://alcove.health/fhir/ConceptMap'

/** By what a level of care is billed where nothing says it. */
export const SERVICES_OF_LEVELS = `${OURS}/services-of-levels`
export const DISCHARGE_STATUS = `${OURS}/patient-discharge-status`
export const ADMISSION_TYPE = `${OURS}/admission-type`
export const POINT_OF_ORIGIN = `${OURS}/point-of-origin`

/** Systems that have a row for whoever is in an episode of care, and for whoever has left it. */
export const EPISODE_STATUS = 'http://hl7.org/fhir/episode-of-care-status'

/** The active ConceptMap of this url; undefined where there is none. */
export async function conceptMapOf(view: WorldView, url: string): Promise<Resource | undefined> {
  const found = await view.search(searchQuery({ type: 'ConceptMap', where: and([uriMatch('url', url)]) }))
  return found.map(({ resource }) => resource).find(({ status }) => status === 'active')
}

/**
 * What the first of these codings, which may be of the target system already, is mapped to; where none is, what the map
 * has for whatever it does not know.
 */
export function mapped(map: Resource | undefined, concept: JsonObject | undefined): Coding | undefined {
  const groups = objectsAt(map, 'group')
  const codings = codingsOf(concept)
  for (const { system, code } of codings) {
    if (system === undefined) continue
    if (groups.some((group) => group['target'] === system)) return { system, code }
    for (const group of groups) {
      if (group['source'] !== system) continue
      const element = objectsAt(group, 'element').find((one) => one['code'] === code)
      const target = textAt(objectsAt(element, 'target')[0], 'code')
      if (target !== undefined) return codingIn(group, target)
    }
  }
  for (const group of groups) {
    const fixed = textAt(objectAt(group, 'unmapped'), 'code')
    if (fixed !== undefined) return codingIn(group, fixed)
  }
  return undefined
}

function codingIn(group: JsonObject, code: string): Coding {
  const system = textAt(group, 'target')
  return { ...(system === undefined ? {} : { system }), code }
}
