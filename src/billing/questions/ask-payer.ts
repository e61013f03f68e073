// Asks payers: each question once, so that a crash at any moment loses none and asks none twice under other numbers.
//
// First one commit makes the question active and writes its Task, which says in which file, under which number and made of
// which versions it is asked, and an answer that says that none has come. Then the file is handed over. Then the Task says
// that it was. Whoever finds a Task that was left in between makes the same bytes again and hands them over under the same
// name.
import { FhirError, formatInstant, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import { NOBODY } from '../../store/index.ts'
import { objectAt, textAt } from '../elements.ts'
import { madeIdentifier, madeName } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { madePlace, writePlanned, writeTo, type PlannedWrite } from '../remittance/made-place.ts'
import { storedTask, type Sending } from '../submission/send-file.ts'
import { submissionState } from '../submission/submission-task.ts'
import { answerName, noAnswerRank, rankIdentifier } from './answer-rank.ts'
import { prepareQuestion, type PreparedQuestion } from './prepare-question.ts'
import { keyOfQuestion, QUESTIONS, type QuestionKind } from './question.ts'
import { questionTask, tasksOfQuestion, type QuestionFile } from './question-task.ts'
import { resumeQuestion, sendQuestion } from './send-question.ts'

/** What became of a question. */
export interface AskedQuestion {
  /** `asked` now; `was-asked` before, or by somebody else who is at it. */
  readonly outcome: 'asked' | 'was-asked'
  /** As it is stored: `queued` until the payer has answered. */
  readonly answer: Resource
}

const MOST_ATTEMPTS = 20

/**
 * Asks what is stored, once: one that was asked is not asked again, unless the payer did not take it on, or its Task is
 * cancelled.
 * @param id of the Claim for preauthorization, or of the CoverageEligibilityRequest
 * @param view what the caller may see
 * @param now milliseconds since 1970
 * @throws FhirError `not-found`; `business-rule` naming the elements at fault; what the transport throws, when it is stored
 *   and waits to be asked again
 */
export async function askPayer(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  { kind, id }: { readonly kind: QuestionKind; readonly id: string },
  now: number,
): Promise<AskedQuestion> {
  const sending: Sending = { repository: repository.askedBy(NOBODY), parts, now }
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const outcome = await askOnce(sending, view, kind, id)
    if (outcome === undefined) continue
    const answer = await madePlace(view, QUESTIONS[kind].answers, answerName(kind, id))
    if (answer.stored !== undefined) return { outcome, answer: answer.stored }
    throw new FhirError('conflict', `The answer to ${keyOfQuestion(kind, id)} is not there any more.`)
  }
  throw new FhirError('overloaded', 'Others are changing the request all the time; try again.')
}

/** undefined: others have changed what was found. */
async function askOnce(
  sending: Sending,
  view: WorldView,
  kind: QuestionKind,
  id: string,
): Promise<AskedQuestion['outcome'] | undefined> {
  const [last] = await tasksOfQuestion(view, kind, id)
  const state = last === undefined ? 'rejected' : submissionState(last.resource, sending.now)
  if (state === 'sent' || state === 'under-way') return 'was-asked'
  if (state === 'open' && last !== undefined) {
    const sent = await resumeQuestion(sending, view, kind, last)
    if (sent?.failure !== undefined) throw sent.failure
    return sent === undefined ? undefined : 'asked'
  }
  const taskId = await begin(sending, view, kind, id)
  const task = taskId === undefined ? undefined : await view.read('Task', taskId)
  if (task === undefined) return undefined
  const { failure } = await sendQuestion(sending, kind, storedTask(task))
  if (failure !== undefined) throw failure
  return 'asked'
}

/** The id of the Task; undefined when somebody else has begun. */
async function begin(
  sending: Sending,
  view: WorldView,
  kind: QuestionKind,
  id: string,
): Promise<string | undefined> {
  let taskId: string | undefined
  await writePlanned(sending.repository, async () => {
    taskId = undefined
    const tasks = await tasksOfQuestion(view, kind, id)
    if (tasks.some(({ resource }) => submissionState(resource, sending.now) !== 'rejected')) return []
    const stored = await view.read(QUESTIONS[kind].asks, id)
    if (stored === undefined)
      throw new FhirError('not-found', `${keyOfQuestion(kind, id)} is not known here.`)
    const prepared = await prepareQuestion(view, kind, stored, sending.parts, sending.now)
    const writes = await beginWrites(sending, view, kind, prepared, tasks.length)
    taskId = writes.find(({ type }) => type === 'Task')?.id
    return writes
  })
  return taskId
}

/** @param earlier how often it was asked before */
async function beginWrites(
  { parts, now }: Sending,
  view: WorldView,
  kind: QuestionKind,
  { question, stored, told, madeOf }: PreparedQuestion,
  earlier: number,
): Promise<readonly PlannedWrite[]> {
  const { settings, numbers } = parts
  const key = keyOfQuestion(kind, stored.id)
  const place = { type: question.resourceType, id: stored.id, stored: stored.resource }
  const activating = writeTo(place, question)
  const taskPlace = await madePlace(view, 'Task', madeName('question', key, String(earlier)))
  if (taskPlace.stored !== undefined) return []
  const version = stored.versionId + (activating.length === 0 ? 0 : 1)
  const file: QuestionFile = {
    kind,
    number: await numbers.next('interchange'),
    sender: settings.sender,
    receiver: told.receiver.partner,
    isTest: settings.isTest,
    at: now,
  }
  const patient = textAt(objectAt(question, 'patient'), 'reference')
  const task = questionTask(
    { file, madeOf: [`${key}/_history/${version}`, ...madeOf] },
    madeName('question', key, String(earlier)),
    patient,
  )
  const name = answerName(kind, stored.id)
  const answerPlace = await madePlace(view, QUESTIONS[kind].answers, name)
  const answer = noAnswerYet(kind, question, key, now)
  return [
    ...activating,
    ...writeTo(taskPlace, task),
    ...writeTo(answerPlace, {
      ...answer,
      identifier: [madeIdentifier(name), rankIdentifier(noAnswerRank(file.number))],
    }),
  ]
}

/** What both kinds of answers say until the payer has said something. */
function noAnswerYet(kind: QuestionKind, question: Resource, key: string, now: number): Resource {
  const same = (name: string, as = name): JsonObject =>
    question[name] === undefined ? {} : { [as]: question[name] }
  return {
    resourceType: QUESTIONS[kind].answers,
    status: 'active',
    ...(kind === 'authorization'
      ? { ...same('type'), use: 'preauthorization' }
      : { ...same('purpose'), ...same('servicedDate'), ...same('servicedPeriod') }),
    ...same('patient'),
    created: formatInstant(now),
    ...same('insurer'),
    ...same('provider', 'requestor'),
    request: { reference: key },
    outcome: 'queued',
  }
}
