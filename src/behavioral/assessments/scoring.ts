// Scores a response: what the answers add up to, what that means, and whether somebody is in danger.
import { FhirError, type Issue, isJsonObject, type Resource } from '../../fhir/index.ts'
import { alertsThatHold } from './alerts-that-hold.ts'
import { bandOf } from './bands.ts'
import { compareClaim } from './claimed-scores.ts'
import { enabledItems } from './enable-when.ts'
import { itemsWithin } from './found-items.ts'
import type { Coding, Instrument, ScoreRule } from './instrument.ts'
import { formulasOn, type ResponseFormulas } from './response-formulas.ts'
import { scoreValue } from './score-value.ts'
import type { RecognisedAnswer, Score, ScoredResponse } from './scored.ts'
import { type UnderstoodResponse, understand } from './understood.ts'

/**
 * Scores a QuestionnaireResponse by its instrument. Where an answer that is needed is missing, a score has no value but
 * a reason; what the response says of its own scores is never believed. The response is not changed.
 * What an expression fails on is told as a warning: a score then has no value, and an alert is taken to hold.
 */
export function scoreResponse(
  instrument: Instrument,
  response: Resource,
  { patient }: { readonly patient: Resource | undefined },
): ScoredResponse {
  const understood = understand(instrument, response)
  const warnings: Issue[] = [...understood.warnings]
  const formulas = formulasOn(instrument, understood.response, patient)
  const enabled = enabledItems(instrument.enabling, understood.response, formulas.evaluate)
  const scores: Score[] = []
  for (const rule of instrument.scores) {
    const missing = missingOf(rule, understood, scores, (linkId) => enabled.isEnabled(linkId))
    const score = scoreBy(rule, missing, formulas, warnings)
    scores.push(score)
    if (score.value !== undefined) place(instrument, understood.response, rule, score.value)
    const claim = understood.claims.get(rule.linkId)
    if (claim !== undefined) warnings.push(...compareClaim(claim, score))
  }
  const alerts = alertsThatHold(instrument, understood, formulas, warnings)
  warnings.push(...enabled.failures)
  return { instrument, scores, alerts, answers: understood.answers, warnings }
}

/** Those of `over` that are asked for and have no answer that the score can be computed from. */
function missingOf(
  { over, type }: ScoreRule,
  { answers }: UnderstoodResponse,
  earlier: readonly Score[],
  isEnabled: (linkId: string) => boolean,
): readonly string[] {
  const isNumeric = type === 'decimal' || type === 'integer'
  return over.filter((linkId) => {
    const answer = answers.get(linkId)
    if (answer !== undefined) return isNumeric && addsNothing(answer)
    const score = earlier.find(({ rule }) => rule.linkId === linkId)
    return score === undefined ? isEnabled(linkId) : score.value === undefined
  })
}

/** An answer without a weight, such as "refused", among others that have one: a sum without it would be wrong. */
function addsNothing({ question, values }: RecognisedAnswer): boolean {
  const isWeighted = question.options.some(({ weight }) => weight !== undefined)
  return isWeighted && values.some(({ option }) => option?.weight === undefined)
}

function scoreBy(
  rule: ScoreRule,
  missing: readonly string[],
  formulas: ResponseFormulas,
  warnings: Issue[],
): Score {
  const told = (what: string, cause: string, element = rule.formula.element): undefined => {
    const diagnostics = `${what} of item '${rule.linkId}' cannot be said: ${cause}`
    warnings.push({ severity: 'warning', code: 'processing', diagnostics, expression: element })
  }
  const { value, absentReason } = outcomeOf(rule, missing, formulas, (cause) => told('The score', cause))
  const seen = isJsonObject(value) ? value.code : value
  formulas.set(rule.variable, seen)
  formulas.set('score', seen)
  const band =
    value === undefined
      ? undefined
      : attempt(
          () => bandOf(rule, value, formulas.evaluate),
          (cause) => told('The band', cause),
        )
  const positive = attempt(
    () => positiveBy(rule, formulas),
    (cause) => told('Whether the screen', cause, rule.positive?.element),
  )
  return {
    rule,
    value,
    missing,
    absentReason,
    band,
    // Answers may show that a screen is positive though there is no score; that it is not, they cannot.
    positive: value === undefined && positive === false ? undefined : positive,
  }
}

/** The value of a score, or why it has none. */
function outcomeOf(
  rule: ScoreRule,
  missing: readonly string[],
  formulas: ResponseFormulas,
  tell: (cause: string) => undefined,
): Pick<Score, 'value' | 'absentReason'> {
  const none = (absentReason: NonNullable<Score['absentReason']>) => ({ value: undefined, absentReason })
  if (missing.length === rule.over.length) return none('not-performed')
  if (missing.length > rule.mostMissing) return none('unknown')
  const yielded = attempt(() => scoreValue(rule, formulas.evaluate(rule.formula)), tell)
  if (yielded === undefined) return none('error')
  const { value, fault } = yielded
  if (fault !== undefined) tell(fault)
  if (value !== undefined) return { value, absentReason: undefined }
  return none(fault !== undefined ? 'error' : missing.length > 0 ? 'unknown' : 'not-applicable')
}

function positiveBy({ positive }: ScoreRule, { evaluate }: ResponseFormulas): boolean | undefined {
  if (positive === undefined) return undefined
  const [holds, another] = evaluate(positive)
  return typeof holds === 'boolean' && another === undefined ? holds : undefined
}

/** What `work` makes; undefined, and the cause told, when an expression fails. */
function attempt<Made>(work: () => Made, tell: (cause: string) => undefined): Made | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof FhirError) return tell(error.message)
    throw error
  }
}

/** Expressions of later scores see it as an answer, as they would in a form. */
function place(
  { items }: Instrument,
  response: Resource,
  { linkId, type }: ScoreRule,
  value: number | Coding | boolean,
): void {
  const property = {
    decimal: 'valueDecimal',
    integer: 'valueInteger',
    choice: 'valueCoding',
    boolean: 'valueBoolean',
  }[type]
  const siblings = itemsWithin(response['item'] as never, items.get(linkId)?.parent)
  siblings.push({ linkId, answer: [{ [property]: value }] })
}
