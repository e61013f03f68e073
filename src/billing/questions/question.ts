// What payers are asked beside being sent claims: to authorize services (278), and whether a patient is covered (270).
import type { Resource } from '../../fhir/index.ts'
import type { WorkKind } from '../worklist/index.ts'
import { AUTHORIZATION_GUIDE, INQUIRY_GUIDE } from '../x12/index.ts'

export type QuestionKind = 'authorization' | 'eligibility'

export interface QuestionTerms {
  /** Of the resource that asks, and of the answer to it. */
  readonly asks: 'Claim' | 'CoverageEligibilityRequest'
  readonly answers: 'ClaimResponse' | 'CoverageEligibilityResponse'
  /** `Task.code` of what was asked. */
  readonly work: WorkKind
  readonly description: string
  /** ST01 of the question; files are named by it. */
  readonly set: '278' | '270'
  /** GS01 and GS08. */
  readonly functionalCode: 'HI' | 'HS'
  readonly guide: string
}

export const QUESTIONS: Readonly<Record<QuestionKind, QuestionTerms>> = {
  authorization: {
    asks: 'Claim',
    answers: 'ClaimResponse',
    work: 'authorization-request',
    description: 'A payer is asked to authorize services.',
    set: '278',
    functionalCode: 'HI',
    guide: AUTHORIZATION_GUIDE,
  },
  eligibility: {
    asks: 'CoverageEligibilityRequest',
    answers: 'CoverageEligibilityResponse',
    work: 'eligibility-request',
    description: 'A payer is asked whether a patient is covered.',
    set: '270',
    functionalCode: 'HS',
    guide: INQUIRY_GUIDE,
  },
}

export const QUESTION_KINDS: readonly QuestionKind[] = ['authorization', 'eligibility']

/** `identifier.system` of the number by which payers name a question in their answers (TRN02). */
export const QUESTION_NUMBERS = 'https://alcove.health/fhir/NamingSystem/payer-question-number'

/** `Claim/[id]`, `CoverageEligibilityRequest/[id]`. */
export function keyOfQuestion(kind: QuestionKind, id: string): string {
  return `${QUESTIONS[kind].asks}/${id}`
}

export function isQuestion(kind: QuestionKind, { resourceType, use, status }: Resource): boolean {
  if (resourceType !== QUESTIONS[kind].asks || status === 'entered-in-error') return false
  return kind === 'eligibility' || use === 'preauthorization'
}
