// Hands a file of claims over whose Tasks are stored, and stores that it was; or why it was not.
import { FhirError, formatInstant, parseJson, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, Repository } from '../../repository/index.ts'
import { BILLING_TASKS } from '../worklist/index.ts'
import type { BillingParts } from '../parts.ts'
import type { OutgoingFile } from '../transport/index.ts'
import { claimFileText, fileName } from './claim-file.ts'
import { pinnedView, versionReader, type VersionReader } from './pinned-view.ts'
import { tellClaim, type PreparedClaim } from './prepare-claim.ts'
import { readSubmission, SENT, submissionState, type Submission } from './submission-task.ts'

/** What sends: a Repository that nobody leaves, for what has begun is brought to its end. */
export interface Sending {
  readonly repository: Repository
  readonly parts: BillingParts
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A Task as it is stored, and the version that it has. */
export interface StoredTask {
  readonly id: string
  readonly resource: Resource
}

export interface SentFile {
  /** As they are stored now. */
  readonly tasks: readonly StoredTask[]
  /** undefined: it was handed over. */
  readonly failure: FhirError | undefined
}

/**
 * The tasks are all of one file, requested, and this sending's own: nobody else hands it over meanwhile. What is handed
 * over is made of the versions that they name, so that the same bytes come of it each time.
 * @throws FhirError `storage-failed` and others when it was handed over, and that cannot be stored: it will be again
 */
export function sendFile(sending: Sending, tasks: readonly StoredTask[]): Promise<SentFile> {
  return handOver(sending, tasks, () => fileOf(sending, tasks))
}

/** As `sendFile`, of a file that `make` makes of what the tasks say: the same each time. */
export async function handOver(
  sending: Sending,
  tasks: readonly StoredTask[],
  make: () => Promise<OutgoingFile>,
): Promise<SentFile> {
  try {
    await sending.parts.transport.send(await make())
  } catch (error) {
    const failure = failureOf(error)
    const told = await marked(sending, tasks, (task) => leftOpen(task, failure, sending.now)).catch(
      () => tasks,
    )
    return { tasks: told, failure }
  }
  return { tasks: await markHandedOver(sending, tasks), failure: undefined }
}

/** Those that are still requested are sent now. */
export function markHandedOver(
  sending: Pick<Sending, 'repository' | 'now'>,
  tasks: readonly StoredTask[],
): Promise<readonly StoredTask[]> {
  return marked(sending, tasks, (task) => handedOver(task, sending.now))
}

function failureOf(error: unknown): FhirError {
  if (error instanceof FhirError) return error
  return new FhirError('storage-failed', 'The file could not be handed over.', { cause: error })
}

async function fileOf({ repository, parts }: Sending, tasks: readonly StoredTask[]): Promise<OutgoingFile> {
  const submissions = tasks
    .map(({ resource }) => readSubmission(resource))
    .toSorted((one, other) => one.position - other.position)
  const [first] = submissions
  if (first === undefined || submissions.some((one, at) => one.position !== at + 1 || !isOfFile(one, first)))
    throw new FhirError('conflict', 'The Tasks of the file do not agree with each other.')
  const read = versionReader(repository)
  const claims: Pick<PreparedClaim, 'content' | 'receiver' | 'submitter'>[] = []
  for (const submission of submissions) claims.push(await toldAgain(submission, read, parts.baseUrl))
  const [{ receiver, submitter }] = claims as [(typeof claims)[number]]
  const { file } = first
  const name = receiver.partner.id === file.receiver.id ? receiver.name : file.receiver.id
  const text = claimFileText(
    file,
    submitter,
    name,
    claims.map(({ content }) => content),
  )
  return { name: fileName(file), bytes: Buffer.from(text, 'latin1') }
}

function isOfFile({ file, claims }: Submission, first: Submission): boolean {
  return claims === first.claims && JSON.stringify(file) === JSON.stringify(first.file)
}

async function toldAgain(
  { claimId, claimVersion, madeOf, file }: Submission,
  read: VersionReader,
  baseUrl: string,
): Promise<Pick<PreparedClaim, 'content' | 'receiver' | 'submitter'>> {
  const claim = await read(`Claim/${claimId}/_history/${claimVersion}`)
  if (claim === undefined) throw new FhirError('conflict', `Claim/${claimId} is not there any more.`)
  return tellClaim(pinnedView(madeOf, read), claim.resource, { baseUrl, settings: file })
}

function handedOver(task: Resource, now: number): Resource {
  const { statusReason: _, ...rest } = task
  return {
    ...(rest as Resource),
    status: 'in-progress',
    businessStatus: { coding: [{ system: BILLING_TASKS, ...SENT }] },
    lastModified: formatInstant(now),
  }
}

function leftOpen(task: Resource, { message }: FhirError, now: number): Resource {
  return {
    ...task,
    statusReason: { coding: [{ system: BILLING_TASKS, code: 'not-handed-over' }], text: message },
    lastModified: formatInstant(now),
  }
}

const MOST_ROUNDS = 10

/** Writes what `change` makes of each that is still requested, in one commit; others may change them meanwhile. */
async function marked(
  { repository, now }: Pick<Sending, 'repository' | 'now'>,
  tasks: readonly StoredTask[],
  change: (task: Resource) => Resource,
): Promise<readonly StoredTask[]> {
  let current = tasks
  for (let round = 1; ; round++) {
    const open = current.filter(({ resource }) => isRequested(resource, now))
    try {
      const written = await writeTasks(repository, open, change)
      return current.map((task) => written.get(task.id) ?? task)
    } catch (error) {
      const isRace = error instanceof FhirError && error.code === 'precondition-failed'
      if (!isRace || round === MOST_ROUNDS) throw error
      current = await Promise.all(current.map(({ id }) => readTask(repository, id)))
    }
  }
}

function isRequested(task: Resource, now: number): boolean {
  const state = submissionState(task, now)
  return state === 'open' || state === 'under-way'
}

/** Each on condition that it is as it was read. @throws FhirError `precondition-failed` when one is not */
export async function writeTasks(
  repository: Repository,
  tasks: readonly StoredTask[],
  change: (task: Resource) => Resource,
): Promise<ReadonlyMap<string, StoredTask>> {
  if (tasks.length === 0) return new Map()
  const outcomes = await repository.transaction(
    tasks.map(({ id, resource }, entry) => ({
      kind: 'update',
      target: { type: 'Task', id },
      resource: change(resource),
      ifMatch: { versions: [versionOf(resource)] },
      entry,
    })),
  )
  return new Map(
    outcomes.map(({ version }, at) => {
      const { id } = tasks[at] as StoredTask
      return [id, { id, resource: parseJson(version?.body as Buffer) as Resource }]
    }),
  )
}

async function readTask(repository: Repository, id: string): Promise<StoredTask> {
  const { body } = await repository.read('Task', id)
  return { id, resource: parseJson(body as Buffer) as Resource }
}

function versionOf({ meta }: Resource): string {
  return String((meta as { readonly versionId?: unknown } | undefined)?.versionId)
}

export function storedTask({ id, resource }: KnownVersion): StoredTask {
  return { id, resource }
}
