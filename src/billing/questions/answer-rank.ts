// Which of several answers to one question stands: kept on the answer, so that it is the same in whatever order they come.
import { hash } from 'node:crypto'
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { identifierIn } from '../elements.ts'
import { madeName } from '../made.ts'
import { paddedNumber } from '../submission/claim-file.ts'
import { keyOfQuestion, type QuestionKind } from './question.ts'

/** `identifier.system` of an answer's rank. */
const ANSWER_RANKS = 'https://alcove.health/fhir/NamingSystem/payer-answer'

const DECIDED: Readonly<Record<string, number>> = { queued: 1, partial: 2, complete: 3, error: 3 }

/** Of a question that has no answer yet. */
export function noAnswerRank(number: number): string {
  return `${paddedNumber(number)}-0`
}

/**
 * Texts that sort: what answers the question as it was asked last is above the others, then what was answered on a later
 * day, then what is decided above what is pended.
 * @param number of the file that it answers
 * @param said what the payer said
 */
export function answerRank(number: number, response: Resource, said: string): string {
  const decided = DECIDED[String(response['outcome'])] ?? 0
  return [paddedNumber(number), '1', response['created'], decided, said].join('-')
}

export function rankOf(response: Resource): string {
  return identifierIn(response, ANSWER_RANKS) ?? ''
}

export function rankIdentifier(rank: string): JsonObject {
  return { system: ANSWER_RANKS, value: rank }
}

/** The number of the file that an answer is known to be for. */
export function numberInRank(rank: string): number {
  return Number(rank.split('-')[0])
}

export function isAnswered(rank: string): boolean {
  return rank.split('-')[1] === '1'
}

/** One answer is kept to a question, whatever came of it. */
export function answerName(kind: QuestionKind, id: string): string {
  return madeName('payer-answer', keyOfQuestion(kind, id))
}

const LENGTH = 16

/** The same for what says the same, wherever in a file it stands. */
export function saidHash(answer: unknown): string {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    key === 'position' ? undefined : typeof value === 'bigint' ? String(value) : value,
  )
  return hash('sha256', text, 'hex').slice(0, LENGTH)
}
