// The Task of a question: in which file it is sent, as what, and made of which versions, so that the same file can be made
// again.
import { FhirError, isInstant, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch, type Expression } from '../../store/index.ts'
import { objectAt, textAt } from '../elements.ts'
import type { TradingPartnerId } from '../parts.ts'
import { paddedNumber } from '../submission/claim-file.ts'
import { X12_GROUP } from '../submission/index.ts'
import { partnerAt, partnerText, told, valuesOf } from '../submission/submission-task.ts'
import { BILLING_TASKS, workTask } from '../worklist/index.ts'
import { QUESTIONS, type QuestionKind } from './question.ts'

/** An interchange of one group of one set of one question. */
export interface QuestionFile {
  readonly kind: QuestionKind
  /** Of the interchange and of its group: 1 to 999999999. */
  readonly number: number
  readonly sender: TradingPartnerId
  readonly receiver: TradingPartnerId
  readonly isTest: boolean
  /** Milliseconds since 1970; told in UTC, to the minute. */
  readonly at: number
}

export interface SentQuestion {
  readonly file: QuestionFile
  /** `Type/id/_history/version`: of the question first, then of all that is told with it. */
  readonly madeOf: readonly [string, ...string[]]
}

/** ST02. */
export const SET_NUMBER = 1

export function fileName({ kind, number }: Pick<QuestionFile, 'kind' | 'number'>): string {
  return `${QUESTIONS[kind].set}-${paddedNumber(number)}.x12`
}

/** The Task, without an id: not handed over yet. */
export function questionTask(
  { file, madeOf }: SentQuestion,
  name: string,
  patient: string | undefined,
): Resource {
  const { kind, number, sender, receiver, isTest, at } = file
  const { work, description } = QUESTIONS[kind]
  const [focus = ''] = madeOf[0].split('/_history/')
  return {
    ...workTask({
      kind: work,
      name,
      focus,
      ...(patient === undefined ? {} : { patient }),
      description,
      now: at,
    }),
    groupIdentifier: { system: X12_GROUP, value: String(number) },
    input: [
      told('sender', { valueString: partnerText(sender) }),
      told('receiver', { valueString: partnerText(receiver) }),
      told('usage', { valueCode: isTest ? 'T' : 'P' }),
      ...madeOf.map((reference) => told('made-of', { valueReference: { reference } })),
    ],
    output: [
      told('interchange', { valueString: paddedNumber(number) }),
      told('group', { valueString: String(number) }),
      told('set', { valueString: String(SET_NUMBER).padStart(4, '0') }),
      told('file', { valueString: fileName(file) }),
    ],
  }
}

/** @throws FhirError `conflict` when somebody has changed it so that it says nothing that can be sent */
export function readQuestion(kind: QuestionKind, task: Resource): SentQuestion {
  const number = numberOf(task)
  const [sender, receiver] = [partnerAt(task, 'sender'), partnerAt(task, 'receiver')]
  const authoredOn = textAt(task, 'authoredOn') ?? ''
  const [first, ...rest] = valuesOf(task, 'made-of').map((one) =>
    textAt(objectAt(one, 'valueReference'), 'reference'),
  )
  const focus = textAt(objectAt(task, 'focus'), 'reference')
  const isWhole = first !== undefined && first.split('/_history/')[0] === focus && !rest.includes(undefined)
  if (!isWhole || sender === undefined || receiver === undefined || !isInstant(authoredOn) || !(number > 0))
    throw new FhirError(
      'conflict',
      `Task/${String(task['id'])} does not say any more what was to be asked: cancel it, and ask anew.`,
    )
  return {
    file: {
      kind,
      number,
      sender,
      receiver,
      isTest: textAt(valuesOf(task, 'usage')[0], 'valueCode') !== 'P',
      at: Date.parse(authoredOn),
    },
    madeOf: [first, ...(rest as string[])],
  }
}

/** The control number of its file; NaN when it names none. */
export function numberOf(task: Resource): number {
  return Number(textAt(objectAt(task, 'groupIdentifier'), 'value'))
}

const MOST_TASKS = 20_000

function tasks(view: WorldView, kind: QuestionKind, where: Expression): Promise<readonly KnownVersion[]> {
  const ours = tokenMatch('code', BILLING_TASKS, QUESTIONS[kind].work)
  return view.every(searchQuery({ type: 'Task', where: and([ours, where]) }), MOST_TASKS)
}

/** Each time that it was asked, the last first. @throws FhirError `too-costly` */
export async function tasksOfQuestion(
  view: WorldView,
  kind: QuestionKind,
  id: string,
): Promise<readonly KnownVersion[]> {
  const found = await tasks(view, kind, localReferenceMatch('focus', [QUESTIONS[kind].asks], id))
  const asked = ({ resource }: KnownVersion): number => Date.parse(textAt(resource, 'authoredOn') ?? '') || 0
  return found.toSorted(
    (one, other) => asked(other) - asked(one) || numberOf(other.resource) - numberOf(one.resource),
  )
}

/** Of the file; there is one. @throws FhirError `too-costly` */
export function tasksOfNumber(
  view: WorldView,
  kind: QuestionKind,
  number: number,
): Promise<readonly KnownVersion[]> {
  return tasks(view, kind, tokenMatch('group-identifier', X12_GROUP, String(number)))
}

/** That are not known to be sent. @throws FhirError `too-costly` */
export function openTasks(view: WorldView, kind: QuestionKind): Promise<readonly KnownVersion[]> {
  return tasks(view, kind, tokenMatch('status', undefined, 'requested'))
}
