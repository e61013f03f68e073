// What scoring a response finds.
import type { Issue } from '../../fhir/index.ts'
import type { AlertRule, AnswerValue, Band, Coding, Instrument, Question, ScoreRule } from './instrument.ts'

export type { AnswerValue } from './instrument.ts'

export interface ScoredResponse {
  readonly instrument: Instrument
  /** One for each score of the instrument, in its order. */
  readonly scores: readonly Score[]
  /** Those that hold, in the instrument's order. */
  readonly alerts: readonly AlertRule[]
  /** By linkId of the instrument, in its order; only questions that have an answer which counts. */
  readonly answers: ReadonlyMap<string, RecognisedAnswer>
  /** Of answers that do not count, by their element in the response; of rules that fail, by theirs in the Questionnaire. */
  readonly warnings: readonly Issue[]
}

export interface Score {
  readonly rule: ScoreRule
  /** undefined: there is none, by `absentReason`. */
  readonly value: number | Coding | boolean | undefined
  /** linkIds of those of `rule.over` that are asked for and have no answer that counts, allowed ones too. */
  readonly missing: readonly string[]
  /** Code of http://terminology.hl7.org/CodeSystem/data-absent-reason. */
  readonly absentReason: 'not-performed' | 'unknown' | 'not-applicable' | 'error' | undefined
  readonly band: Band | undefined
  /** undefined: it cannot be said, or there is no such rule. */
  readonly positive: boolean | undefined
}

export interface RecognisedAnswer {
  readonly question: Question
  /** At least one; several only where the question repeats. */
  readonly values: readonly AnswerValue[]
}
