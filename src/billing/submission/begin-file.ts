// The commit with which sending begins: from it on, each of the claims belongs to this file and to no other.
import { FhirError, parseJson, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { TransactionRequest } from '../../repository/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { objectAt } from '../elements.ts'
import { isMadeAs, madeId, madeName } from '../made.ts'
import type { ClaimFile } from './claim-file.ts'
import type { PreparedClaim } from './prepare-claim.ts'
import type { Sending, StoredTask } from './send-file.ts'
import { submissionTask } from './submission-task.ts'

export interface ClaimToSend extends PreparedClaim {
  /** How many Tasks of earlier submissions it has. */
  readonly earlier: number
}

/** Ids that somebody else may have taken for something of his own. */
const MOST_TAKEN = 5

/**
 * The Tasks, in the order of the claims, which are active now; undefined when any of the claims or Tasks has been written
 * by somebody else meanwhile: nothing is then.
 * @throws FhirError as `Repository.transaction`
 */
export async function beginFile(
  { repository, parts, now }: Sending,
  claims: readonly ClaimToSend[],
): Promise<readonly StoredTask[] | undefined> {
  const { settings, numbers } = parts
  const [first] = claims as readonly [ClaimToSend]
  const file: ClaimFile = {
    number: await numbers.next('interchange'),
    kind: first.content.kind,
    sender: settings.sender,
    receiver: first.receiver.partner,
    isTest: settings.isTest,
    at: now,
  }
  const writes: (readonly [claim: TransactionRequest, task: TransactionRequest])[] = []
  for (const [at, one] of claims.entries()) {
    const task = await taskOf(repository, one, { at, of: claims.length, file, baseUrl: parts.baseUrl })
    writes.push([activated(one, 2 * at), { ...task, entry: 2 * at + 1 }])
  }
  try {
    const outcomes = await repository.transaction(writes.flat())
    return outcomes.flatMap(({ version }, at) =>
      at % 2 === 0
        ? []
        : [{ id: String(version?.id), resource: parseJson(version?.body as Buffer) as Resource }],
    )
  } catch (error) {
    if (error instanceof FhirError && RACES.has(error.code)) return undefined
    throw error
  }
}

const RACES: ReadonlySet<string> = new Set(['precondition-failed', 'conflict'])

function activated({ claim: { id, versionId, resource } }: ClaimToSend, entry: number): TransactionRequest {
  return {
    kind: 'update',
    target: { type: 'Claim', id },
    resource: { ...resource, status: 'active' },
    ifMatch: { versions: [String(versionId)] },
    entry,
  }
}

interface TaskPlace {
  readonly at: number
  readonly of: number
  readonly file: ClaimFile
  readonly baseUrl: string
}

async function taskOf(
  repository: Sending['repository'],
  { claim, madeOf, earlier }: ClaimToSend,
  { at, of, file, baseUrl }: TaskPlace,
): Promise<Omit<Extract<TransactionRequest, { kind: 'update' }>, 'entry'>> {
  const { id: claimId, versionId, resource } = claim
  // As the commit leaves it: a draft becomes active, and so has one version more.
  const claimVersion = resource['status'] === 'active' ? versionId : versionId + 1
  const name = submissionName(claimId, claimVersion, earlier)
  const id = await freeId(repository, name)
  const patient = localKeyOf(objectAt(resource, 'patient'), baseUrl)
  const submission = { claimId, claimVersion, position: at + 1, claims: of, file, madeOf }
  const task: JsonObject & Resource = { ...submissionTask(submission, name, patient), id }
  return { kind: 'update', target: { type: 'Task', id }, resource: task, ifNoneMatch: '*' }
}

/** Two who submit the same version of a claim at the same time mean the same Task. */
function submissionName(claimId: string, claimVersion: number, earlier: number): string {
  const parts = ['submission', claimId, String(claimVersion)]
  return madeName(...parts, ...(earlier === 0 ? [] : [String(earlier)]))
}

/** The id of this name that nobody has taken for something else. */
async function freeId(repository: Sending['repository'], name: string): Promise<string> {
  for (let attempt = 0; attempt < MOST_TAKEN; attempt++) {
    const id = madeId(name, attempt)
    const taken = await repository.read('Task', id).catch(noneThere)
    if (taken === undefined || isMadeAs(parseJson(taken.body as Buffer) as Resource, name)) return id
  }
  throw new FhirError('conflict', 'The ids for the Task of the claim are taken.')
}

function noneThere(error: unknown): undefined {
  if (error instanceof FhirError && (error.code === 'not-found' || error.code === 'deleted')) return undefined
  throw error
}
