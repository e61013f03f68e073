// Where what billing keeps under a name is stored, and changing it while others do too.
import { isDeepStrictEqual } from 'node:util'
import { FhirError, formatInstant, isJsonObject, type Resource } from '../../fhir/index.ts'
import type { Repository, TransactionRequest, WorldView } from '../../repository/index.ts'
import { isMadeAs, madeId } from '../made.ts'

/** A resource that is there, or the id under which it is to be made. */
export interface MadePlace {
  readonly type: string
  readonly id: string
  readonly stored: Resource | undefined
}

/** Ids that somebody else may have taken for something of his own. */
const MOST_ATTEMPTS = 5
/** How often what others change at the same time is looked at anew. */
const MOST_RACES = 50

/** @throws FhirError `conflict` where others have taken all ids of the name */
export async function madePlace(view: WorldView, type: string, name: string): Promise<MadePlace> {
  for (let attempt = 0; attempt <= MOST_ATTEMPTS; attempt++) {
    const id = madeId(name, attempt)
    const known = await view.read(type, id)
    if (known === undefined) return { type, id, stored: undefined }
    if (isMadeAs(known.resource, name)) return { type, id, stored: known.resource }
  }
  throw new FhirError('conflict', `${type}/${madeId(name)} is taken.`)
}

/** The resource to be written in its place; none when that is how it is stored. */
export function writeTo({ type, id, stored }: MadePlace, wanted: Resource): readonly PlannedWrite[] {
  if (stored === undefined) return [{ type, id, resource: { ...wanted, id }, versionId: undefined }]
  if (isAlike(stored, wanted)) return []
  const { meta } = stored
  const versionId = isJsonObject(meta) ? String(meta['versionId']) : ''
  const resource = { ...wanted, id, ...(meta === undefined ? {} : { meta }) }
  return [{ type, id, resource, versionId }]
}

export interface PlannedWrite {
  readonly type: string
  readonly id: string
  readonly resource: Resource
  /** That is replaced; undefined for one that is not to be there yet. */
  readonly versionId: string | undefined
}

/** `Task.lastModified`, which is never before `authoredOn`, also when another machine's clock is ahead. */
export function modifiedAt({ authoredOn }: Resource, now: number): string {
  const authored = typeof authoredOn === 'string' ? Date.parse(authoredOn) : now
  return formatInstant(authored > now ? authored : now)
}

/** Whether they say the same; labels, versions and times of writing aside. */
function isAlike(one: Resource, other: Resource): boolean {
  const said = (resource: Resource): object => ({
    ...resource,
    meta: undefined,
    id: undefined,
    lastModified: undefined,
  })
  return isDeepStrictEqual(said(one), said(other))
}

/**
 * Writes in one commit what `plan` finds to be written by what is stored, planned anew while others change the same.
 * @throws FhirError as `Repository.transaction`
 */
export async function writePlanned(
  repository: Repository,
  plan: () => Promise<readonly PlannedWrite[]>,
): Promise<void> {
  for (let race = 0; ; race++) {
    const writes = await plan()
    if (writes.length === 0) return
    try {
      await repository.transaction(writes.map(requestOf))
      return
    } catch (error) {
      if (!(error instanceof FhirError) || !RACES.has(error.code) || race === MOST_RACES) throw error
    }
  }
}

const RACES: ReadonlySet<string> = new Set(['precondition-failed', 'conflict'])

function requestOf({ type, id, resource, versionId }: PlannedWrite, entry: number): TransactionRequest {
  const update = { kind: 'update', target: { type, id }, resource, entry } as const
  return versionId === undefined
    ? { ...update, ifNoneMatch: '*' }
    : { ...update, ifMatch: { versions: [versionId] } }
}
