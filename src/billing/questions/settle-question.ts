// How far the asking of a question came, by the answer that stands and by what receivers said of its file.
import { formatInstant, type Resource } from '../../fhir/index.ts'
import { setAnswersOn } from '../remittance/claim-state.ts'
import { madePlace, writePlanned, writeTo, type PlannedWrite } from '../remittance/made-place.ts'
import type { Settling } from '../remittance/settle-claim.ts'
import { BILLING_TASKS } from '../worklist/index.ts'
import { answerName, isAnswered, numberInRank, rankOf } from './answer-rank.ts'
import { QUESTION_KINDS, QUESTIONS, type QuestionKind } from './question.ts'
import { numberOf, tasksOfQuestion } from './question-task.ts'

type QuestionState = keyof typeof STATES

const STATES = {
  acknowledged: { display: 'Acknowledged', status: 'in-progress' },
  pended: { display: 'Pended', status: 'in-progress' },
  answered: { display: 'Answered', status: 'completed' },
  rejected: { display: 'Rejected', status: 'failed' },
} as const

/**
 * What is to be written of the Tasks of a question; what a person has cancelled stays so.
 * @param answer that stands; undefined where there is none
 */
export function settledTasks(
  tasks: readonly Resource[],
  answer: Resource | undefined,
  now: number,
): readonly PlannedWrite[] {
  const rank = answer === undefined ? '' : rankOf(answer)
  return tasks.flatMap((task) => {
    const isAbout = answer !== undefined && isAnswered(rank) && numberInRank(rank) === numberOf(task)
    const state = (isAbout ? stateByAnswer(answer) : undefined) ?? stateBySet(task)
    if (state === undefined || PUT_AWAY.has(task['status'])) return []
    const { display, status } = STATES[state]
    const wanted: Resource = {
      ...task,
      status,
      businessStatus: { coding: [{ system: BILLING_TASKS, code: state, display }] },
      lastModified: formatInstant(now),
    }
    return writeTo({ type: 'Task', id: String(task['id']), stored: task }, wanted)
  })
}

const PUT_AWAY: ReadonlySet<unknown> = new Set(['cancelled', 'entered-in-error'])

function stateByAnswer({ outcome }: Resource): QuestionState {
  if (outcome === 'error') return 'rejected'
  return outcome === 'complete' ? 'answered' : 'pended'
}

/** By the last 999 of its file; of one minute, the refusal. */
function stateBySet(task: Resource): QuestionState | undefined {
  const answers = setAnswersOn(task)
  const last = answers.at(-1)?.text.split(' ')[0]
  if (last === undefined) return undefined
  const isRefused = answers.some(({ text, accepted }) => text.split(' ')[0] === last && !accepted)
  return isRefused ? 'rejected' : 'acknowledged'
}

/** Of what group a 999 tells; undefined for groups of claims, and others. */
export function questionOfGroup(functionalCode: string): QuestionKind | undefined {
  return QUESTION_KINDS.find((kind) => QUESTIONS[kind].functionalCode === functionalCode)
}

/** Brings the Tasks of a question up to what was said of its files. */
export async function settleQuestion(
  { repository, view, now }: Settling,
  kind: QuestionKind,
  id: string,
): Promise<void> {
  await writePlanned(repository, async () => {
    const { stored } = await madePlace(view, QUESTIONS[kind].answers, answerName(kind, id))
    const tasks = await tasksOfQuestion(view, kind, id)
    return settledTasks(
      tasks.map(({ resource }) => resource),
      stored,
      now,
    )
  })
}
