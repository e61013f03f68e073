// A question made ready to be asked: whether it may be, to whom it goes, and which versions it is made of.
import { FhirError, type Issue, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { controlNumberOf } from '../claims/index.ts'
import { identifierOfType, objectAt, objectsAt } from '../elements.ts'
import { madeName } from '../made.ts'
import type { BillingParts } from '../parts.ts'
import { SYSTEMS } from '../systems.ts'
import { askingRefusals } from './asking-refusals.ts'
import { isQuestion, keyOfQuestion, QUESTION_NUMBERS, QUESTIONS, type QuestionKind } from './question.ts'
import { tellQuestion, type ToldQuestion } from './tell-question.ts'
import { notedView } from '../submission/noted-view.ts'

export interface PreparedQuestion {
  /** As it is asked: active, and with a number by which payers name it. */
  readonly question: Resource
  /** What is replaced by it; the same where nothing changes. */
  readonly stored: KnownVersion
  readonly told: ToldQuestion
  /** `Type/id/_history/version` of what is told beside it. */
  readonly madeOf: readonly string[]
}

/** @throws FhirError `business-rule` naming the elements at fault, also for what is not to be asked */
export async function prepareQuestion(
  view: WorldView,
  kind: QuestionKind,
  stored: KnownVersion,
  { baseUrl, settings }: Pick<BillingParts, 'baseUrl' | 'settings'>,
  now: number,
): Promise<PreparedQuestion> {
  requireAskable(kind, stored.resource)
  const question = asked(kind, stored)
  const noted = notedView(view)
  const told = await tellQuestion(noted.view, kind, question, baseUrl, settings)
  const refusals = await askingRefusals(view, question, baseUrl, now)
  if (refusals.length > 0) throw new FhirError('business-rule', refusals)
  return { question, stored, told, madeOf: noted.versions() }
}

function requireAskable(kind: QuestionKind, question: Resource): void {
  const type = QUESTIONS[kind].asks
  const issues: Issue[] = []
  const refuse = (expression: string, what: string): void => {
    const diagnostics = `${expression} ${what}.`
    issues.push({ severity: 'error', code: 'business-rule', diagnostics, expression })
  }
  if (question['status'] !== 'draft' && question['status'] !== 'active')
    refuse(`${type}.status`, 'must be draft or active: what is cancelled is not asked')
  if (!isQuestion(kind, { ...question, status: 'active' }))
    refuse('Claim.use', 'must be preauthorization: other claims are submitted')
  if (objectAt(question, 'insurer') === undefined)
    refuse(`${type}.insurer`, 'must name the payer that is asked')
  if (issues.length > 0) throw new FhirError('business-rule', issues)
}

/** The number of a practice's own, where the question has one of type PLAC. */
function asked(kind: QuestionKind, { id, resource }: KnownVersion): Resource {
  const active = { ...resource, status: 'active' }
  if (identifierOfType(resource, 'PLAC') !== undefined) return active
  const number: JsonObject = {
    type: { coding: [{ system: SYSTEMS.identifierType, code: 'PLAC' }] },
    system: QUESTION_NUMBERS,
    value: controlNumberOf(madeName('question-number', keyOfQuestion(kind, id))),
  }
  return { ...active, identifier: [...objectsAt(resource, 'identifier'), number] }
}
