// Where what is made is to stand: under the id of its name, unless somebody has taken that.
import type { Resource } from '../../fhir/index.ts'
import type { FollowUp, KnownVersion, WorldView } from '../../repository/index.ts'
import { isMadeAs, madeId } from '../made.ts'

const MOST_ATTEMPTS = 5

export interface Place {
  readonly attempt: number
  /** What was made under the name before; undefined where nothing stands yet. */
  readonly known: KnownVersion | undefined
}

/** undefined: each of its ids is taken. */
export async function placeOf(view: WorldView, type: string, name: string): Promise<Place | undefined> {
  for (let attempt = 0; attempt <= MOST_ATTEMPTS; attempt++) {
    const known = await view.read(type, madeId(name, attempt))
    if (known === undefined || isMadeAs(known.resource, name)) return { attempt, known }
  }
  return undefined
}

/** @param known what it replaces, if it replaces anything */
export function followUp(resource: Resource, known: KnownVersion | undefined): FollowUp {
  const versionId = known?.versionId
  return {
    type: resource.resourceType,
    id: String(resource['id']),
    resource,
    expect: versionId === undefined ? { kind: 'absent' } : { kind: 'version', versionId },
  }
}
