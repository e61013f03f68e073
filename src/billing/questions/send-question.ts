// Hands a question over whose Task is stored; also one that was left in the middle: the same bytes, under the same name.
import { FhirError, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, Repository, WorldView } from '../../repository/index.ts'
import { NOBODY } from '../../store/index.ts'
import type { BillingParts } from '../parts.ts'
import { pinnedView, versionReader } from '../submission/pinned-view.ts'
import { resumeSubmissions, ResumeTally, takenOver, type Resumed } from '../submission/resume-file.ts'
import {
  handOver,
  storedTask,
  type Sending,
  type SentFile,
  type StoredTask,
} from '../submission/send-file.ts'
import { lastTouched, submissionState } from '../submission/submission-task.ts'
import type { OutgoingFile } from '../transport/index.ts'
import { askingRefusals } from './asking-refusals.ts'
import { QUESTION_KINDS, type QuestionKind } from './question.ts'
import { fileName, numberOf, openTasks, readQuestion } from './question-task.ts'
import { questionFileText, tellQuestion } from './tell-question.ts'

/** The Task is requested, and this sending's own. */
export function sendQuestion(sending: Sending, kind: QuestionKind, task: StoredTask): Promise<SentFile> {
  return handOver(sending, [task], () => fileOf(sending, kind, task))
}

/**
 * undefined when somebody else is faster.
 * @throws FhirError `conflict` when it is not to be asked any more
 */
export async function resumeQuestion(
  sending: Sending,
  view: WorldView,
  kind: QuestionKind,
  task: KnownVersion,
): Promise<SentFile | undefined> {
  await requireTellable(sending, view, kind, task.resource)
  const [taken] = (await takenOver(sending, [storedTask(task)])) ?? []
  return taken && sendQuestion(sending, kind, taken)
}

/** As it is now, and as it is asked. */
async function requireTellable(
  { repository, parts, now }: Sending,
  view: WorldView,
  kind: QuestionKind,
  task: Resource,
): Promise<void> {
  const refuse = (what: string): FhirError =>
    new FhirError(
      'conflict',
      `${what} It is about to be asked: cancel its Task, and ask anew when it may be.`,
    )
  const [own] = readQuestion(kind, task).madeOf
  const [type = '', id = ''] = own.split('/')
  const current = (await view.read(type, id))?.resource
  if (current?.['status'] !== 'active') throw refuse('What is not active any more is not asked.')
  const pinned = (await versionReader(repository)(own))?.resource ?? current
  for (const question of [current, pinned])
    if ((await askingRefusals(view, question, parts.baseUrl, now)).length > 0)
      throw refuse('The payer may not be told of it as consents on file stand now.')
}

async function fileOf(
  { repository, parts }: Sending,
  kind: QuestionKind,
  { resource }: StoredTask,
): Promise<OutgoingFile> {
  const { file, madeOf } = readQuestion(kind, resource)
  const [own, ...others] = madeOf
  const read = versionReader(repository)
  const question = await read(own)
  if (question === undefined) throw new FhirError('conflict', 'What was to be asked is not there any more.')
  const told = await tellQuestion(pinnedView(others, read), kind, question.resource, parts.baseUrl, file)
  return { name: fileName(file), bytes: Buffer.from(questionFileText(file, told), 'latin1') }
}

/**
 * Asks every question whose asking was left in the middle.
 * @param endedBefore milliseconds since 1970: whoever was asking before this moment has ended
 * @throws FhirError when they cannot be looked for
 */
export async function resumeQuestions(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  now: number,
  endedBefore = -Infinity,
): Promise<Resumed> {
  const sending: Sending = { repository: repository.askedBy(NOBODY), parts, now }
  const tally = new ResumeTally()
  for (const kind of QUESTION_KINDS)
    for (const task of await openTasks(view, kind)) {
      const number = numberOf(task.resource)
      const isLeft = submissionState(task.resource, now) === 'open'
      if (!isLeft && lastTouched(task.resource) >= endedBefore) continue
      await tally.attempt(number, () => resumeQuestion(sending, view, kind, task))
    }
  return tally
}

/** Files of claims, and then questions. @throws FhirError when they cannot be looked for */
export async function resumeFiles(...asked: Parameters<typeof resumeSubmissions>): Promise<Resumed> {
  const claims = await resumeSubmissions(...asked)
  const questions = await resumeQuestions(...asked)
  return { sent: [...claims.sent, ...questions.sent], left: [...claims.left, ...questions.left] }
}
