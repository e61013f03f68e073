// Where a visit was: the place of service, the facility, whether the patient was at home, and in which state.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import type { Coding } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'
import { codingsOf } from './people.ts'
import { referenced } from './references.ts'

export interface VisitPlace {
  /** That of the Location, or of the nearest that it is part of which says one. */
  readonly place?: Coding
  readonly atHome: boolean
  readonly facility?: Resource
}

/** How far up a room belongs to a building. */
const MOST_UPWARD = 8
/** https://terminology.hl7.org/CodeSystem-v3-RoleCode.html: the patient's residence. */
const HOME = 'PTRES'
const NOT_THERE: ReadonlySet<unknown> = new Set(['planned', 'reserved'])

export async function visitPlaceOf(
  view: WorldView,
  encounter: Resource,
  baseUrl: string,
): Promise<VisitPlace> {
  let found: VisitPlace = { atHome: false }
  for (const entry of objectsAt(encounter, 'location')) {
    if (NOT_THERE.has(entry['status'])) continue
    const location = (await referenced(view, objectAt(entry, 'location'), baseUrl, ['Location']))?.resource
    if (location === undefined) continue
    if (objectsAt(location, 'type').some((type) => hasCode(type, HOME))) {
      found = { ...found, atHome: true }
      continue
    }
    if (found.facility === undefined) found = { ...found, ...(await facilityOf(view, location, baseUrl)) }
  }
  return found
}

/** With the address of what it is part of, where it has none itself. */
async function facilityOf(
  view: WorldView,
  location: Resource,
  baseUrl: string,
): Promise<Pick<VisitPlace, 'place' | 'facility'>> {
  let facility: Resource | undefined
  let place: Coding | undefined
  let at: Resource | undefined = location
  for (let step = 0; at !== undefined && step < MOST_UPWARD; step++) {
    if (objectAt(at, 'address') !== undefined) facility ??= at
    place ??= objectsAt(at, 'type')
      .flatMap(codingsOf)
      .find(({ system }) => system === SYSTEMS.place)
    if (facility !== undefined && place !== undefined) break
    at = (await referenced(view, objectAt(at, 'partOf'), baseUrl, ['Location']))?.resource
  }
  return {
    ...(place === undefined ? {} : { place }),
    ...(facility === undefined ? {} : { facility }),
  }
}

const COUNTRY = 'urn:iso:std:iso:3166'
const STATE = 'urn:iso:std:iso:3166:-2'
const HERE: ReadonlySet<string> = new Set(['US', 'USA', 'UNITED STATES'])

/** State and country of the first address that says them: facility's before provider's. */
export function jurisdictionsOf(...holders: readonly (Resource | undefined)[]): readonly Coding[] {
  for (const holder of holders) {
    const address = addressOf(holder)
    const state = textAt(address, 'state')?.trim().toUpperCase()
    const country = textAt(address, 'country')?.trim().toUpperCase() ?? 'US'
    if (state === undefined || !/^[A-Z]{2}$/.test(state) || !HERE.has(country)) continue
    return [
      { system: STATE, code: `US-${state}` },
      { system: COUNTRY, code: 'US' },
    ]
  }
  return []
}

function addressOf(holder: Resource | undefined): JsonObject | undefined {
  return objectAt(holder, 'address') ?? objectsAt(holder, 'address').find(({ use }) => use !== 'old')
}
