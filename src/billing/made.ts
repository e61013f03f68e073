// What billing makes: under ids that follow from what it is made of, so that making it again makes no second one.
import { hash } from 'node:crypto'
import { FhirError, parseJson, type JsonObject, type Resource } from '../fhir/index.ts'
import type { Repository, WriteOutcome } from '../repository/index.ts'
import { objectsAt } from './elements.ts'

/** `identifier.system` of what billing makes; the value says what it is made of, hashed. */
export const MADE_FROM = 'https://alcove.health/fhir/NamingSystem/billing'

const ID_LENGTH = 40
/** Ids that somebody else may have taken for something of his own. */
const MOST_ATTEMPTS = 5

/** @param parts what it is made of, such as the kind, the visit and the payer; ids, never names of people */
export function madeName(...parts: readonly string[]): string {
  return hash('sha256', parts.join('\n'), 'hex').slice(0, ID_LENGTH)
}

/** The id for what has this name; the next one where another resource has taken it. */
export function madeId(name: string, attempt = 0): string {
  return attempt === 0 ? name : madeName(name, String(attempt))
}

export function madeIdentifier(name: string): JsonObject {
  return { system: MADE_FROM, value: name }
}

export function isMadeAs(resource: Resource, name: string): boolean {
  return objectsAt(resource, 'identifier').some((one) => one.system === MADE_FROM && one.value === name)
}

export interface CreatedOnce {
  /** false: it was there, and nothing was written. */
  readonly created: boolean
  /** As they are stored: the first is the one that was asked for; of one that was there, it alone. */
  readonly resources: readonly [Resource, ...Resource[]]
}

/**
 * Writes what `make` makes in one commit, unless the first of it is there. Whoever asks at the same time gets the same.
 * @param make resources with the ids for this attempt; the first carries `madeIdentifier(name)`
 * @throws FhirError as `Repository.transaction`
 */
export async function createOnce(
  repository: Repository,
  name: string,
  make: (attempt: number) => readonly [Resource, ...Resource[]],
): Promise<CreatedOnce> {
  for (let attempt = 0; ; attempt++) {
    const resources = make(attempt)
    const [{ resourceType, id }] = resources
    const known = await current(repository, resourceType, String(id))
    if (known !== undefined && isMadeAs(known, name)) return { created: false, resources: [known] }
    try {
      if (known === undefined) return { created: true, resources: await putNew(repository, resources) }
    } catch (error) {
      if (!(error instanceof FhirError) || !RACES.has(error.code) || attempt === MOST_ATTEMPTS) throw error
      const winner = await current(repository, resourceType, String(id))
      if (winner !== undefined && isMadeAs(winner, name)) return { created: false, resources: [winner] }
    }
    if (attempt === MOST_ATTEMPTS) throw new FhirError('conflict', `${resourceType}/${String(id)} is taken.`)
  }
}

const RACES: ReadonlySet<string> = new Set(['precondition-failed', 'conflict'])

async function putNew(
  repository: Repository,
  resources: readonly [Resource, ...Resource[]],
): Promise<readonly [Resource, ...Resource[]]> {
  const outcomes = await repository.transaction(
    resources.map((resource, entry) => ({
      kind: 'update',
      target: { type: resource.resourceType, id: String(resource['id']) },
      resource,
      ifNoneMatch: '*',
      entry,
    })),
  )
  return outcomes.map(storedOf) as unknown as readonly [Resource, ...Resource[]]
}

function storedOf({ version }: WriteOutcome): Resource {
  return parseJson(version?.body as Buffer) as Resource
}

/** undefined where there is none, it is deleted, or it cannot be seen. */
async function current(repository: Repository, type: string, id: string): Promise<Resource | undefined> {
  try {
    const { body } = await repository.read(type, id)
    return parseJson(body as Buffer) as Resource
  } catch (error) {
    if (error instanceof FhirError && (error.code === 'not-found' || error.code === 'deleted'))
      return undefined
    throw error
  }
}
