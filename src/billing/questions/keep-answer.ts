// Keeps what a payer answered to a question: one answer each, the last, and how far the asking came.
import type { Resource } from '../../fhir/index.ts'
import { madeIdentifier } from '../made.ts'
import { objectsAt } from '../elements.ts'
import { madePlace, writePlanned, writeTo } from '../remittance/made-place.ts'
import type { Importing } from '../remittance/import-remittance.ts'
import { closeUnmatched, keepUnmatched } from '../remittance/unmatched.ts'
import { answerName, answerRank, rankIdentifier, rankOf, saidHash } from './answer-rank.ts'
import { findQuestion, type NamedQuestion } from './find-question.ts'
import { QUESTIONS, type QuestionKind } from './question.ts'
import { numberOf, tasksOfQuestion } from './question-task.ts'
import { settledTasks } from './settle-question.ts'

export interface PayerAnswer extends NamedQuestion {
  readonly kind: QuestionKind
  /** All that the payer said. */
  readonly said: unknown
  /** The answer to this question, without an id. @throws FhirError `business-rule` */
  readonly make: (question: Resource) => Resource
}

/**
 * The answer as the payer gave it now; what stands may be a later one. undefined where the question is not known here:
 * then a Task says so.
 * @throws FhirError `business-rule` where the question has not what its answer needs
 */
export async function keepAnswer(importing: Importing, answer: PayerAnswer): Promise<Resource | undefined> {
  const { repository, view, parts, now } = importing
  const { kind, said, make } = answer
  const question = await findQuestion(view, kind, answer, parts.baseUrl)
  const told = saidHash(said)
  if (question === undefined) {
    await keepUnanswered(importing, answer, told)
    return undefined
  }
  await closeUnmatched(importing, told)
  const { id } = question
  const made = make(question.resource)
  const name = answerName(kind, id)
  await writePlanned(repository, async () => {
    const place = await madePlace(view, QUESTIONS[kind].answers, name)
    const tasks = await tasksOfQuestion(view, kind, id)
    const number = numberAnswered(
      answer,
      tasks.map(({ resource }) => numberOf(resource)),
    )
    const rank = answerRank(number, made, told)
    const isLast = place.stored === undefined || rankOf(place.stored) < rank
    const identifier = [...objectsAt(made, 'identifier'), madeIdentifier(name), rankIdentifier(rank)]
    const standing = isLast || place.stored === undefined ? { ...made, identifier } : place.stored
    return [
      ...(isLast ? writeTo(place, standing) : []),
      ...settledTasks(
        tasks.map(({ resource }) => resource),
        standing,
        now,
      ),
    ]
  })
  return made
}

/** The file that the answer names, where it is one of those by which the question was asked; else the last of them. */
function numberAnswered({ reference }: NamedQuestion, numbers: readonly number[]): number {
  const named = /^\d{9}$/.test(reference) ? Number(reference) : undefined
  return numbers.find((one) => one === named) ?? numbers[0] ?? 0
}

async function keepUnanswered(importing: Importing, answer: PayerAnswer, told: string): Promise<void> {
  const { set } = SETS[answer.kind]
  const named = answer.traces.find(({ referenced }) => referenced)?.number ?? answer.reference
  importing.tally.unmatched({ set, controlNumber: named })
  await keepUnmatched(importing, {
    answer: told,
    description: SETS[answer.kind].description,
    findings: [{ code: 'unmatched-answer', text: `Number of what is answered: ${named}` }],
  })
}

const SETS: Readonly<Record<QuestionKind, { readonly set: string; readonly description: string }>> = {
  authorization: {
    set: '278',
    description: 'A payer decided on services of a request that is not known here, or that several may be.',
  },
  eligibility: {
    set: '271',
    description: 'A payer told of coverage to a request that is not known here, or that several may be.',
  },
}
