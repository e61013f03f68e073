// Sends files whose sending was left in the middle: the same bytes, under the same name and number.
import { FhirError, formatInstant, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, Repository, WorldView } from '../../repository/index.ts'
import { NOBODY } from '../../store/index.ts'
import { permissionFaultsOf } from '../edits/index.ts'
import type { BillingParts } from '../parts.ts'
import { versionReader } from './pinned-view.ts'
import {
  markHandedOver,
  sendFile,
  storedTask,
  writeTasks,
  type Sending,
  type SentFile,
  type StoredTask,
} from './send-file.ts'
import { lastTouched, readSubmission, submissionState } from './submission-task.ts'
import { numberOf, openTasks, tasksOfFile } from './submitted-tasks.ts'

/**
 * Takes the file over and sends it; undefined when somebody else is faster.
 * @param view which must show the Tasks of all its claims: half a file is not sent
 * @throws FhirError `conflict` when it cannot be sent as it was begun
 */
export async function resumeFile(
  sending: Sending,
  view: WorldView,
  number: number,
): Promise<SentFile | undefined> {
  const tasks = await tasksOfFile(view, number)
  const open = tasks.filter(({ resource }) => submissionState(resource, sending.now) !== 'rejected')
  const [first] = open
  if (first === undefined) {
    if (Number.isSafeInteger(number)) return undefined
    throw new FhirError('conflict', 'A Task does not name its file any more: cancel it, and submit anew.')
  }
  // It was handed over, though nobody came to say so, if who received it has answered.
  if (open.some(({ resource }) => submissionState(resource, sending.now) === 'sent'))
    return { tasks: await markHandedOver(sending, open.map(storedTask)), failure: undefined }
  const { claims } = readSubmission(first.resource)
  if (open.length !== claims)
    throw new FhirError(
      'conflict',
      `The file has ${claims} claims, and not all of their Tasks are open and can be seen here; to send the others anew, cancel their Tasks and submit them.`,
    )
  await requireTellable(sending, view, open)
  const taken = await takenOver(sending, open.map(storedTask))
  return taken && sendFile(sending, taken)
}

/**
 * A claim that was given up meanwhile is not sent, nor one of which the payer may not be told any more, as it is now and
 * as it is sent; and so is none of its file.
 */
async function requireTellable(
  { repository, parts, now }: Sending,
  view: WorldView,
  tasks: readonly KnownVersion[],
): Promise<void> {
  const read = versionReader(repository)
  const refuse = (claimId: string, what: string): FhirError =>
    new FhirError(
      'conflict',
      `${what} Claim/${claimId} stands in a file whose sending has begun; cancel its Task, and those of the other claims of the file to submit them anew.`,
    )
  for (const { resource } of tasks) {
    const { claimId, claimVersion } = readSubmission(resource)
    const claim = await view.read('Claim', claimId)
    if (claim?.resource['status'] !== 'active')
      throw refuse(claimId, 'A claim that is not active any more is not sent.')
    const pinned = await read(`Claim/${claimId}/_history/${claimVersion}`)
    for (const told of new Set([claim.resource, pinned?.resource ?? claim.resource]))
      if ((await permissionFaultsOf(view, told, parts.baseUrl, now)).length > 0)
        throw refuse(claimId, 'The payer may not be told of the claim as consents on file stand now.')
  }
}

/** undefined when somebody else has begun with them again. */
export async function takenOver(
  { repository, now }: Sending,
  tasks: readonly StoredTask[],
): Promise<readonly StoredTask[] | undefined> {
  try {
    const written = await writeTasks(repository, tasks, (task) => begunAgain(task, now))
    return tasks.map((task) => written.get(task.id) ?? task)
  } catch (error) {
    if (error instanceof FhirError && error.code === 'precondition-failed') return undefined
    throw error
  }
}

function begunAgain(task: Resource, now: number): Resource {
  const { statusReason: _, ...rest } = task
  return { ...(rest as Resource), lastModified: formatInstant(now) }
}

export interface Resumed {
  /** Control numbers of files that were sent. */
  readonly sent: readonly number[]
  /** Of those that were not, each with why. */
  readonly left: readonly { readonly number: number; readonly error: FhirError }[]
}

/**
 * Sends every file whose sending was left in the middle: that failed, or takes longer than any does.
 * @param endedBefore milliseconds since 1970: whoever was sending before this moment has ended, as when the only server
 *   of a store starts
 * @throws FhirError when they cannot be looked for
 */
export async function resumeSubmissions(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  now: number,
  endedBefore = -Infinity,
): Promise<Resumed> {
  const sending: Sending = { repository: repository.askedBy(NOBODY), parts, now }
  const tasks = await openTasks(view)
  const waiting = tasks.filter(
    ({ resource }) => submissionState(resource, now) === 'open' || !(lastTouched(resource) >= endedBefore),
  )
  const tally = new ResumeTally()
  for (const number of new Set(waiting.map(numberOf)))
    await tally.attempt(number, () => resumeFile(sending, view, number))
  return tally
}

/** What became of each file that was left: a fault of one keeps no other from going on. */
export class ResumeTally implements Resumed {
  readonly sent: number[] = []
  readonly left: { readonly number: number; readonly error: FhirError }[] = []

  async attempt(number: number, resume: () => Promise<SentFile | undefined>): Promise<void> {
    try {
      const file = await resume()
      if (file?.failure !== undefined) this.left.push({ number, error: file.failure })
      else if (file !== undefined) this.sent.push(number)
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
      this.left.push({ number, error })
    }
  }
}
