// Sends claims: each once, in files of one receiver, kind and biller, so that a crash at any moment loses none and sends
// none twice under other numbers.
//
// First one commit makes the claims of a file active and writes a Task for each, which says in which file, under which
// number and made of which versions it is sent. Then the file is handed over. Then the Tasks say that it was. Whoever
// finds a Task that was left in between makes the same bytes again and hands them over under the same name.
import { FhirError, type ErrorCode, type Issue, type Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import { NOBODY } from '../../store/index.ts'
import { checkClaim } from '../edits/index.ts'
import type { BillingParts } from '../parts.ts'
import { beginFile, type ClaimToSend } from './begin-file.ts'
import { prepareClaim } from './prepare-claim.ts'
import { resumeFile } from './resume-file.ts'
import { sendFile, type Sending, type SentFile, type StoredTask } from './send-file.ts'
import { readSubmission, submissionState } from './submission-task.ts'
import { numberOf, tasksOfClaims } from './submitted-tasks.ts'

/** What became of one claim. */
export interface ClaimSubmission {
  readonly claimId: string
  /**
   * `sent` now; `was-sent` before; `under-way`: somebody else is at it; `not-sent`: it waits, and is sent when it is
   * submitted again or the server starts; `refused`: nothing of it was written.
   */
  readonly outcome: 'sent' | 'was-sent' | 'under-way' | 'not-sent' | 'refused'
  /** As it is stored; none where it is refused. */
  readonly task?: Resource
  /** Warnings; or why it was not sent, or is refused. */
  readonly issues: readonly Issue[]
  /** Of what is refused or not sent. */
  readonly code?: ErrorCode
}

/** Claims of one file: so many are written in one commit. A set may have 5,000. */
export const MOST_IN_FILE = 500
const MOST_ATTEMPTS = 20

/**
 * Submits stored claims, each id once, and tells of each in this order. What `checkClaim` finds to be an error is refused. A claim that was sent is not sent again, unless
 * it was rejected, or its Task is cancelled.
 * @param view what the caller may see
 * @param now milliseconds since 1970
 * @throws FhirError only where nothing at all could be looked up; what stands against one claim stands in its result
 */
export async function submitClaims(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  claimIds: readonly string[],
  now: number,
): Promise<readonly ClaimSubmission[]> {
  const done = new Map<string, ClaimSubmission>()
  const submitting: Submitting = { repository: repository.askedBy(NOBODY), parts, now, view, done }
  const ids = [...new Set(claimIds)]
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const open = ids.filter((id) => !done.has(id))
    if (open.length === 0) break
    await submitOnce(submitting, open)
  }
  return ids.map((claimId) => done.get(claimId) ?? othersWereFaster(claimId))
}

interface Submitting extends Sending {
  readonly view: WorldView
  readonly done: Map<string, ClaimSubmission>
}

function othersWereFaster(claimId: string): ClaimSubmission {
  const error = new FhirError('overloaded', 'Others are changing the claim all the time; try again.')
  return { claimId, outcome: 'not-sent', issues: error.issues, code: error.code }
}

/** What others change meanwhile is left for the next time. */
async function submitOnce(submitting: Submitting, claimIds: readonly string[]): Promise<void> {
  const { view, done, now } = submitting
  const tasks = await tasksOfClaims(view, claimIds)
  const files = new Map<string, ReadyClaim[]>()
  const begun = new Map<number, string[]>()
  for (const claimId of claimIds) {
    const [last, ...before] = tasks.get(claimId) ?? []
    const state = last === undefined ? 'rejected' : submissionState(last.resource, now)
    if (last !== undefined && state === 'open') addTo(begun, numberOf(last), claimId)
    else if (last !== undefined && state !== 'rejected')
      done.set(claimId, known(claimId, last.resource, state === 'sent'))
    else {
      const earlier = last === undefined ? 0 : before.length + 1
      const claim = await readyOrRefused(submitting, claimId, earlier)
      if (claim !== undefined) addTo(files, claim.fileKey, claim)
    }
  }
  for (const [number, ids] of begun) await resume(submitting, number, ids)
  for (const claims of files.values())
    for (let at = 0; at < claims.length; at += MOST_IN_FILE)
      await send(submitting, claims.slice(at, at + MOST_IN_FILE))
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function known(claimId: string, task: Resource, isSent: boolean): ClaimSubmission {
  const what = isSent ? 'was sent before' : 'is being sent by somebody else'
  const diagnostics = `Claim/${claimId} ${what}; it is not sent again.`
  return {
    claimId,
    outcome: isSent ? 'was-sent' : 'under-way',
    task,
    issues: [{ severity: 'information', code: 'informational', diagnostics }],
  }
}

type ReadyClaim = ClaimToSend & { readonly warnings: readonly Issue[] }

/** undefined: what stands against it stands in `done`. */
async function readyOrRefused(
  { repository, view, parts, done, now }: Submitting,
  claimId: string,
  earlier: number,
): Promise<ReadyClaim | undefined> {
  try {
    const claim = await view.read('Claim', claimId)
    if (claim === undefined) throw new FhirError('not-found', `Claim/${claimId} is not known here.`)
    if (earlier === 0 && claim.resource['status'] === 'active' && !repository.seesEverything)
      throw unseenSending(claimId)
    const prepared = await prepareClaim(view, claim, parts)
    const issues = await checkClaim(view, parts, claim.resource, now)
    if (issues.some(({ severity }) => severity === 'error')) throw new FhirError('business-rule', issues)
    return { ...prepared, earlier, warnings: issues }
  } catch (error) {
    done.set(claimId, failed('refused', claimId, error))
    return undefined
  }
}

/** Its Task may be there, hidden from who asks: then it would be sent a second time. */
function unseenSending(claimId: string): FhirError {
  return new FhirError(
    'conflict',
    `Claim/${claimId} is active, and nothing that you may see tells whether it was sent: who may see everything can submit it.`,
  )
}

function failed(
  outcome: 'refused' | 'not-sent',
  claimId: string,
  error: unknown,
  task?: Resource,
): ClaimSubmission {
  if (!(error instanceof FhirError)) throw error
  const { issues, code } = error
  return { claimId, outcome, ...(task === undefined ? {} : { task }), issues, code }
}

async function send(submitting: Submitting, claims: readonly ReadyClaim[]): Promise<void> {
  const { done } = submitting
  const ids = claims.map(({ claim }) => claim.id)
  let tasks: readonly StoredTask[] | undefined
  try {
    tasks = await beginFile(submitting, claims)
  } catch (error) {
    // One that cannot be written keeps no other from being sent.
    if (error instanceof FhirError && OF_ONE.has(error.code) && claims.length > 1) {
      const half = Math.ceil(claims.length / 2)
      await send(submitting, claims.slice(0, half))
      return send(submitting, claims.slice(half))
    }
    for (const claimId of ids) done.set(claimId, failed('refused', claimId, error))
    return
  }
  const begun = tasks
  if (begun === undefined) return
  const warnings = new Map(claims.map((one) => [one.claim.id, one.warnings]))
  await told(submitting, ids, warnings, () => sendFile(submitting, begun))
}

/** What the fault of one claim makes of the commit of many. */
const OF_ONE: ReadonlySet<ErrorCode> = new Set(['invalid', 'business-rule', 'not-found', 'deleted'])

function resume(submitting: Submitting, number: number, ids: readonly string[]): Promise<void> {
  return told(submitting, ids, new Map(), () => resumeFile(submitting, submitting.view, number))
}

/** What became of the claims of one file; of undefined nothing is said, and they are looked at anew. */
async function told(
  { done }: Submitting,
  claimIds: readonly string[],
  warnings: ReadonlyMap<string, readonly Issue[]>,
  work: () => Promise<SentFile | undefined>,
): Promise<void> {
  try {
    const sent = await work()
    if (sent === undefined) return
    const tasks = new Map(sent.tasks.map(({ resource }) => [readSubmission(resource).claimId, resource]))
    for (const claimId of claimIds) {
      const task = tasks.get(claimId)
      const issues = warnings.get(claimId) ?? []
      const result: ClaimSubmission =
        sent.failure === undefined
          ? { claimId, outcome: 'sent', ...(task === undefined ? {} : { task }), issues }
          : failed('not-sent', claimId, sent.failure, task)
      done.set(claimId, result)
    }
  } catch (error) {
    for (const claimId of claimIds) done.set(claimId, failed('not-sent', claimId, error))
  }
}
