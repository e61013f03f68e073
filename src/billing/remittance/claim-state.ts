// How far a claim that was sent has come, by the answers that there are to it.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { BILLING_TASKS } from '../worklist/index.ts'
import type { ClaimAnswer, TakenOn } from './claim-answers.ts'
import type { ClaimPosition } from './claim-position.ts'

/** `Task.businessStatus` of a claim that was sent. */
export type ClaimState = keyof typeof CLAIM_STATES

const CLAIM_STATES = {
  acknowledged: 'Acknowledged',
  accepted: 'Accepted',
  rejected: 'Rejected',
  paid: 'Paid',
  'partly-paid': 'Partly paid',
  denied: 'Denied',
} as const

/** `Task.businessStatus`; of a claim to which nothing has been answered, that it was sent. */
export function stateConcept(state: ClaimState | undefined): JsonObject {
  const said =
    state === undefined ? { code: 'sent', display: 'Sent' } : { code: state, display: CLAIM_STATES[state] }
  return { coding: [{ system: BILLING_TASKS, ...said }] }
}

/** What a receiver said of a set (999), as it is kept on the Task: the words are ours, numbers the file's. */
export interface SetAnswer {
  readonly accepted: boolean
  /** Sorts by when it was said. */
  readonly text: string
}

const ANSWER = 'answer'
const ACCEPTED = 'accepted'
const REFUSED = 'refused'

export function setAnswersOn(task: Resource): readonly SetAnswer[] {
  return objectsAt(task, 'output')
    .filter((output) => hasCode(objectAt(output, 'type'), ANSWER))
    .map((output) => ({
      text: textAt(output, 'valueString') ?? '',
      accepted: textAt(output, 'valueString')?.split(' ')[1] === ACCEPTED,
    }))
}

/** @param made when the 999 was made, which sorts; @param wrong what is wrong, by codes and places */
export function setAnswerText(made: string, accepted: boolean, wrong: readonly string[]): string {
  return [made, accepted ? ACCEPTED : REFUSED, wrong.join('; ')].join(' ').trimEnd()
}

/** The Task with this said on it too, once; the answers stand in order. */
export function withSetAnswer(task: Resource, text: string): Resource {
  const others = objectsAt(task, 'output').filter((output) => !hasCode(objectAt(output, 'type'), ANSWER))
  const texts = new Set([...setAnswersOn(task).map((one) => one.text), text])
  const answers = [...texts].toSorted().map((valueString) => ({
    type: { coding: [{ system: BILLING_TASKS, code: ANSWER }] },
    valueString,
  }))
  return { ...task, output: [...others, ...answers] }
}

/**
 * The state of each time that a claim was sent, by the Tasks in the order of sending: what payers decide is said of the
 * last. undefined: nothing has been answered to it.
 */
export function statesOf(
  tasks: readonly Resource[],
  answers: readonly ClaimAnswer[],
  position: ClaimPosition,
): readonly (ClaimState | undefined)[] {
  const takenOn = answers.filter((answer) => answer.kind === 'taken-on')
  return tasks.map((task, at) => {
    const isLast = at === tasks.length - 1
    if (isLast && position.state !== undefined) return position.state
    const own = takenOn.filter((answer) => sentOf(answer, tasks) === at)
    return stateByTakenOn(own) ?? stateBySet(setAnswersOn(task))
  })
}

/** Of a claim of which no sending is known here. */
export function stateOf(answers: readonly ClaimAnswer[], position: ClaimPosition): ClaimState | undefined {
  return position.state ?? stateByTakenOn(answers.filter((answer) => answer.kind === 'taken-on'))
}

/** The sending that an answer names; else the last before the answer was made and had come. */
function sentOf({ batch, date, storedAt }: TakenOn, tasks: readonly Resource[]): number {
  const named = tasks.findIndex((task) => batch !== undefined && batchOf(task) === batch)
  if (named >= 0) return named
  const before = tasks.findLastIndex((task) => {
    const sentAt = Date.parse(textAt(task, 'authoredOn') ?? '')
    return !(sentAt > storedAt) && !(sentAt > Date.parse(date) + TOLERANCE_MS)
  })
  return Math.max(before, 0)
}

/** Payers tell a day of their own zone. */
const TOLERANCE_MS = 2 * 24 * 60 * 60_000

/** BHT03 of the file is the control number of its interchange. */
function batchOf(task: Resource): string | undefined {
  const output = objectsAt(task, 'output').find((one) => hasCode(objectAt(one, 'type'), 'interchange'))
  return textAt(output, 'valueString')
}

/** The last of them; of one day, the refusal. */
function stateByTakenOn(answers: readonly TakenOn[]): ClaimState | undefined {
  const last = answers.reduce<string | undefined>(
    (latest, { date }) => (latest === undefined || date > latest ? date : latest),
    undefined,
  )
  if (last === undefined) return undefined
  return answers.some(({ date, accepted }) => date === last && !accepted) ? 'rejected' : 'accepted'
}

/** As `stateByTakenOn`, to the minute. */
function stateBySet(answers: readonly SetAnswer[]): ClaimState | undefined {
  const timeOf = ({ text }: SetAnswer): string => text.split(' ')[0] as string
  const last = answers.map(timeOf).toSorted().at(-1)
  if (last === undefined) return undefined
  return answers.some((one) => timeOf(one) === last && !one.accepted) ? 'rejected' : 'acknowledged'
}
